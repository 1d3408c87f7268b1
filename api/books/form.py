"""Which form the books have, found without Alembic, for which a running server has no use."""

from pathlib import Path

import sqlalchemy as sa

MIGRATIONS = Path(__file__).parent / "migrations"


def newest() -> str:
    """The number of the newest form; migrations are files in their order."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


def is_newest(engine: sa.Engine) -> bool:
    """Whether the books have it already."""
    if not sa.inspect(engine).has_table("alembic_version"):
        return False
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version"))
        return str(found.scalar()) == newest()
