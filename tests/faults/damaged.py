"""Row 14: bits flip, files end early, pages are garbage: the spool is damaged and opened again.

What can be known then, and so is promised: a record whose pages are intact is not lost, and not
declared gone. Of the others each below the highest number that an intact page shows is declared,
unless the journal has it. Behind that number nobody can know what was there: a WAL that
ends early looks like one that was never longer.
"""

import os
import time
from collections.abc import Callable, Collection
from pathlib import Path
from random import Random

from tests.faults import spooled
from tests.faults.hall import Hall, now_ms
from tests.faults.intact import Record, Undamaged
from tests.faults.layout import Layout
from tests.faults.row import Dose, Row
from tests.faults.trial import hall, judged

_PAGE = 4096
_STARTS_S = 30.0
_BACKLOG_S = 1.5
_ARRIVES_S = 10.0

Committed = dict[Record, tuple[str, int]]


def spool(dose: Dose) -> Row:
    """Row 14."""
    drawn, slowest_s = dose.drawn(14), 0.0
    times = dose.times if dose.times == 1 else 3 * dose.times  # three times are each way once
    with hall(Layout(bound_s=dose.bound_s)) as one:
        for number in range(times):
            how, damage = _WAYS[(number + dose.seed) % len(_WAYS)]
            one.fresh()
            _backlog(one)
            committed = {n: v for n, v in spooled.numbered(one.spool).items() if v}
            undamaged = Undamaged(one.spool)
            damage(one.spool, drawn)
            held = undamaged.held() & committed.keys()
            began_ms = now_ms()
            one.begin("collector")
            slowest_s = max(slowest_s, one.polled(began_ms, within_s=_STARTS_S))
            one.begin("server")
            one.arrived(began_ms)
            _judged(one, committed, held, how)
        fault = "spool damaged: bits, ends, pages, headers, WAL"
        return judged(14, fault, one, times, slowest_s)


def _backlog(one: Hall) -> None:
    """Readings in the spool alone: some in its file, the newest in its WAL only."""
    one.down("server", 10**6)
    one.watch(_BACKLOG_S)
    one.again("collector")
    one.polled(now_ms())
    one.watch(_BACKLOG_S)
    one.kill("collector")


def _judged(one: Hall, committed: Committed, held: set[Record], how: str) -> None:
    """Wait until nothing more is to come; then say what is not as it was promised."""
    patience = time.monotonic() + _ARRIVES_S
    while _lost(one, committed) - _declared(one, committed) and time.monotonic() < patience:
        one.watch(0.5)
    lost, declared = _lost(one, committed), _declared(one, committed)
    shown = {epoch: max(seq for own, seq in held if own == epoch) for epoch, _ in held}
    tail = {(epoch, seq) for epoch, seq in lost - held if seq > shown.get(epoch, 0)}
    for what, found in (
        ("are lost from intact pages", lost & held),
        ("are declared gone from intact pages", declared & held),
        ("are lost and not declared", lost - held - declared - tail),
    ):
        if found:
            one.broken.append(f"{how}: {len(found)} readings {what}")
    one.excuses.declared |= {committed[record] for record in (lost & declared | tail) - held}
    if declared and not put_aside(one.spool):
        one.broken.append(f"{how}: the damaged file was not kept")


def _lost(one: Hall, committed: Committed) -> set[Record]:
    stored = set(one.stored())
    return {record for record, value in committed.items() if value not in stored}


def _declared(one: Hall, committed: Committed) -> set[Record]:
    gone = one.gone()
    return {record for record in committed if _is_declared(record, gone)}


def _is_declared(record: Record, gone: Collection[tuple[str, int, int]]) -> bool:
    return any(own == record[0] and first <= record[1] <= last for own, first, last in gone)


def put_aside(spool: Path) -> bool:
    """Whether a spool's file was given up, and is kept beside the one that goes on."""
    return any(spool.parent.glob(f"{spool.name}.damaged-*"))


def _wal(spool: Path) -> Path:
    return spool.with_name(spool.name + "-wal")


def _flip(path: Path, drawn: Random) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(drawn.randint(1, 20)):
        content[drawn.randrange(len(content))] ^= 1 << drawn.randrange(8)
    path.write_bytes(content)


def _flip_file(spool: Path, drawn: Random) -> None:
    _flip(spool, drawn)


def _flip_wal(spool: Path, drawn: Random) -> None:
    _flip(_wal(spool), drawn)


def _end_early(spool: Path, drawn: Random) -> None:
    os.truncate(spool, drawn.randrange(spool.stat().st_size))


def _half_wal(spool: Path, drawn: Random) -> None:
    os.truncate(_wal(spool), drawn.randrange(_wal(spool).stat().st_size))


def _no_wal(spool: Path, drawn: Random) -> None:
    _wal(spool).unlink()


def _garbage_pages(spool: Path, drawn: Random) -> None:
    content = bytearray(spool.read_bytes())
    for _ in range(drawn.randint(1, 3)):
        at = drawn.randrange(max(1, len(content) // _PAGE)) * _PAGE
        content[at : at + _PAGE] = drawn.randbytes(_PAGE)
    spool.write_bytes(content)


def _garbage(spool: Path, drawn: Random) -> None:
    spool.write_bytes(drawn.randbytes(spool.stat().st_size))


def _empty(spool: Path, drawn: Random) -> None:
    os.truncate(spool, 0)


def _no_header(spool: Path, drawn: Random) -> None:
    with spool.open("r+b") as file:
        file.write(bytes(100))


_WAYS: tuple[tuple[str, Callable[[Path, Random], None]], ...] = (
    ("bits of the file", _flip_file),
    ("bits of the WAL", _flip_wal),
    ("the file ends early", _end_early),
    ("the WAL ends early", _half_wal),
    ("no WAL", _no_wal),
    ("pages of garbage", _garbage_pages),
    ("a file of garbage", _garbage),
    ("an empty file", _empty),
    ("no header", _no_header),
)
