"""Property tests have no deadline: a busy machine is no fault. And the mill that most tests ask."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.api.given import PLANT, Caller, World, world
from tests.api.stating import NO_PLC

settings.register_profile("mill", deadline=None)
settings.load_profile("mill")


@pytest.fixture(scope="session")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two and a half hours of a mill, with its books closed; nobody may change it."""
    one = world(tmp_path_factory.mktemp("mill") / "config")
    one.passes(0, 150)
    one.closes_its_books()
    one.is_sealed()
    yield one
    one.close()


@pytest.fixture(scope="session")
def ask(mill: World) -> Caller:
    """A caller with an engineer's key."""
    return mill.caller()


@pytest.fixture(scope="session")
def first_hour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The first hour of a mill, which others may begin with."""
    one = world(tmp_path_factory.mktemp("hour") / "config")
    one.passes(0, 60)
    yield one
    one.close()


@pytest.fixture
def fresh(tmp_path: Path, first_hour: World) -> Iterator[Callable[..., World]]:
    """Makes mills that a test may do with as it likes: empty, after an hour, or after another."""
    made: list[World] = []

    def make(
        plant: str = PLANT, *, after_an_hour: bool = False, past: World | None = None
    ) -> World:
        past = first_hour if after_an_hour else past
        made.append(world(tmp_path / f"config-{len(made)}", plant, past))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def hour_without_plc(
    tmp_path_factory: pytest.TempPathFactory, first_hour: World
) -> Iterator[World]:
    """The first hour of a mill whose second jet has no PLC; nobody may change it."""
    one = world(tmp_path_factory.mktemp("kept") / "config", NO_PLC, first_hour)
    one.closes_its_books()
    yield one
    one.close()


@pytest.fixture
def without_plc(tmp_path: Path, hour_without_plc: World) -> Iterator[World]:
    """The same, to do with as a test likes."""
    one = world(tmp_path / "without-plc", NO_PLC, hour_without_plc)
    yield one
    one.close()
