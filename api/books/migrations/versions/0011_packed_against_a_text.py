"""Results' bodies are packed against what nearly every one of them says; old ones stay."""

import zlib

import sqlalchemy as sa
from alembic import op

from api.books.packing import stands_alone, unpacked

revision = "0011"
down_revision = "0010"

_KEY = ("batch", "view", "revision")
_PAGE = 500


def upgrade() -> None:
    """Nothing is another: whoever reads the new ones reads the old ones too."""


def downgrade() -> None:
    """Pack them alone: nobody reads the new ones there."""
    db = op.get_bind()
    results = sa.Table("results", sa.MetaData(), autoload_with=db)
    key = [results.c[name] for name in _KEY]
    own = [column == sa.bindparam(f"of_{column.name}") for column in key]
    last: tuple[str, str, int] = ("", "", 0)
    page = sa.select(*key, results.c.body).order_by(*key).limit(_PAGE)
    while rows := db.execute(page.where(sa.tuple_(*key) > last)).all():
        last = tuple(rows[-1][:3])
        anew = [
            {f"of_{name}": value for name, value in zip(_KEY, row, strict=False)}
            | {"body": zlib.compress(unpacked(row.body), 1)}
            for row in rows
            if not stands_alone(row.body)
        ]
        if anew:
            db.execute(results.update().where(*own), anew)
