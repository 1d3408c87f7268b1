"""A demo mill as fast as it goes, into which faults are injected at drawn instants."""

import re
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from millprint.broker import free_port
from millprint.children import Child, python
from millprint.demo.mill_file import SHIPPED_MILL, load
from millprint.demo.stage import Casting, Stage
from millprint.installation import opened
from tests.faults.oracle import EVERY, Verdict, judge, newest
from tests.faults.row import Dose, Row, Unrecovered

_LOOK_S = 0.05
_LONGEST_PAUSE_S = 1.5
_SETTLES_S = 40.0  # what was sent and not accounted for is sent again long before


class Play:
    """One row's mill: real processes, kept alive as ``millprint demo`` keeps them."""

    def __init__(self, stage: Stage, dose: Dose) -> None:
        self.stage = stage
        self._end = time.monotonic() + dose.bound_s
        self._journal = stage.folder / "var" / "journal.db"

    def now(self) -> datetime:
        """The instant at the mill."""
        return datetime.fromisoformat(self.stage.truth()["now"])

    def watch(self, for_s: float) -> None:
        """Let it run for a while; what dies is started again."""
        end = time.monotonic() + for_s
        while time.monotonic() < end:
            bad = self.stage.household.watch()
            if bad:
                raise Unrecovered(f"{bad} refuses its configuration")
            time.sleep(min(_LOOK_S, max(0.0, end - time.monotonic())))

    def arrived(self, after: datetime) -> None:
        """Wait until a reading of every device from after an instant is in the journal."""
        devices = set(self.stage.casting.mill.devices)
        while True:
            self.watch(_LOOK_S)
            there = newest(self._journal) if self._journal.exists() else {}
            if {name for name, at in there.items() if at > after} == devices:
                return
            if time.monotonic() > self._end:
                late = sorted(name for name in devices if there.get(name, after) <= after)
                raise Unrecovered(f"nothing of after {after} from {', '.join(late)}")

    def settled(self, end: datetime) -> Verdict:
        """The verdict up to an instant, once nothing more of before it is to come."""
        mill = self.stage.casting.mill
        patience = time.monotonic() + _SETTLES_S
        while True:
            starts = self.stage.child("collector").starts
            verdict = judge(self._journal, mill.devices, mill.site.start, end, starts)
            if not verdict.lost or time.monotonic() > patience:
                return verdict
            self.watch(0.5)

    def fresh(self) -> None:
        """Treat every fault as the first: a child that died before does not wait longer."""
        for child in self.stage.household.children:
            child.wait_s = 1.0

    def kill(self, name: str) -> None:
        """Kill it with SIGKILL: no word, nothing put away."""
        process = self.stage.child(name).process
        assert process is not None
        process.kill()
        process.wait()

    def trust_puback(self) -> None:
        """From now on the collector takes the broker's word for the journal's: see wiretap."""
        orders, port = self.stage.folder / "orders.json", free_port()
        orders.write_text('{"trust": true}', encoding="ascii")
        path = self.stage.folder / "collector.toml"
        text = path.read_text(encoding="utf-8")
        broker = re.search(r"mqtt://(127\.0\.0\.1:\d+)", text)
        assert broker is not None
        arguments = (str(port), broker[1], str(orders))
        tap = Child("tap", python("tests.faults.wiretap", *arguments))
        tap.start()
        self.stage.household.children.append(tap)
        path.write_text(text.replace(broker[1], f"127.0.0.1:{port}"), encoding="utf-8")
        self.kill("collector")


Fault = Callable[[Play], None]


def play(row: int, fault: str, inject: Fault, dose: Dose) -> Row:
    """Inject a fault so many times, each at an instant drawn after the mill has recovered."""
    drawn = dose.drawn(row)
    mill = load(SHIPPED_MILL)
    casting = Casting(
        mill_file=SHIPPED_MILL, mill=mill, seed=drawn.randrange(10**6), speed=0, once=False
    )
    slowest = 0.0
    with (
        tempfile.TemporaryDirectory() as name,
        opened(Stage(Path(name) / "stage", casting), keep=True) as stage,
    ):
        playing = Play(stage, dose)
        if dose.trust_puback:
            playing.trust_puback()
        playing.arrived(mill.site.start)
        for _ in range(dose.times):
            playing.watch(drawn.uniform(0, _LONGEST_PAUSE_S))
            playing.fresh()
            at, began = playing.now(), time.monotonic()
            inject(playing)
            playing.arrived(at)
            slowest = max(slowest, time.monotonic() - began)
        end = playing.now() - EVERY
        playing.arrived(end)
        verdict = playing.settled(end)
    return Row(row, fault, dose.times, verdict.readings, verdict.lost, verdict.doubled, slowest)
