"""Results' bodies are kept packed: a third of what they were, and the same bytes when unpacked."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from api.books.packing import packed, unpacked

revision = "0006"
down_revision = "0005"

_NAMES = (
    "batch", "view", "revision", "computed", "reason", "scope_start_ms", "scope_end_ms", "digest",
    "body", "change", "tally", "ended_ms", "kgco2e", "asked", "factors", "plant", "rules",
    "software", "position",
)  # fmt: skip
_PAGE = 500


def upgrade() -> None:
    """Pack every body."""
    _rewrite(sa.LargeBinary(), lambda text: packed(text.encode()))


def downgrade() -> None:
    """Unpack them."""
    _rewrite(sa.Text(), lambda body: unpacked(body).decode())


def _rewrite(kind: sa.types.TypeEngine[Any], written: Callable[[Any], Any]) -> None:
    """The same rows in a table whose bodies are of another kind."""
    db = op.get_bind()
    before = sa.Table("results", sa.MetaData(), autoload_with=db)
    after = op.create_table(
        "results_anew",
        sa.Column("batch", sa.String(40), nullable=False),
        sa.Column("view", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("computed", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(256), nullable=False),
        sa.Column("scope_start_ms", sa.BigInteger, nullable=False),
        sa.Column("scope_end_ms", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", kind, nullable=False),
        sa.Column("change", sa.Integer),
        sa.Column("tally", sa.Integer),
        sa.Column("ended_ms", sa.BigInteger),
        sa.Column("kgco2e", sa.String(40)),
        sa.Column("asked", sa.String(24)),
        sa.Column("factors", sa.String(64)),
        sa.Column("plant", sa.String(64)),
        sa.Column("rules", sa.String(16)),
        sa.Column("software", sa.String(32)),
        sa.Column("position", sa.BigInteger),
        sa.PrimaryKeyConstraint("batch", "view", "revision"),
    )
    query = sa.select(*(before.c[n] for n in _NAMES))
    with db.execute(query, execution_options={"yield_per": _PAGE}) as rows:  # a table in use stays
        for some in rows.mappings().partitions(_PAGE):
            db.execute(after.insert(), [{**row, "body": written(row["body"])} for row in some])
    op.drop_table("results")
    op.rename_table("results_anew", "results")
    op.create_index("results_by_scope", "results", ["scope_end_ms", "scope_start_ms"])
    op.create_index("results_by_end", "results", ["ended_ms"])
    op.create_index("results_by_change", "results", ["change"])
