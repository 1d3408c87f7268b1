"""Property tests have no deadline: a busy machine is no fault."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from gateway.journal.store import Store, store_of
from gateway.journal.stores.sqlite import Sqlite
from tests.gateway.given import STORES, Agent, House, house
from tests.postgres import Cluster

settings.register_profile("mill", deadline=None)
settings.load_profile("mill")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL for the session; each test has a database of its own."""
    one = Cluster()
    yield one
    one.close()


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of each kind."""
    if request.param == "sqlite":
        return Sqlite(tmp_path / "journal.db")
    url = request.getfixturevalue("cluster").emptied()
    return store_of(url, tmp_path, "gateway.toml  [journal]")


@pytest.fixture
def mill(store: Store) -> Iterator[House]:
    with house(store) as one:
        yield one


@pytest.fixture
def agent():
    return Agent()
