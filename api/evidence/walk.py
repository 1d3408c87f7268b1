"""The walk along one epoch: every record in order of number, and what is wrong with it.

What the chain shows by itself is named by the record: changed, moved, added, removed. What it
cannot show, since nobody signs it, shows at the next seal's mark.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from api.evidence.fold import Fold
from api.evidence.ranges import without
from collector.wire import chain
from collector.wire.birth import read_birth
from collector.wire.gone import GoneRange, read_gone
from collector.wire.problem import Problem
from collector.wire.reading import instant, parse_stamp, stamp, unix_ms
from gateway.journal import Chain, Evidence

MOST = 20
"""So many findings of a kind are named of one epoch: the first ones are what matters."""
_SURE_CLOCKS = ("S", "R")  # a reading of another clock may be filed where an anchor puts it


@dataclass(frozen=True, slots=True)
class Mark:
    """What a seal says of an epoch: the fold over it as far as the journal had come."""

    first: int
    last: int
    digest: bytes
    seal: str


class Walk:
    """Takes an epoch's evidence, then says what it found.

    Args:
        site: Whose journal.
        found: The epoch, as the journal describes it.
        where: The journal's file.
        marks: What seals say of the epoch.
    """

    def __init__(self, site: str, found: Chain, where: str, marks: Iterable[Mark]) -> None:
        self.collector, self.epoch = found.collector, found.ack.epoch
        start = chain.genesis(site, self.collector, self.epoch)
        self._fold = Fold(0, start, start)
        self._place = f"{where}  {self.collector}  {self.epoch[:8]}"
        self._marks = sorted(set(marks), key=lambda mark: (mark.last, mark.digest, mark.seal))
        self._holes: list[tuple[int, int, str]] = []
        self._behind: dict[int, tuple[bytes, bytes, dict[str, Any]]] = {}
        self._gone: list[tuple[int, int]] = []
        self._breaks: list[tuple[int, dict[str, Any]]] = []
        self._known_breaks = frozenset(found.broken_at)
        self._findings: list[tuple[int, bool, Problem]] = []
        self._noted: Counter[str] = Counter()
        self._instant = "-"
        self.gone_elsewhere: list[tuple[str, GoneRange]] = []
        self.births: set[str] = set()
        self.born: set[str] = set()

    def take(self, one: Evidence) -> None:
        """The next record."""
        body = _body(one.form)
        if one.seq <= self._fold.at:
            values = self._named(one.seq, body)
            self._note(one.seq, Problem("record-added", self._place, values=values))
            return
        self._pass_marks(one.seq)
        if one.seq > self._fold.at + 1:
            self._holes.append((self._fold.at + 1, one.seq - 1, self._instant))
            self._behind[one.seq - 1] = (one.form, one.h, body)
        follows = self._fold.take(one.seq, one.form, one.h)
        self._instant = str(body.get("at", "-"))
        if body.get("seq") != one.seq:
            values = self._named(one.seq, body) | {"said": str(body.get("seq", "-"))}
            self._note(one.seq, Problem("record-moved", self._place, values=values))
        elif follows is False:
            self._take_break(one.seq, body)
        self._look_at(one, body)

    def end(self, found: Chain, aside: Sequence[tuple[int, int]]) -> list[Problem]:
        """What was found, in order of number.

        Args:
            found: The epoch as the journal describes it after the walk.
            aside: Numbers that messages in quarantine hold.
        """
        through = found.ack.through
        self._pass_marks(through + 1)
        for mark in self._marks:
            values = self._values(mark.last) | {"seal": mark.seal, "through": str(through)}
            self._note(mark.last, Problem("journal-behind-seal", self._place, values=values))
        if self._fold.at < through:
            self._holes.append((self._fold.at + 1, through, self._instant))
        self._note_removed(through, aside)
        self._note_beyond(through)
        self._known_breaks = frozenset(found.broken_at)  # on a live site more may have come
        for seq, body in self._breaks:
            self._note_break(seq, body)
        return [problem for *_, problem in sorted(self._findings, key=lambda found: found[:2])]

    def hear_of_gone(self, span: GoneRange) -> None:
        """Numbers that the collector said will never come; with a hash the chain goes on there."""
        self._gone.append((span.first, span.last))
        behind = self._behind.pop(span.last, None)
        if behind is None or span.h is None:
            return
        form, h, body = behind
        if chain.link(span.h, form) != h:
            self._take_break(span.last + 1, body)

    def _look_at(self, one: Evidence, body: dict[str, Any]) -> None:
        kind = body.get("kind", "reading")
        if kind == "gone":
            self._take_gone(body)
        elif kind == "birth":
            self._take_birth(body)
        elif kind == "reading":
            self.births.add(str(body.get("birth")))
            if one.device != body.get("device") or _filed_elsewhere(one, body):
                filed = {"filed": one.device, "filed_at": _stamped(one.at)}
                values = self._named(one.seq, body) | filed
                self._note(one.seq, Problem("reading-misfiled", self._place, values=values))

    def _take_break(self, seq: int, body: dict[str, Any]) -> None:
        if seq in self._known_breaks:
            self._note_break(seq, body)
        elif len(self._breaks) < MOST:
            self._breaks.append((seq, body))  # judged at the end

    def _take_gone(self, body: dict[str, Any]) -> None:
        try:
            gone = read_gone(body["body"])
        except (ValueError, KeyError):
            return  # if it was one that could be read, its hash shows that it was changed
        for span in gone.ranges:
            if gone.epoch in ("", self.epoch):
                self.hear_of_gone(span)
            else:
                self.gone_elsewhere.append((gone.epoch, span))

    def _take_birth(self, body: dict[str, Any]) -> None:
        try:
            self.born.add(read_birth(body["body"]).hash)
        except (ValueError, KeyError):
            return  # likewise

    def _pass_marks(self, before: int) -> None:
        while self._marks and self._marks[0].last < before:
            mark = self._marks.pop(0)
            if self._fold.value != mark.digest:
                values = self._values(mark.last) | {"first": str(mark.first), "seal": mark.seal}
                self._note(mark.last, Problem("sealed-range-differs", self._place, values=values))
                self._fold.value = mark.digest  # from here on as it was sealed

    def _note_removed(self, through: int, aside: Sequence[tuple[int, int]]) -> None:
        due = [(first, min(last, through)) for first, last, _ in self._holes if first <= through]
        instants = {first: instant for first, _, instant in self._holes}
        instant = "-"
        for first, last in without(due, [*self._gone, *aside]):
            instant = instants.get(first, instant)
            values = self._values(last) | {"first": str(first), "instant": instant}
            self._note(first, Problem("record-removed", self._place, values=values))

    def _note_beyond(self, through: int) -> None:
        """The journal stores a record and raises its watermark at once: one beyond is not its."""
        after = through + 1
        if self._fold.at > through and not any(a <= after <= b for a, b, _ in self._holes):
            values = self._values(after) | {"through": str(through)}
            self._note(after, Problem("record-beyond-watermark", self._place, values=values))

    def _note_break(self, seq: int, body: dict[str, Any]) -> None:
        values = self._named(seq, body)
        if seq in self._known_breaks:
            self._note(seq, Problem("chain-broken-on-arrival", self._place, values=values))
        else:
            self._note(seq, Problem("record-changed", self._place, values=values))

    def _named(self, seq: int, body: dict[str, Any]) -> dict[str, str]:
        return self._values(seq) | {
            "device": str(body.get("device", "-")),
            "instant": str(body.get("at", "-")),
            "kind": str(body.get("kind", "reading")),
        }

    def _values(self, seq: int) -> dict[str, str]:
        return {"collector": self.collector, "epoch": self.epoch, "seq": str(seq)}

    def _note(self, seq: int, problem: Problem) -> None:
        self._noted[problem.code] += 1
        if self._noted[problem.code] <= MOST:
            whole = "seal" in problem.values  # of a range; what names its last record comes first
            self._findings.append((seq, whole, problem))


def _body(form: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(form)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _filed_elsewhere(one: Evidence, body: dict[str, Any]) -> bool:
    if one.at is None or body.get("clock") not in _SURE_CLOCKS:
        return False  # it waits for its time, or an anchor gave it one
    try:
        return one.at != unix_ms(parse_stamp(str(body.get("at"))))
    except ValueError:
        return True


def _stamped(at: int | None) -> str:
    return "-" if at is None else stamp(instant(at))
