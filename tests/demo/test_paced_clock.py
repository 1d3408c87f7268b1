"""The simulated clock, between a real simulator process and agents that wait on it."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from millprint.demo.paced_clock import PacedClock, PaceLine

PATIENCE_S = 10


class Simulator:
    """A simulator in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "millprint.demo.simulator", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def where(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = orjson.loads(self.process.stdout.readline())
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode


@pytest.fixture(scope="module")
def pace() -> Iterator[tuple[str, int]]:
    simulator = Simulator("--seed", "7", "--once")
    host, port = simulator.where()["pace"].split(":")
    yield host, int(port)
    assert simulator.stop() == 0


async def clock_of(pace: tuple[str, int], participants: int, commits: list[int]) -> PacedClock:
    async def commit() -> None:
        commits.append(clock.up_ms())

    clock = await PacedClock.connect(*pace, participants=participants, before_advance=commit)
    return clock


def test_time_passes_only_when_all_participants_wait_and_what_was_read_is_committed_first(
    pace: tuple[str, int],
):
    commits: list[int] = []
    seen: list[tuple[str, int]] = []

    async def poll(clock: PacedClock, name: str, every_ms: int, until_ms: int) -> None:
        due = clock.up_ms()
        while due < until_ms:
            due += every_ms
            await clock.until(due)
            seen.append((name, clock.up_ms()))

    async def scene() -> int:
        clock = await clock_of(pace, 2, commits)
        base = clock.up_ms()
        await asyncio.gather(
            poll(clock, "a", 10_000, base + 60_000), poll(clock, "b", 15_000, base + 60_000)
        )
        await clock.close()
        return base

    base = asyncio.run(asyncio.wait_for(scene(), PATIENCE_S))

    times = sorted({at - base for _, at in seen})
    assert times == [10_000, 15_000, 20_000, 30_000, 40_000, 45_000, 50_000, 60_000]
    assert [at - base for name, at in seen if name == "b"] == [15_000, 30_000, 45_000, 60_000]
    assert [at - base for at in commits] == [0, *times[:-1]]


def test_an_agent_that_comes_back_finds_the_time_where_it_stood(pace: tuple[str, int]):
    async def once() -> tuple[int, int, str]:
        clock = await clock_of(pace, 1, [])
        before = clock.up_ms()
        await clock.until(before + 5_000)
        await clock.close()
        return before, clock.up_ms(), clock.boot()

    first = asyncio.run(asyncio.wait_for(once(), PATIENCE_S))
    second = asyncio.run(asyncio.wait_for(once(), PATIENCE_S))

    assert second[0] == first[1] == first[0] + 5_000
    assert second[2] == first[2]


def test_waiting_for_what_has_passed_returns_at_once(pace: tuple[str, int]):
    async def scene() -> None:
        clock = await clock_of(pace, 2, [])
        await clock.until(clock.up_ms())
        await clock.close()

    asyncio.run(asyncio.wait_for(scene(), PATIENCE_S))


def test_the_truth_is_told_over_the_same_port_and_nonsense_is_refused(pace: tuple[str, int]):
    async def scene() -> tuple[dict[str, Any], dict[str, Any]]:
        line = await PaceLine.connect(*pace)
        answers = await line.truth(), await line.ask({"until_ms": "soon"})
        await line.close()
        return answers

    truth, refused = asyncio.run(asyncio.wait_for(scene(), PATIENCE_S))

    assert truth["seed"] == 7
    assert {"now", "finished", "batches", "utilities", "meters", "unmetered"} <= set(truth)
    assert "refused" in refused


def test_a_simulator_that_is_stopped_while_agents_are_connected_ends_in_silence():
    simulator = Simulator("--seed", "1")
    host, port = simulator.where()["pace"].split(":")

    async def scene() -> tuple[int, str]:
        line = await PaceLine.connect(host, int(port))
        await line.truth()
        simulator.process.send_signal(signal.SIGTERM)
        _, said = await asyncio.to_thread(simulator.process.communicate)
        await line.close()
        return simulator.process.returncode, said

    assert asyncio.run(asyncio.wait_for(scene(), PATIENCE_S)) == (0, "")


def test_an_agent_is_told_when_the_simulator_has_gone():
    simulator = Simulator("--seed", "1")
    host, port = simulator.where()["pace"].split(":")

    async def scene() -> None:
        clock = await clock_of((host, int(port)), 1, [])
        simulator.process.kill()
        simulator.process.communicate(timeout=PATIENCE_S)
        with pytest.raises(ConnectionError):
            await clock.until(clock.up_ms() + 1000)
        await clock.close()

    asyncio.run(asyncio.wait_for(scene(), PATIENCE_S))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--mill", "nowhere.toml"), "no-such-file"),
        (("--tamper", "jet-2-power:+3%"), "tamper-no-such-meter"),
    ],
)
def test_a_bad_argument_is_a_sentence_and_exit_code_2(arguments: tuple[str, ...], said: str):
    simulator = Simulator(*arguments)

    out, err = simulator.process.communicate(timeout=PATIENCE_S)

    assert simulator.process.returncode == 2
    assert out == ""
    assert err.startswith(said)
    assert "Traceback" not in err
