"""Seals: what was signed, its leaves, the files it names, and to whom it was handed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "seals",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("day", sa.String(10), nullable=False, unique=True),
        sa.Column("made", sa.String(24), nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("signature", sa.String(88), nullable=False),
    )
    op.create_table(
        "seal_leaves",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.String(43), nullable=False),
        sa.PrimaryKeyConstraint("number", "place"),
    )
    op.create_index("seal_leaves_by_name", "seal_leaves", ["kind", "name"])
    op.create_table(
        "seal_files",
        sa.Column("digest", sa.String(43), primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "seal_copies",
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("fault", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("folder", "number"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("seal_copies", "seal_files", "seal_leaves", "seals"):
        op.drop_table(table)
