"""People, their sessions and codes, keys that end, the audit log, and what waits for a second."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables."""
    op.add_column("keys", sa.Column("until", sa.String(24)))
    op.add_column("keys", sa.Column("made_by", sa.String(64)))
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("until", sa.String(24)),
        sa.Column("password", sa.String(160)),
        sa.Column("made", sa.String(24), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("removed", sa.String(24)),
    )
    op.create_table(
        "codes",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person", sa.Integer, nullable=False),
        sa.Column("made", sa.String(24), nullable=False),
        sa.Column("until", sa.String(24), nullable=False),
        sa.Column("used", sa.String(24)),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person", sa.Integer, nullable=False),
        sa.Column("opened", sa.String(24), nullable=False),
        sa.Column("seen", sa.String(24), nullable=False),
        sa.Column("until", sa.String(24), nullable=False),
        sa.Column("ended", sa.String(24)),
        sa.Column("address", sa.String(64), nullable=False),
    )
    op.create_index("sessions_by_person", "sessions", ["person"])
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.String(24), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("means", sa.String(32), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.create_index("audit_by_who", "audit", ["who", "number"])
    op.create_index("audit_by_subject", "audit", ["subject", "number"])
    op.create_index("audit_by_time", "audit", ["at"])
    op.create_table(
        "reviews",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("asked_at", sa.String(24), nullable=False),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("asked_role", sa.String(16), nullable=False),
        sa.Column("asked_means", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decided_at", sa.String(24)),
        sa.Column("decided_by", sa.String(64)),
        sa.Column("why", sa.Text),
    )
    op.create_index("reviews_by_state", "reviews", ["state", "number"])


def downgrade() -> None:
    """Forget people, what they did, and when keys end."""
    op.drop_table("reviews")
    op.drop_table("audit")
    op.drop_table("sessions")
    op.drop_table("codes")
    op.drop_table("people")
    op.drop_column("keys", "made_by")
    op.drop_column("keys", "until")
