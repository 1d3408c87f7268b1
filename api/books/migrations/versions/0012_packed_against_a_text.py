"""Results' bodies are packed against what nearly every one of them says; old ones stay."""

import zlib

import sqlalchemy as sa
from alembic import op

from api.books.packing import stands_alone, unpacked

revision = "0012"
down_revision = "0011"

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
            {f"of_{name}": value for name, value in zip(_KEY, row, strict=False)} | {"body": body}
            for row in rows
            if (body := _alone(row.body)) is not None
        ]
        if anew:
            db.execute(results.update().where(*own), anew)


def _alone(kept: bytes) -> bytes | None:
    """A body packed alone; None where it is, or where it is damaged and nobody can read it."""
    if stands_alone(kept):
        return None
    try:
        return zlib.compress(unpacked(kept), 1)
    except zlib.error:
        return None
