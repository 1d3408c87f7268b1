"""Row 14: bits flip, files end early, pages are garbage: the spool is damaged and opened again.

What is lost must be declared, with one exception: behind the last record that the file still
shows nobody can know what was there. A WAL that ends early looks like one that was never longer.
"""

import os
import time
from collections.abc import Callable, Collection
from pathlib import Path
from random import Random

from tests.faults import spooled
from tests.faults.hall import Hall, now_ms
from tests.faults.journal_file import epochs
from tests.faults.layout import Layout
from tests.faults.row import Dose, Row
from tests.faults.trial import hall, judged

_PAGE = 4096
_STARTS_S = 30.0
_BACKLOG_S = 1.5
_ARRIVES_S = 10.0

Record = tuple[str, int]
Committed = dict[Record, tuple[str, int]]


def spool(dose: Dose) -> Row:
    """Row 14."""
    drawn, slowest_s = dose.drawn(14), 0.0
    with hall(Layout(bound_s=dose.bound_s)) as one:
        for number in range(dose.times):
            how, damage = _WAYS[(number + dose.seed) % len(_WAYS)]
            one.fresh()
            _backlog(one)
            committed = {n: v for n, v in spooled.numbered(one.spool).items() if v}
            before = _there(one)
            damage(one.spool, drawn)
            began_ms = now_ms()
            one.begin("collector")
            slowest_s = max(slowest_s, one.polled(began_ms, within_s=_STARTS_S))
            one.begin("server")
            one.arrived(began_ms)
            _reported(one, committed, before, how)
        fault = "spool damaged: bits, ends, pages, headers, WAL"
        return judged(14, fault, one, dose.times, slowest_s)


def _backlog(one: Hall) -> None:
    """Readings in the spool alone: some in its file, the newest in its WAL only."""
    one.down("server", 10**6)
    one.watch(_BACKLOG_S)
    one.again("collector")
    one.polled(now_ms())
    one.watch(_BACKLOG_S)
    one.kill("collector")


def _there(one: Hall) -> set[Record]:
    return {(epoch.name, link.seq) for epoch in epochs(one.journal) for link in epoch.links}


def _reported(one: Hall, committed: Committed, before: set[Record], how: str) -> None:
    """What is not in the journal must be declared, and nothing of what was still to come.

    What had come `before` the collector had heard so may be declared: it does not know better.
    """
    patience = time.monotonic() + _ARRIVES_S
    silent, declared, tail = _lost(one, committed)
    while silent | tail and time.monotonic() < patience:
        one.watch(0.5)
        silent, declared, tail = _lost(one, committed)
    if silent:
        one.broken.append(f"{how}: {len(silent)} readings are lost and not declared")
    gone = one.gone()
    came = committed.keys() & (_there(one) - before)
    twice = sum(_is_declared(record, gone) for record in came)
    if twice:
        one.broken.append(f"{how}: {twice} declared gone that are there")
    one.excuses.declared |= {committed[record] for record in declared | tail}
    if declared and not _kept_aside(one.spool):
        one.broken.append(f"{how}: the damaged file was not kept")


def _lost(one: Hall, committed: Committed) -> tuple[set[Record], set[Record], set[Record]]:
    """Readings that are not in the journal: in silence, declared, and behind all that is known."""
    stored, gone = set(one.stored()), one.gone()
    lost = {record for record, value in committed.items() if value not in stored}
    declared = {record for record in lost if _is_declared(record, gone)}
    known = {epoch: 0 for epoch, _ in committed}
    for epoch, seq in (committed.keys() - lost) | declared:
        known[epoch] = max(known[epoch], seq)
    tail = {(epoch, seq) for epoch, seq in lost - declared if seq > known[epoch]}
    return lost - declared - tail, declared, tail


def _is_declared(record: Record, gone: Collection[tuple[str, int, int]]) -> bool:
    return any(own == record[0] and first <= record[1] <= last for own, first, last in gone)


def _kept_aside(spool: Path) -> bool:
    own = {spool, *(spool.with_name(spool.name + end) for end in ("-wal", "-shm", "-journal"))}
    return any(path not in own for path in spool.parent.iterdir())


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
