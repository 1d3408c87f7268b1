"""A hall of meters that remember: real collector, broker and server around them, in real time."""

import json
import os
import signal
import sqlite3
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.books import Books
from millprint.broker import free_port, mosquitto
from millprint.children import Child, Household, python
from tests.faults import layout as layouts
from tests.faults import spooled
from tests.faults.answers import (
    POINT,
    Answer,
    Compared,
    Excuses,
    Span,
    compare,
    device,
    said,
    value_of,
)
from tests.faults.evidence import broken_links, genesis, gone_ranges
from tests.faults.journal_file import Epoch, epochs, sound
from tests.faults.layout import COMMIT_EVERY_MS, SITE, STRANGER, Layout, Ports
from tests.faults.oracle import newest, numbered
from tests.faults.row import Unrecovered

_LOOK_S = 0.1
_SETTLES_S = 40.0  # what was sent and not accounted for is sent again long before
_LONGEST_PAUSE_S = 1.5
_GRACE_MS = 1000  # a commit that was due may take so long on a busy machine


class Hall:
    """Meters, broker, collector and server as real processes, kept running as a house keeps them.

    Args:
        folder: Where everything stands.
        layout: What differs.
    """

    def __init__(self, folder: Path, layout: Layout) -> None:
        self.folder, self.layout = folder, layout
        self.ports = Ports(free_port(), free_port(), free_port(), free_port())
        self.log = folder / "answers.log"
        self.edge, self.office = folder / "edge", folder / "office"
        self.spool, self.journal = self.edge / "edge.spool", self.office / "journal.db"
        self.key = ""
        self.excuses = Excuses()
        self.trusting = False
        self.broken: list[str] = []
        layouts.write(folder, layout, self.ports)
        self.order()
        self._commands = dict(self._programs())
        self.household = Household([self._child(*one) for one in self._commands.items()])

    def order(self, **orders: Any) -> None:
        """Tell the tap what to do from now on."""
        written = self.folder / "orders.new"
        written.write_text(json.dumps(orders), encoding="ascii")
        written.rename(self.folder / "orders.json")

    def child(self, name: str) -> Child:
        """``meters``, ``broker``, ``tap``, ``server`` or ``collector``."""
        return next(child for child in self.household.children if child.name == name)

    def said(self) -> list[Answer]:
        """Everything that the meters have said."""
        return said(self.log)

    def words(self, name: str) -> str:
        """What a program has written into its log."""
        log = self.child(name).log
        return log.read_text(encoding="utf-8", errors="replace") if log and log.exists() else ""

    def watch(self, for_s: float) -> None:
        """Let it run for a while; what dies is started again."""
        end = time.monotonic() + for_s
        while time.monotonic() < end:
            collector = self.child("collector")
            if collector.code is not None and not collector.again_at:
                self.excuse_death(now_ms())
            bad = self.household.watch()
            if bad:
                raise Unrecovered(f"{bad} refuses its configuration: {self.words(bad)[-300:]}")
            time.sleep(min(_LOOK_S, max(0.0, end - time.monotonic())))

    def until(self, fact: Callable[[], bool], what: str, within_s: float | None = None) -> float:
        """Let it run until something is true; how long that took. [s]"""
        began = time.monotonic()
        while not fact():
            if time.monotonic() - began > (within_s or self.layout.bound_s):
                raise Unrecovered(f"{what}: not within {time.monotonic() - began:.0f} s")
            self.watch(_LOOK_S)
        return time.monotonic() - began

    def polled(self, after_ms: int, within_s: float | None = None) -> float:
        """Wait until every meter was asked after an instant; how long that took. [s]"""
        return self.until(
            lambda: self._heard(a.device for a in self.said() if a.up_ms > after_ms),
            "polling",
            within_s,
        )

    def arrived_lately(self, after_ms: int) -> float:
        """The same where the journal is too long to be read again and again. [s]"""
        at = datetime.fromtimestamp(time.time() - (now_ms() - after_ms) / 1000, UTC)

        def there() -> bool:
            if not self.journal.exists():
                return False
            try:
                found = newest(self.journal)
            except sqlite3.OperationalError:
                return False  # it is being laid out
            return self._heard(name for name, last in found.items() if last > at)

        return self.until(there, "delivery")

    def arrived(self, after_ms: int, within_s: float | None = None) -> float:
        """Wait until an answer of every meter from after it is in the journal. [s]"""

        def there() -> bool:
            known = {answer.value: answer for answer in self.said() if answer.up_ms > after_ms}
            return self._heard(known[v].device for v in self.stored() if v in known)

        return self.until(there, "delivery", within_s)

    def _heard(self, devices: Iterator[str]) -> bool:
        return len(set(devices)) == self.layout.meters

    def stored(self) -> list[tuple[str, int]]:
        """The value of every reading of our meters in the journal, whoever brought it."""
        if not self.journal.exists():
            return []
        try:
            values = [value_of(form) for _, form in numbered(self.journal)]
        except sqlite3.OperationalError:
            return []  # it is being laid out
        return [value for value in values if value is not None]

    def kill(self, name: str) -> None:
        """Kill it with SIGKILL: no word, nothing put away."""
        self.signal(name, signal.SIGKILL)
        process = self.child(name).process
        assert process is not None
        process.wait()
        if name == "collector":
            self.excuse_death(now_ms())

    def excuse_death(self, died_ms: int) -> None:
        """A collector died: its last window may be missing, but for what its spool's file holds."""
        self.excuses.spans.append(Span(died_ms - COMMIT_EVERY_MS - _GRACE_MS, died_ms))
        if self.spool.exists():
            self.excuses.committed |= spooled.values(self.spool)

    def excuse_memory(self, stopped_ms: int) -> None:
        """It was stopped while its disk refused: what waited behind the last commit may be missing.

        Commits go in order, so that a hole before the newest that was kept has no excuse.
        """
        kept = spooled.values(self.spool) | set(self.stored())
        before = [one.up_ms for one in self.said() if one.up_ms <= stopped_ms and one.value in kept]
        self.excuses.spans.append(Span(max(before, default=0), stopped_ms))

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid(name), number)

    def pid(self, name: str) -> int:
        """Its process; where strace runs it, not strace's own."""
        process = self.child(name).process
        assert process is not None
        task = Path(f"/proc/{process.pid}/task/{process.pid}")
        if (task / "comm").read_text() != "strace\n":
            return process.pid
        return int((task / "children").read_text().split()[0])

    def again(self, name: str, before: Sequence[str] = ()) -> None:
        """Ask it to end, and start it anew with something else before its command."""
        self.signal(name, signal.SIGTERM)
        process = self.child(name).process
        assert process is not None
        process.wait(timeout=30)
        self.begin(name, before)

    def begin(self, name: str, before: Sequence[str] = ()) -> None:
        """Start what has ended, with something else before its command.

        One question at a time is on the line: the last answer may have come when nobody was there
        to read it.
        """
        if name == "collector":
            self.excuses.unread |= {answer.value for answer in self.said()[-1:]}
        child = self.child(name)
        child.command = [*before, *self._commands[name]]
        child.again_at, child.wait_s = 0.0, 1.0
        child.start()

    def down(self, name: str, for_s: float) -> None:
        """Kill it, and do not start it again before so much time has passed."""
        self.kill(name)
        self.child(name).again_at = time.monotonic() + for_s

    def fresh(self) -> None:
        """Treat every fault as the first: a child that died before does not wait longer."""
        for child in self.household.children:
            child.wait_s = 1.0

    def get(self, path: str) -> Any:
        """Ask the service, as anybody would."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports.pages}/api/v1{path}",
            headers={"Authorization": f"Bearer {self.key}"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def shown(self) -> dict[tuple[str, int], datetime]:
        """The instant that the service shows for each value."""
        found = {}
        span = "from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&limit=10000"
        for unit in range(1, self.layout.meters + 1):
            name = device(unit)
            for one in self.get(f"/points/{name}.{POINT}/readings?{span}")["readings"]:
                if one["value"] is not None:
                    value = name, round(float(one["value"]) * 1000)
                    found[value] = datetime.fromisoformat(one["at"])
        return found

    def missing(self) -> tuple[Answer, ...]:
        """What was said before the last windows, and is not in the journal now."""
        until_ms = now_ms() - 10 * COMMIT_EVERY_MS
        there = self.stored()
        return compare(self.said(), until_ms, self.excuses, there).lost

    def settled(self) -> Compared:
        """What became of all that was said until now, once nothing more of it is to come."""
        until_ms = now_ms()
        patience = time.monotonic() + _SETTLES_S
        while True:
            there = self.stored()  # before what was said, so that this holds all of it
            compared = compare(self.said(), until_ms, self.excuses, there)
            if not compared.lost or time.monotonic() > patience:
                return compared
            self.watch(0.5)

    def declared(self) -> int:
        """How many records were declared gone."""
        return sum(last - first + 1 for _, first, last in self.gone())

    def holes(self) -> int:
        """How many numbers below a watermark neither stand in the journal nor are declared gone."""
        own = epochs(self.journal)  # once: it goes on meanwhile
        gone = {(epoch, seq) for epoch, first, last in _gone(own) for seq in range(first, last + 1)}
        there = {(e.name, link.seq) for e in own for link in e.links}
        due = {(e.name, seq) for e in own for seq in range(1, e.through + 1)}
        return len(due - there - gone)

    def gone(self) -> set[tuple[str, int, int]]:
        """What was declared gone: epoch, first, last."""
        return _gone(epochs(self.journal))

    def faults_of_evidence(self) -> list[str]:
        """What is wrong with the journal itself: its file, its chains."""
        found = [] if sound(self.journal) else ["the journal's file is damaged"]
        for epoch in epochs(self.journal):
            if epoch.collector == STRANGER:
                continue  # its hashes are as false as the rest
            before = genesis(SITE, epoch.collector, epoch.name)
            broken = broken_links(epoch.links, before)
            if broken:
                found.append(f"the chain of {epoch.collector} is broken at {broken[:5]}")
            numbers = [link.seq for link in epoch.links]
            if len(numbers) != len(set(numbers)):
                found.append(f"numbers of {epoch.collector} stand in the journal twice")
        return found

    def _programs(self) -> Iterator[tuple[str, list[str]]]:
        ports, config = self.ports, ("--config", str(self.folder))
        units = str(self.layout.meters)
        yield "meters", python("tests.faults.meters", str(ports.meters), units, str(self.log))
        program = mosquitto()
        if program is None:
            raise Unrecovered("Mosquitto is missing: make setup installs it")
        yield "broker", [program, "-c", str(self.folder / "broker.conf")]
        if self.layout.tapped:
            broker = f"{self.layout.broker_at}:{ports.broker}"
            orders = str(self.folder / "orders.json")
            yield "tap", python("tests.faults.wiretap", str(ports.tap), broker, orders)
        part = () if self.layout.pages else ("--part", "gateway")
        yield "server", python("millprint.roots.server", *config, *part)
        yield "collector", python(*self.layout.collector, *config)

    def _child(self, name: str, command: list[str]) -> Child:
        before = self.layout.before.get(name, ())
        return Child(name, [*before, *command], self.folder / f"{name}.log")

    def open(self) -> None:
        """Start everything, and wait until readings arrive."""
        if self.layout.pages:
            books = Books(f"sqlite:///{self.office}/books.db")
            books.migrate()
            self.key = books.keys.make("faults", "engineer", datetime.now(UTC))
            books.close()
        for child in self.household.children:
            if child.name not in self.layout.down:
                child.start()
        if not self.layout.down:
            self.arrived(0)

    def close(self) -> None:
        """End everything."""
        for child in reversed(self.household.children):
            if child.code is None and child.process is not None:
                self.signal(child.name, signal.SIGTERM)  # strace would keep it to itself
        self.household.stop()


def _gone(own: Iterable[Epoch]) -> set[tuple[str, int, int]]:
    return {span for epoch in own for span in gone_ranges(epoch.others(), epoch.name)}


def now_ms() -> int:
    """The clock of the meters' log. [ms]"""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
