"""What an agent commits, when windows are asked for at once, when it stops, and read again."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from collector.agent import Agent
from collector.births import birth_of
from collector.bus import Bus
from collector.configuration import Configuration, SpoolSettings
from collector.counting import EVERY_MS
from collector.devices import Device
from collector.mqtt import MqttSettings
from collector.wire.counts import Counts, read_counts
from collector.wire.reading import ClockState, Reading
from tests.collector.playing import device
from tests.collector.spooled import COLLECTOR, SITE, at, books, spool

DEVICE = device("a", 1)


class HandClock:
    """It goes on when a test says so."""

    up = 0

    def now(self):
        return at(0) + timedelta(milliseconds=self.up)

    def state(self) -> ClockState:
        return ClockState.INFORMATIVE

    def boot(self) -> str:
        return "b0"

    def up_ms(self) -> int:
        return self.up

    async def until(self, up_ms: int) -> None:
        await asyncio.sleep(3600)


class Scene:
    """An agent without a broker, whose one meter answers when a test says so."""

    def __init__(self, folder: Path) -> None:
        self.path, self.clock = folder / "a.spool", HandClock()
        self.configuration = Configuration(
            SITE,
            COLLECTOR,
            MqttSettings("mqtt://127.0.0.1:1"),
            SpoolSettings(self.path, 8, 5000),
            (),
            (DEVICE,),
        )
        self.agent = Agent(self.configuration, self.clock)

    def reads(self, up_ms: int) -> None:
        self.clock.up = up_ms
        self.agent._notes.schedule(DEVICE, 1, up_ms)
        reading = Reading("a", self.clock.now(), ClockState.INFORMATIVE, "b0", up_ms, {"p0": 1})
        self.agent._notes.take(reading, up_ms)

    async def stops(self) -> None:
        """As it does where it is asked to."""
        polling = asyncio.create_task(self.agent.poll())
        await asyncio.sleep(0.05)
        polling.cancel()
        with suppress(asyncio.CancelledError):
            await polling

    def counts(self) -> Sequence[Counts]:
        """What the spool says became of all values."""
        one = spool(self.path)
        records = [record for _, record in sorted(books(one).records.items())]
        one.close()
        return [read_counts(record.body) for record in records if record.kind == "counts"]


def good(counts: Iterable[Counts]) -> list[int]:
    return [one.devices["a"].good for one in counts]


def test_a_quarter_is_counted_once_however_many_windows_are_asked_for_at_once(tmp_path: Path):
    scene = Scene(tmp_path)

    async def play() -> None:
        scene.reads(1000)
        scene.reads(EVERY_MS + 1000)
        first = asyncio.create_task(scene.agent.commit())
        await asyncio.sleep(0)  # it is in its thread now
        scene.reads(EVERY_MS + 2000)
        await asyncio.gather(first, scene.agent.commit())
        scene.agent._spool.close()

    asyncio.run(play())

    assert good(scene.counts()) == [1]


def test_a_stop_tells_the_quarter_that_goes_on_though_no_reading_waits(tmp_path: Path):
    scene = Scene(tmp_path)

    async def play() -> None:
        scene.reads(1000)
        await scene.agent.commit()
        await scene.stops()

    asyncio.run(play())

    assert good(scene.counts()) == [1]


def test_what_a_device_refuses_is_known_when_its_bus_is_begun_anew(tmp_path: Path):
    scene = Scene(tmp_path)
    notes = scene.agent._notes
    refusals = notes.refusals(DEVICE)
    refusals.refuse("p0", "exception-2")
    refusals.hold(0)

    notes.learned()

    assert notes.refusals(DEVICE).form() == refusals.form()


def test_what_left_the_configuration_is_not_counted_among_what_refuses(tmp_path: Path):
    scene = Scene(tmp_path)
    notes = scene.agent._notes
    notes.refusals(DEVICE).refuse("p0", "exception-2")
    other: Device = replace(DEVICE, name="b")
    changed = replace(
        scene.configuration, buses=(Bus("c", "tcp", host="127.0.0.1", port=1),), devices=(other,)
    )

    asyncio.run(scene.agent.reload(changed))

    assert birth_of(other).device in scene.agent._births
    assert notes.unreadable == 0


def test_a_window_is_shorter_than_asked_for_where_more_is_read_than_may_wait(tmp_path: Path):
    scene, many = Scene(tmp_path), device("a", 1, every_ms=100, addresses=tuple(range(99)))
    bus = Bus("b", "tcp", host="127.0.0.1", port=1)
    spool = replace(scene.configuration.spool, commit_every_ms=60_000)
    settings = replace(scene.configuration, buses=(bus,), devices=(many,), spool=spool)

    agent = Agent(settings, scene.clock)

    assert agent._window_ms() == 50_000  # 100 values, the reading counted in, ten times a second
