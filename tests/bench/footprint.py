"""One footprint: what it takes after a short and a long history, and how soon it is there.

``python -m tests.bench.footprint [DAYS]``. The small mill of the API's tests, eleven devices read
once a minute, goes through the same two and a half hours again and again. Everything is real but
the mill: spool, journal, bookkeeper, HTTP.
"""

import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from collector.wire.reading import Kind, Reading, Value
from tests.api.given import DEVICES, PLANT, Caller, World, at, reading, values, world
from tests.bench.row import Effort, Row, rounded

CYCLE = 150
"""Minutes until everything is again as it was, with other batches."""
_PER_DAY = 1440 // CYCLE
_LEAVES = 40
"""Minute of a cycle at which jet-01's first batch leaves."""
_BATCHES = ("B2601", "C1")
_LIMIT_MS, _LIMIT_S = 50.0, 2.0
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class _Took:
    """What a mill with some history took.

    Attributes:
        report_ms: One footprint, computed from the journal, steam balanced by half hours. [ms]
        by_day_ms: The same with steam balanced by the day. [ms]
        kept_ms: One that is kept, over HTTP; the median. [ms]
        soon_s: From the last reading in the journal to the provisional footprint over HTTP. [s]
    """

    report_ms: float
    by_day_ms: float
    kept_ms: float
    soon_s: float


def measure(effort: Effort) -> list[Row]:
    """Milliseconds of a footprint and seconds of a provisional one, after a long history."""
    return _rows(effort.pick(20 * _PER_DAY, 2), effort.pick(_PER_DAY, 1), effort.runs)


def _rows(many: int, few: int, runs: int) -> list[Row]:
    short, long = _took(few, runs), _took(many, runs)
    after, before = (
        f"after {n * CYCLE / 1440:.3g} days of eleven devices a minute" for n in (many, few)
    )
    return [
        Row(f"one footprint computed from the journal, {after}", long.report_ms, "ms",
            f"the same {before}", short.report_ms, runs),
        Row(f"the same, {after}", long.report_ms, "ms", "the limit", _LIMIT_MS, runs),
        Row(f"the same with steam balanced by the day, {after}", long.by_day_ms, "ms",
            f"the same {before}", short.by_day_ms, runs),
        Row(f"a kept footprint over HTTP, {after}", long.kept_ms, "ms", "the limit", _LIMIT_MS,
            runs),
        Row(f"provisional footprint over HTTP behind its last reading, {after}", long.soon_s, "s",
            "the limit", _LIMIT_S, runs),
    ]  # fmt: skip


def _took(cycles: int, runs: int) -> _Took:
    with tempfile.TemporaryDirectory() as name:
        mill = world(Path(name) / "config")
        try:
            for cycle in range(cycles):
                _passes(mill, cycle * CYCLE, (cycle + 1) * CYCLE)
                mill.writer.pack(mill.clock[0] - timedelta(hours=1))
            mill.closes_its_books()
            reports = [_report_ms(mill, cycles, n) for n in range(max(3, runs))]
            kept = [_kept_ms(mill) for _ in range(max(3, runs))]
            soon = [_soon_s(mill, cycles + n) for n in range(runs)]
            by_day = PLANT.replace('"30min"', '"1d"')
            (mill.folder / "plant" / "2026-01-01.toml").write_text(by_day, encoding="utf-8")
            mill.starts_again()
            days = [_report_ms(mill, cycles, n) for n in range(max(3, runs))]
        finally:
            mill.close()
    return _Took(*map(statistics.median, (reports, days, kept, soon)))


def _passes(mill: World, first: int, end: int) -> None:
    """Every device is read once a minute, from a minute on and before another."""
    mill.sends(*[_reading(d, minute) for minute in range(first, end) for d in DEVICES])
    mill.clock[0] = at(end - 1)


def _reading(device: str, minute: int) -> Reading:
    """What a device shows: counters go on from cycle to cycle, and batches have other names."""
    cycle, within = divmod(minute, CYCLE)
    shown: dict[str, Value] = {}
    for point in DEVICES[device]:
        value, first, last = (values(device, m)[point.name] for m in (within, 0, CYCLE))
        if point.kind is Kind.COUNTER:
            value = float(value) + cycle * (float(last) - float(first))
        elif point.kind is Kind.TEXT and value:
            value = f"{value}-{cycle}"
        shown[point.name] = value
    return reading(device, minute, shown)


def _report_ms(mill: World, cycles: int, number: int) -> float:
    """One of the last batches, anew."""
    batch = f"{_BATCHES[number % len(_BATCHES)]}-{cycles - 1 - number % min(3, cycles)}"
    began = time.perf_counter()
    assert mill.service.reporter.report(batch, "footprint", mill.clock[0]) is not None
    return (time.perf_counter() - began) * 1000


def _kept_ms(mill: World) -> float:
    """The first batch of all: its day is over, and it is final."""
    ask = mill.caller()
    began = time.perf_counter()
    answer = ask.get(f"/batches/{_BATCHES[0]}-0/footprint")
    assert answer.status_code == 200, answer.text
    return (time.perf_counter() - began) * 1000


def _soon_s(mill: World, cycle: int) -> float:
    """A batch leaves while the bookkeeper follows."""
    leaves = cycle * CYCLE + _LEAVES
    _passes(mill, cycle * CYCLE, leaves)
    mill.starts_again()
    mill.service.bookkeeper.start()
    try:
        batch, ask = f"{_BATCHES[0]}-{cycle}", mill.caller()
        _waits(ask, batch, "running")
        mill.clock[0] = at(leaves)
        last = [_reading(device, leaves) for device in DEVICES]
        mill.sends(*last)
        began = time.perf_counter()
        _waits(ask, batch, "provisional")
        return time.perf_counter() - began
    finally:
        mill.service.bookkeeper.stop()
        _passes(mill, leaves + 1, (cycle + 1) * CYCLE)


def _waits(ask: Caller, batch: str, status: str) -> None:
    end = time.monotonic() + _PATIENCE_S
    while True:
        answer = ask.get(f"/batches/{batch}/footprint")
        if answer.status_code == 200 and answer.json()["status"] == status:
            return
        assert time.monotonic() < end, answer.text
        time.sleep(0.01)


def main() -> None:
    """Measure, and say so."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for row in _rows(days * _PER_DAY, _PER_DAY, 3):
        sys.stdout.write(
            f"{row.name}: {rounded(row.value)} {row.unit}; {row.peer}: {rounded(row.peer_value)}\n"
        )


if __name__ == "__main__":
    main()
