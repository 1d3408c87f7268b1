"""Results are found by when they were computed: what came since somebody looked."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the index."""
    op.create_index("results_by_computed", "results", ["computed"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("results_by_computed", "results")
