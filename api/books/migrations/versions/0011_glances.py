"""What lists show of results stands beside them; a change says what a batch weighs by it."""

import sqlalchemy as sa
from alembic import op

from api.books.glances import VIEW, glance_of

revision = "0011"
down_revision = "0010"

_PAGE = 500
_MASSES = ("kg_from", "kg_to")


def upgrade() -> None:
    """Add both, and what is seen of every result that is kept."""
    for name in _MASSES:
        op.add_column("change_lines", sa.Column(name, sa.String(40)))
    glances = op.create_table(
        "glances",
        sa.Column("batch", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("accepted_kg", sa.String(40)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("kgco2e", sa.String(40), nullable=False),
        sa.Column("kgco2e_per_kg", sa.String(40)),
        sa.Column("problems", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("batch", "revision"),
        sqlite_with_rowid=False,
    )
    db = op.get_bind()
    results = sa.table("results", *map(sa.column, ("batch", "view", "revision", "body")))
    query = sa.select(results.c.batch, results.c.revision, results.c.body)
    kept = query.where(results.c.view == VIEW)
    with db.execute(kept, execution_options={"yield_per": _PAGE}) as rows:
        for some in rows.partitions(_PAGE):
            seen = [one for row in some if (one := glance_of(*row)) is not None]
            if seen:
                db.execute(glances.insert(), [one._asdict() for one in seen])


def downgrade() -> None:
    """Take them away: what is seen stands in the results, and so does what a batch weighs."""
    for name in reversed(_MASSES):
        op.drop_column("change_lines", name)
    op.drop_table("glances")
