"""Engines for the tests: a whole file shares two, each test with a site of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from gateway.projections import Engine
from tests.gateway.given import Agent, House, house
from tests.stores.engines import Server
from tests.stores.mill import Projected

settings.register_profile("mill", deadline=None)
settings.load_profile("mill")


@pytest.fixture(scope="session", params=["influx", "victoria"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """A running engine of each kind; nobody may kill it."""
    one = Server(request.param, tmp_path_factory.mktemp(request.param) / "engine")
    yield one
    one.kill()


@pytest.fixture(params=["influx", "victoria"])
def killable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """An engine of each kind, to do with as a test likes."""
    one = Server(request.param, tmp_path / "engine")
    yield one
    one.kill()


@pytest.fixture
def engine(server: Server, request: pytest.FixtureRequest) -> Engine:
    """The shared engine, with a site of this test's own."""
    own = "".join(c if c.isalnum() else "-" for c in request.node.name.lower())
    one = server.engine(own)
    assert one.check() == ()
    return one


@pytest.fixture
def mill(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path / "journal.db") as one:
        yield one


@pytest.fixture
def agent() -> Agent:
    return Agent()


@pytest.fixture
def seen(engine: Engine) -> Callable[[], dict[tuple[str, str], int]]:
    """How many numbers the engine has, by device and point."""
    from tests.gateway.given import FAR, START

    def count() -> dict[tuple[str, str], int]:
        engine.settle()
        found: dict[tuple[str, str], int] = {}
        for (device, point, _), total in engine.totals(START.replace(minute=0), FAR).items():
            found[device, point] = found.get((device, point), 0) + total.numbers
        return found

    return count


@pytest.fixture
def unused_engine(server: Server, tmp_path: Path) -> Engine:
    """An engine where nobody listens."""
    from gateway import projections
    from millprint.broker import free_port

    place = projections.Place("keqiao", tmp_path, "[projections]")
    table = {"url": f"http://127.0.0.1:{free_port()}"}
    return projections.engine_module(server.name).read(table, place)


@pytest.fixture(scope="session")
def projected(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Projected]:
    """Two and a half hours of a mill in an engine, steps and footprints too; only to be read."""
    one = Projected(tmp_path_factory.mktemp("mill"), server)
    one.mill.passes(0, 150)
    one.mill.closes_its_books()
    one.projector.start()
    one.catches_up()
    yield one
    one.close()
