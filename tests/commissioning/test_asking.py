"""Asking one device once."""

import asyncio
from collections.abc import Sequence

import pytest

from collector import profile_files, toml_files
from collector.bus import BusFault
from collector.devices import Device
from collector.profiles import Table
from millprint.commissioning.asking import Patient, ask
from millprint.commissioning.practice import PracticeMeter
from tests.commissioning.memory_line import MemoryLine

FOLDERS = (toml_files.SHIPPED / "profiles",)
SDM630 = profile_files.load("eastron-sdm630", FOLDERS, "shipped")


class RestingLine(MemoryLine):
    """A line that leaves its units alone for the first few questions."""

    rests = 3

    async def read(
        self, unit: int, table: Table, address: int, count: int, *, pause_ms: int = 0
    ) -> Sequence[int]:
        self.rests -= 1
        if self.rests >= 0:
            raise BusFault("backed-off")
        return await super().read(unit, table, address, count, pause_ms=pause_ms)


def test_an_answer_brings_values_and_the_registers_that_they_came_in():
    line = MemoryLine({7: PracticeMeter(SDM630, lambda: 0.0)})

    answer = asyncio.run(ask(Device("d", "b", 7, SDM630, 1000), line))

    assert answer.values["frequency_hz"] == 50
    assert answer.raw["frequency_hz"] == (0x4248, 0x0000)
    assert answer.bad == {}


def test_a_silent_device_says_why_for_every_point():
    answer = asyncio.run(ask(Device("d", "b", 8, SDM630, 1000), MemoryLine({})))

    assert set(answer.bad.values()) == {"timeout"}
    assert answer.values == {}


def test_a_unit_that_is_left_alone_for_a_while_is_waited_for():
    line = RestingLine({7: PracticeMeter(SDM630, lambda: 0.0)})

    assert asyncio.run(Patient(line).read(7, "input", 70, 2)) == [0x4248, 0x0000]


def test_another_fault_is_not_waited_for():
    with pytest.raises(BusFault, match="timeout"):
        asyncio.run(Patient(MemoryLine({})).read(7, "input", 70, 2))
