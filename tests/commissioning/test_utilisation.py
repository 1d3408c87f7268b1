"""How busy a bus will be, before anything runs."""

import pytest

from collector import profile_files, toml_files
from collector.bus import Bus
from collector.devices import Device
from millprint.commissioning.utilisation import TCP_MS, THINKING_MS, load_of

SDM630 = profile_files.load("eastron-sdm630", (toml_files.SHIPPED / "profiles",), "shipped")


def sdm(every_ms: int) -> Device:
    return Device("d", "b", 1, SDM630, every_ms)


def test_a_read_at_9600_baud_takes_its_bytes_its_silence_and_the_thinking():
    found = load_of(Bus("b", "rtu", baud=9600), [sdm(10_000)])

    # Two requests, of 12 and 24 registers: 8 + 5 + 2 n bytes of 11 bits, 3.5 of silence each.
    characters = (8 + 5 + 24) + (8 + 5 + 48) + 2 * 3.5
    expected_ms = characters * 11 / 9600 * 1000 + 2 * THINKING_MS
    assert found.slowest_ms == pytest.approx(expected_ms)
    assert found.share == pytest.approx(expected_ms / 10_000)
    assert found.requests_s == pytest.approx(0.2)


def test_devices_of_one_bus_add_up():
    one, five = (load_of(Bus("b", "tcp"), [sdm(1_000)] * count) for count in (1, 5))

    assert five.share == pytest.approx(5 * one.share) == pytest.approx(5 * 2 * TCP_MS / 1_000)


def test_a_bus_without_devices_is_idle():
    assert load_of(Bus("b", "tcp"), []).share == 0
