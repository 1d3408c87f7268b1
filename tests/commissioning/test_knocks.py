"""Knocking: meters that say nothing where they have no register are found all the same."""

import asyncio
from collections.abc import Callable

import pytest
from rich.progress import Progress
from typing_extensions import override

from collector import profile_files, toml_files
from collector.bus import Bus
from millprint.commands.scan import Search, Unit
from millprint.commissioning import scan
from millprint.commissioning.knocks import knocks
from millprint.commissioning.practice import PracticeMeter
from millprint.demo.modbus_server import Wire, serve_tcp
from tests.commissioning.memory_line import MuteLine

FOLDERS = (toml_files.SHIPPED / "profiles",)
SHIPPED = [profile_files.load(name, FOLDERS, "shipped") for name in profile_files.names(FOLDERS)]
BY_NAME = {profile.name: profile for profile in SHIPPED}
KNOCKS = knocks(SHIPPED)


class Discreet(Wire):
    """Exceptions stay where they are."""

    @override
    def deliver(self, frame: bytes, send: Callable[[bytes], None]) -> None:
        if not frame[7] & 0x80:
            send(frame)


@pytest.mark.parametrize("name", BY_NAME)
def test_every_model_answers_one_of_the_knocks_even_where_it_refuses_nothing(name: str):
    line = MuteLine({7: PracticeMeter(BY_NAME[name], lambda: 1000.0)})

    async def heard() -> bool:
        found = [await scan.listen(line, 7, scan.Silence(), knock) for knock in KNOCKS]
        return any(found)

    assert asyncio.run(heard())


def test_the_knocks_are_few_and_no_two_are_alike():
    assert len(KNOCKS) == len(set(KNOCKS)) < len(SHIPPED) / 2


def scanned(*, mute: bool) -> list[Unit]:
    """A scan of two units behind a socket, of which one says nothing where it has no register."""

    async def scene() -> list[Unit]:
        meters = {name: PracticeMeter(BY_NAME[name], lambda: 1000.0) for name in NAMES}
        endpoint = await serve_tcp(dict(enumerate(meters.values(), 1)), Discreet())
        bus = Bus("b", "tcp", host="127.0.0.1", port=endpoint.port, timeout_ms=20)
        try:
            with Progress(disable=True) as bar:
                return await Search(SHIPPED, mute, bar).units(bus, (1, 2, 3))
        finally:
            endpoint.close()

    return asyncio.run(scene())


NAMES = ("eastron-sdm630", "siemens-pac2200")


def test_a_meter_that_never_refuses_is_found_where_it_has_a_value_if_that_is_asked_for():
    assert [unit.heard.unit for unit in scanned(mute=False)] == [1]

    found = scanned(mute=True)
    assert [unit.heard.unit for unit in found] == [1, 2]
    for unit, name in zip(found, NAMES, strict=True):
        assert unit.identified is not None
        assert name in [fit.profile.name for fit in unit.identified.best]
