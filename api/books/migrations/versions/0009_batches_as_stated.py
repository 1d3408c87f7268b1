"""What is said of batches: the first word on each stays, later ones are entries."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Seals name first rows, so they stay as they are; `batches` says what counts now."""
    op.create_table(
        "first_batches",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("article", sa.String(80), nullable=False),
        sa.Column("accepted_kg", sa.String(32)),
        sa.Column("entered", sa.String(24), nullable=False),
        sa.Column("entered_by", sa.String(64), nullable=False),
    )
    op.execute(
        "INSERT INTO first_batches (id, article, accepted_kg, entered, entered_by) "
        "SELECT id, article, accepted_kg, entered, entered_by FROM batches"
    )
    for name in ("colour", "order_no"):
        column = sa.Column(name, sa.String(80), nullable=False, server_default="")
        op.add_column("batches", column)
    op.create_index("batches_by_article", "batches", ["article"])


def downgrade() -> None:
    """What was first said of a batch, and what was said since of the others."""
    op.execute(
        "DELETE FROM batches WHERE EXISTS "
        "(SELECT 1 FROM first_batches WHERE first_batches.id = batches.id)"
    )
    op.drop_index("batches_by_article", "batches")
    for name in ("colour", "order_no"):
        op.drop_column("batches", name)
    op.execute(
        "INSERT INTO batches (id, article, accepted_kg, entered, entered_by) "
        "SELECT id, article, accepted_kg, entered, entered_by FROM first_batches"
    )
    op.drop_table("first_batches")
