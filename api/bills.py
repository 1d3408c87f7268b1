"""Bills (rule 28): what sellers counted, held against the supply's own meters; explained by people.

Nothing that a batch carries follows from a bill: it is a second witness, and where the two differ
a named person says why.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from api.assemble import plain
from api.books import Books
from api.books.entries import Decision
from api.calendar import midnight
from api.ledger.cuts import SLOT, slot_start
from api.ledger.plant import Supply
from api.report import Reporter
from collector.units import conversion
from collector.wire.reading import parse_stamp, stamp
from collector.wire.suffixes import stored_unit

BILL, NOTE, BY_HAND = "bill", "bill-note", "hand-reading"
AGREES = Decimal("0.02")
"""A bill that differs by no more from the meter asks for no word: ours, not a standard's."""
_PERCENT = Decimal("0.01")
_BILLED: Mapping[str, tuple[str, ...]] = {
    "kWh": ("kWh", "MWh"),
    "kg": ("kg", "t"),
    "m3": ("m3",),
    "m3_0c": ("m3_0c",),
    "m3_20c": ("m3_20c",),
}
UNITS: Mapping[str, str] = {
    "kwh": "kWh", "度": "kWh", "千瓦时": "kWh", "mwh": "MWh", "兆瓦时": "MWh", "kg": "kg",
    "公斤": "kg", "千克": "kg", "t": "t", "吨": "t", "m3": "m3", "m³": "m3",
    "立方米": "m3", "方": "m3",
    "m3_0c": "m3_0c", "m3_20c": "m3_20c",
}  # fmt: skip
"""Units as bills have them. A gas names its reference (rule 4)."""


@dataclass(frozen=True, slots=True)
class Metered:
    """What a supply's meters counted over days.

    Attributes:
        amount: How much; None where nobody read them throughout. [unit]
        unit: The stored one.
        by_hand: Whether some of it follows from readings that were taken by hand.
    """

    amount: Decimal | None
    unit: str
    by_hand: bool = False


def units_of(supply: Supply) -> tuple[str, ...]:
    """Units that a bill of a supply may be in."""
    return _BILLED.get(_unit(supply), ())


class Bills:
    """Every bill that stands, beside what the mill's own meters say."""

    def __init__(self, books: Books, reporter: Reporter) -> None:
        self._books, self._reporter = books, reporter

    def bodies(self, start: date, end: date, now: datetime) -> list[dict[str, Any]]:
        """Bills whose last day lies in ``[start, end)``, by supply and day."""
        notes = self._books.said.standing(NOTE)
        found = []
        for subject, word in sorted(self._books.said.standing(BILL).items()):
            if start <= date.fromisoformat(word.body["last_day"]) < end:
                found.append(self._body(subject, word, notes.get(subject), now))
        return found

    def unbilled(self, start: date, end: date) -> list[str]:
        """Supplies that are bought and have no bill whose last day lies in ``[start, end)``."""
        billed = {
            word.body["supply"]
            for word in self._books.said.standing(BILL).values()
            if start <= date.fromisoformat(word.body["last_day"]) < end
        }
        bought = [one.id for one in self._reporter.plants[-1].supplies if not one.source]
        return [name for name in bought if name not in billed]

    def metered(self, supply: Supply, first: date, last: date) -> Metered:
        """What a supply's meters counted from a day on to the end of another."""
        zone = self._reporter.plants[-1].timezone
        span = midnight(zone, first), midnight(zone, last + timedelta(days=1))
        parts = [self._one(meter, *span) for meter in supply.meters]
        amounts = [amount for amount, _ in parts if amount is not None]
        whole = sum(amounts, Decimal(0)) if len(amounts) == len(parts) else None
        return Metered(whole, _unit(supply), any(by_hand for _, by_hand in parts))

    def checks(self, start: datetime, end: datetime) -> list[dict[str, Any]]:
        """Readings that were taken by hand, beside what the meter itself reported then."""
        found = []
        for word in self._books.said.standing(BY_HAND).values():
            if start <= word.at < end:
                shown = self._reporter.meters.last_before(word.body["meter"], word.at)
                read = Decimal(word.body["value"])
                difference = None if shown is None else plain(read - shown)
                told = {"shown": None if shown is None else plain(shown)}
                found.append(dict(word.body) | told | {"difference": difference, "by": word.by})
        return sorted(found, key=lambda one: (one["meter"], one["at"]))

    def _body(
        self, subject: str, word: Decision, note: Decision | None, now: datetime
    ) -> dict[str, Any]:
        said = word.body
        first, last = (date.fromisoformat(said[name]) for name in ("first_day", "last_day"))
        supplies = {one.id: one for plant in self._reporter.plants for one in plant.supplies}
        supply = supplies[said["supply"]]
        found = self.metered(supply, first, last)
        per = conversion(said["unit"], found.unit)
        billed = Decimal(said["amount"]) * per.numerator / per.denominator
        body = dict(said) | {"bill": subject, "carrier": supply.carrier, "metered_unit": found.unit}
        body |= {"by": word.by, "entered_at": word.entered, "by_hand": found.by_hand}
        over = now < midnight(self._reporter.plants[-1].timezone, last + timedelta(days=1))
        return body | _compared(billed, None if over else found.amount, note)

    def _one(self, meter: str, start: datetime, end: datetime) -> tuple[Decimal | None, bool]:
        measured = self._reporter.meters.each(meter, _slots(start, end))
        if measured is not None and all(piece.complete for piece in measured.slices):
            return sum((piece.counted for piece in measured.slices), Decimal(0)), False
        return self._read_by_hand(meter, start, end), True

    def _read_by_hand(self, meter: str, start: datetime, end: datetime) -> Decimal | None:
        """Between readings somebody took; a register at an instant lies between two of them."""
        points = sorted(
            (parse_stamp(word.body["at"]), Decimal(word.body["value"]))
            for word in self._books.said.standing(BY_HAND).values()
            if word.body["meter"] == meter
        )
        edges = _between(points, start), _between(points, end)
        return None if edges[0] is None or edges[1] is None else edges[1] - edges[0]


def _compared(billed: Decimal, metered: Decimal | None, note: Decision | None) -> dict[str, Any]:
    """A bill beside a meter's amount, both in the stored unit."""
    told: dict[str, Any] = {"billed": plain(billed), "metered": None, "difference": None}
    told |= {"percent": None, "note": None, "state": "not-metered"}
    if metered is None:
        return told
    difference = metered - billed
    share = abs(difference) / billed if billed else Decimal(bool(difference))
    percent = (difference * 100 / billed).quantize(_PERCENT) if billed else None
    told |= {"metered": plain(metered), "difference": plain(difference)}
    told |= {"percent": None if percent is None else plain(percent)}
    stands = note is not None and note.body["difference"] == told["difference"]
    if note is not None:
        told["note"] = {"why": note.why, "by": note.by, "at": note.entered, "stands": stands}
    told["state"] = "agrees" if share <= AGREES else "explained" if stands else "differs"
    return told


def _between(points: Sequence[tuple[datetime, Decimal]], at: datetime) -> Decimal | None:
    """A register on the line between the readings around an instant; None outside of them."""
    for (before, low), (after, high) in pairwise(points):
        if before <= at <= after and low <= high:
            part = Decimal((at - before) // timedelta(milliseconds=1))
            whole = Decimal((after - before) // timedelta(milliseconds=1))
            return (low + (high - low) * part / whole).quantize(Decimal("0.001"))
    return next((value for when, value in points if when == at), None)


def _slots(start: datetime, end: datetime) -> list[datetime]:
    """The period's edges, and those of the quarters of an hour between them."""
    return [start, *_edges(slot_start(start) + SLOT, end), end]


def _edges(at: datetime, end: datetime) -> Iterator[datetime]:
    while at < end:
        yield at
        at += SLOT


def _unit(supply: Supply) -> str:
    return stored_unit(supply.meters[0].partition(".")[2])


def note_of(bill: Mapping[str, Any], by: str, why: str, now: datetime) -> Decision:
    """A person's word about a difference; it stands as long as the difference does."""
    body = {"difference": bill["difference"], "said_at": stamp(now)}
    return Decision(NOTE, bill["bill"], now, body, by, why, "")
