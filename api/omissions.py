"""What results leave out, and what named people say that it may come to (rules 18 and 25)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from api.books.entries import Decision
from api.ledger.declared import Omission
from api.ledger.lines import MILLIGRAM

_Body = Mapping[str, Any]


def subject_of(why: str, carrier: str, unit: str) -> str:
    """What an estimate is about, as the books name it."""
    return f"{why}/{carrier}/{unit}"


def left_out(bodies: Iterable[_Body], estimates: Sequence[Decision]) -> list[Omission]:
    """What footprints leave out, summed, each with the last estimate of what it may come to.

    Args:
        bodies: The footprints.
        estimates: Entries of kind ``exemption``, in their order.
    """
    amounts: dict[tuple[str, str, str], Decimal] = {}
    for one in (one for body in bodies for one in body["exempted"]):
        key = (one["why"], one["carrier"], one["unit"])
        amounts[key] = amounts.get(key, Decimal(0)) + Decimal(one["amount"])
    last = {one.subject: one for one in estimates}
    return [
        _omission(key, amount, last.get(subject_of(*key)))
        for key, amount in sorted(amounts.items())
    ]


def _omission(key: tuple[str, str, str], amount: Decimal, said: Decision | None) -> Omission:
    why, carrier, unit = key
    if said is None:
        # Nothing of it is nothing whatever it is worth.
        return Omission(why, carrier, unit, amount, None if amount else Decimal(0))
    kgco2e = (amount * Decimal(said.body["kgco2e_per_unit"])).quantize(MILLIGRAM)
    return Omission(why, carrier, unit, amount, kgco2e, said.evidence)
