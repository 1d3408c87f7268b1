"""Scanning a line: speeds, unit numbers, and devices that do not care about them."""

import asyncio
from collections.abc import Sequence

from collector import profile_files, toml_files
from collector.bus import Bus, BusFault
from collector.profiles import Table
from millprint.commissioning import scan
from millprint.commissioning.practice import PracticeMeter
from tests.commissioning.memory_line import MemoryLine

FOLDERS = (toml_files.SHIPPED / "profiles",)
METER = PracticeMeter(profile_files.load("eastron-sdm120", FOLDERS, "shipped"), lambda: 0.0)
LINE = Bus("line", "rtu", device="/dev/ttyUSB0")


class OneSpeedLine(MemoryLine):
    """A line that is heard at one speed only; at others there is noise."""

    def __init__(self, bus: Bus) -> None:
        super().__init__({3: METER} if (bus.baud, bus.parity) == (2400, "N") else {})
        self.bus = bus

    async def read(
        self, unit: int, table: Table, address: int, count: int, *, pause_ms: int = 0
    ) -> Sequence[int]:
        if self.bus.baud == 4800:
            raise BusFault("garbled")
        return await super().read(unit, table, address, count, pause_ms=pause_ms)


def search(settings: Sequence[Bus], units: Sequence[int]) -> tuple[Bus | None, scan.Silence]:
    silence = scan.Silence()
    found = scan.speed(settings, OneSpeedLine, units, silence, lambda: None)
    return asyncio.run(found), silence


def test_the_speeds_that_meters_leave_their_factory_with_are_all_tried():
    profiles = [profile_files.load(n, FOLDERS, n) for n in profile_files.names(FOLDERS)]

    tried = [(bus.baud, bus.parity) for bus in scan.settings(LINE, profiles)]

    assert tried[0] == (9600, "N")
    assert len(tried) == len(set(tried))
    for profile in profiles:
        delivered = (profile.delivered.baud, profile.delivered.parity)
        assert delivered in tried or not all(delivered), profile.name


def test_the_speed_of_a_line_is_the_first_at_which_anybody_answers():
    found, _ = search(scan.settings(LINE, []), (1, 2, 3))

    assert found is not None
    assert (found.baud, found.parity) == (2400, "N")


def test_a_line_without_anybody_is_silent_and_one_at_another_speed_is_noisy():
    nobody, silence = search([LINE], (1,))
    _, noise = search([Bus("line", "rtu", device="/dev/ttyUSB0", baud=4800)], (1,))

    assert nobody is None
    assert (silence.noisy, noise.noisy) == (False, True)


def test_a_refusal_is_an_answer_too():
    steam = PracticeMeter(profile_files.load("spirax-sarco-tva", FOLDERS, "x"), lambda: 0.0)

    heard = asyncio.run(scan.listen(MemoryLine({8: steam}), 8, scan.Silence()))

    assert heard == scan.Heard(8, "exception-2")


def test_a_tcp_device_that_answers_to_every_number_is_known_as_such():
    alone, behind = MemoryLine(dict.fromkeys(range(256), METER)), MemoryLine({3: METER})

    assert asyncio.run(scan.answers_to_every_number(alone))
    assert not asyncio.run(scan.answers_to_every_number(behind))
