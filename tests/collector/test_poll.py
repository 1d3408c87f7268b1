"""Each device on its grid; a dead one costs the others nothing to speak of."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest

from collector.births import birth_of
from collector.bus import Bus, BusFault, RegisterReader
from collector.devices import Device, Pulse
from collector.modbus import BusConnection
from collector.poll import BusPoller
from collector.profiles import Limits, Profile, ProfilePoint, Register
from collector.wire.reading import ClockState, Kind, Reading
from tests.collector.notebooks import Notebook
from tests.collector.slaves import Slave, registers_pdu, serial_line, tcp

START = datetime(2026, 3, 1, 4, 15, 0, 300_000, tzinfo=UTC)


class PacedClock:
    """A clock that moves only when its one user waits, and stops at `end_ms`."""

    def __init__(self, end_ms: int) -> None:
        self._up = 5_000
        self._end = 5_000 + end_ms
        self.over = asyncio.Event()

    def now(self) -> datetime:
        return START + timedelta(milliseconds=self._up - 5_000)

    def state(self) -> ClockState:
        return ClockState.SYNCHRONISED

    def boot(self) -> str:
        return "boot"

    def up_ms(self) -> int:
        return self._up

    def take(self, ms: int) -> None:
        self._up += ms

    async def until(self, up_ms: int) -> None:
        await asyncio.sleep(0)
        if up_ms > self._end:
            self.over.set()
            await asyncio.Event().wait()
        self._up = max(self._up, up_ms)


class FakeBus(RegisterReader):
    """Answers from a table: words by (unit, address), or the reason of a fault."""

    def __init__(self, clock: PacedClock, answers, *, ms: int = 0, timeout_ms: int = 1000) -> None:
        self.answers = answers
        self.asked: list[tuple[int, int]] = []
        self.closed = False
        self._clock, self._ms, self._timeout_ms = clock, ms, timeout_ms

    async def read(self, unit, table, address, count, *, pause_ms=0):
        await self._clock.until(self._clock.up_ms())
        self.asked.append((unit, address))
        answer = self.answers.get((unit, address), "timeout")
        self._clock.take(self._timeout_ms if answer == "timeout" else self._ms)
        if isinstance(answer, str):
            raise BusFault(answer)
        return answer

    def thinks_us(self, unit):
        return None

    async def close(self) -> None:
        self.closed = True


def device(name: str, unit: int, *, every_ms=1000, addresses=(0,), pulses=()) -> Device:
    points = tuple(
        ProfilePoint(
            f"p{address}_pulses" if pulses else f"p{address}",
            Kind.COUNTER,
            "holding",
            (Register(address, "uint16"),),
            "pulses" if pulses else "",
            Fraction(1),
            "65536",
            "1",
            (),
            (),
            {},
            "",
            "",
        )
        for address in addresses
    )
    profile = Profile("x", "x", "x", "x", 1, "x", Limits(longest_hole=0), None, points)
    return Device(name, "b", unit, profile, every_ms, pulses=pulses)


def polled(devices, answers, *, for_ms: int, **bus) -> tuple[list[Reading], FakeBus]:
    async def scene():
        clock = PacedClock(for_ms)
        fake = FakeBus(clock, answers, **bus)
        notebook = Notebook()
        poller = BusPoller(Bus("b", "tcp"), devices, fake, clock, notebook)
        task = asyncio.create_task(poller.run())
        await clock.over.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return notebook.readings, fake

    return asyncio.run(scene())


def test_slots_begin_at_whole_multiples_of_the_period_and_never_drift():
    readings, bus = polled([device("a", 1)], {(1, 0): [7]}, for_ms=60_000, ms=30)

    slots = [reading.at - timedelta(milliseconds=15) for reading in readings]
    assert slots[0] == datetime(2026, 3, 1, 4, 15, 1, tzinfo=UTC)
    assert {later - earlier for earlier, later in pairwise(slots)} == {timedelta(seconds=1)}
    assert bus.closed


def test_a_reading_is_stamped_in_the_middle_of_its_round_trip():
    (first, *_), _ = polled([device("a", 1)], {(1, 0): [7]}, for_ms=2_000, ms=200)

    assert first.at == datetime(2026, 3, 1, 4, 15, 1, 100_000, tzinfo=UTC)
    assert first.up_ms == 5_000 + 700 + 100
    assert (first.values, first.bad) == ({"p0": 7}, {})


def test_each_device_gets_one_reading_a_slot_of_its_own_period():
    devices = [device("fast", 1), device("slow", 2, every_ms=5_000)]

    readings, _ = polled(devices, {(1, 0): [1], (2, 0): [2]}, for_ms=20_000)

    assert Counter(reading.device for reading in readings) == {"fast": 20, "slow": 4}


def test_a_request_that_is_refused_makes_only_its_points_bad():
    both = device("a", 1, addresses=(0, 50))

    (first, *_), _ = polled([both], {(1, 0): [7], (1, 50): "exception-2"}, for_ms=2_000)

    assert (first.values, first.bad) == ({"p0": 7}, {"p50": "exception-2"})


def test_a_dead_device_is_asked_once_a_slot_then_seldom_and_every_slot_says_why():
    dead = device("dead", 1, addresses=(0, 50, 100))

    readings, bus = polled([dead], {}, for_ms=120_000, timeout_ms=100)

    assert len(readings) == 120
    assert all(set(reading.bad) == {"p0", "p50", "p100"} for reading in readings)
    reasons = [reading.bad["p0"] for reading in readings]
    assert reasons[:3] == ["timeout"] * 3
    assert set(reasons) == {"timeout", "backed-off"}
    assert len(bus.asked) == reasons.count("timeout") <= 12


def test_a_dead_device_costs_the_others_less_than_a_twentieth_of_their_rate():
    devices = [device(f"d{unit}", unit) for unit in range(1, 33)]
    answers = {(unit, 0): [unit] for unit in range(2, 33)}

    readings, _ = polled(devices, answers, for_ms=600_000, ms=30)

    good = sum(1 for reading in readings if reading.values)
    assert good > 0.95 * 31 * 600


def test_a_device_that_comes_back_is_polled_again_within_half_a_minute():
    answers = {}

    class Revived(FakeBus):
        async def read(self, unit, table, address, count, *, pause_ms=0):
            if self._clock.up_ms() > 100_000:
                self.answers[(1, 0)] = [1]
            return await super().read(unit, table, address, count)

    async def scene():
        clock = PacedClock(200_000)
        notebook = Notebook()
        bus = Revived(clock, answers)
        poller = BusPoller(Bus("b", "tcp"), [device("a", 1)], bus, clock, notebook)
        task = asyncio.create_task(poller.run())
        await clock.over.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return notebook.readings

    readings = asyncio.run(scene())
    assert all(reading.values for reading in readings if reading.up_ms > 130_000)


def test_a_request_that_is_never_answered_costs_only_its_own_points():
    partly = device("a", 1, addresses=(0, 50))

    readings, bus = polled([partly], {(1, 50): [7]}, for_ms=120_000, timeout_ms=100)

    assert all(reading.values == {"p50": 7} for reading in readings[1:])
    assert {reading.bad["p0"] for reading in readings} <= {"timeout", "backed-off"}
    assert bus.asked.count((1, 0)) <= 6


def test_a_line_that_is_too_slow_skips_slots_and_starves_nobody():
    devices = [device(f"d{unit}", unit, every_ms=100) for unit in (1, 2, 3)]

    readings, _ = polled(devices, {(unit, 0): [1] for unit in (1, 2, 3)}, for_ms=60_000, ms=100)

    counts = Counter(reading.device for reading in readings)
    assert min(counts.values()) >= max(counts.values()) - 1


def test_pulses_become_the_amount_that_they_are_worth_and_only_their_inputs_are_read():
    gas = (Pulse("volume_m3_0c", "p3", "0.1"),)
    counter = device("gas", 1, addresses=(0, 3), pulses=gas)

    (first, *_), bus = polled([counter], {(1, 3): [1823]}, for_ms=2_000)

    assert first.values == {"volume_m3_0c": 182.3}
    assert set(bus.asked) == {(1, 3)}


def test_a_birth_says_modulus_and_resolution_in_the_stored_unit():
    gas = device("gas", 1, addresses=(0, 3), pulses=(Pulse("volume_m3_0c", "p3", "0.1"),))

    (point,) = birth_of(gas).points

    assert (point.name, point.unit) == ("volume_m3_0c", "m3_0c")
    assert (point.modulus, point.resolution) == ("6553.6", "0.1")


def short(port: int = 0, path: str = "") -> Bus:
    if path:
        return Bus("b", "rtu", device=path, baud=115200, timeout_ms=50)
    return Bus("b", "tcp", host="127.0.0.1", port=port, timeout_ms=50)


async def poll_for_real(bus: Bus, devices) -> list[Reading]:
    clock = PacedClock(5_000)
    notebook = Notebook()
    poller = BusPoller(bus, devices, BusConnection(bus), clock, notebook)
    task = asyncio.create_task(poller.run())
    await clock.over.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return notebook.readings


@pytest.mark.parametrize("line", ["tcp", "serial"])
def test_a_silent_unit_on_a_real_line_leaves_the_others_all_their_readings(line):
    devices = [device("dead", 9), device("a", 1), device("b", 2)]

    async def scene():
        slave = Slave({1: [11], 2: [22]})
        if line == "tcp":
            async with tcp(slave) as port:
                return await poll_for_real(short(port), devices), slave
        async with serial_line(slave) as path:
            return await poll_for_real(short(path=path), devices), slave

    readings, slave = asyncio.run(scene())
    good = Counter((r.device, *r.values.values()) for r in readings if r.values)
    assert good == {("a", 11): 5, ("b", 22): 5}
    reasons = [r.bad["p0"] for r in readings if r.device == "dead"]
    assert reasons[0] == "timeout"
    assert set(reasons) <= {"timeout", "backed-off"}
    assert {code for _, code, _, _ in slave.seen} == {3}


def test_an_exception_of_a_real_device_is_the_reason_of_its_points():
    async def scene():
        slave = Slave(
            answer=lambda _u, code, address, _c: (
                registers_pdu(code, [5]) if address == 0 else bytes((code | 0x80, 2))
            )
        )
        async with tcp(slave) as port:
            return await poll_for_real(short(port), [device("a", 1, addresses=(0, 50))])

    readings = asyncio.run(scene())
    assert len(readings) == 5
    assert all(r.values == {"p0": 5} and r.bad == {"p50": "exception-2"} for r in readings)
