"""Effluent plants (rule 14): what they use and emit goes to those whose wastewater they take.

Methane is IPCC's kg COD removed × B0 × MCF, nitrous oxide kg N × EF × 44/28; the ledger tells
the loads, and the catalogue has the factors by kind of treatment. Only measured loads count: none
is ever invented.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from api.ledger.accounts import Posting
from api.ledger.cuts import slot_start
from api.ledger.gauges import Gauges
from api.ledger.plant import Treatment
from gateway.intervals import Slice

TREATMENTS = ("aerobic", "anaerobic-reactor", "shallow-lagoon", "deep-lagoon")
_MG_PER_L_PER_KG_PER_M3 = Decimal(1000)
_QUANTUM = Decimal("1e-9")


def cod_carrier(kind: str) -> str:
    """The carrier under which COD removed by a treatment is priced."""
    return f"cod_{kind.replace('-', '_')}"


def nitrogen_carrier(kind: str) -> str:
    """The carrier under which nitrogen that comes into a treatment is priced."""
    return f"nitrogen_{kind.replace('-', '_')}"


def given_loads(
    treatments: Iterable[Treatment], given: Iterable[Posting], gauges: Gauges
) -> dict[tuple[str, datetime], Decimal] | None:
    """Load of the wastewater that each counter gave in each slot: it is shared by volume × COD.

    Args:
        treatments: What the plants that take it measure.
        given: Who gave wastewater in a window.
        gauges: Means by slot.

    Returns:
        COD by counter and slot; None where that of one giver is not known: then volume counts for
        all, as one rung counts for a whole group (rule 7). [mg/l]
    """
    cod_of = {meter: gauge for one in treatments for meter, gauge in one.cod_of}
    found: dict[tuple[str, datetime], Decimal] = {}
    for posting in given:
        slot = slot_start(posting.start)
        load = gauges.get(cod_of.get(posting.meter, ""), {}).get(slot)
        if load is None:
            return None
        found[posting.meter, slot] = load
    return found


class Loads(NamedTuple):
    """What an effluent plant did in a window; None for what is not measured throughout. [kg]"""

    cod_removed: Decimal | None
    cod_discharged: Decimal | None
    nitrogen: Decimal | None


def loads(treatment: Treatment, slices: Iterable[Slice], gauges: Gauges) -> Loads:
    """What a plant removed of COD, what of it left, and what it took in of nitrogen.

    As much water is taken to leave as came in: the counter stands at the inlet.

    Args:
        treatment: What it measures.
        slices: What its volume counter counted in a window.
        gauges: Means by slot.

    Returns:
        None for what is not measured, or not in every slot in which water came.
    """
    came = [piece for piece in slices if piece.amount]

    def load(point: str | None) -> Decimal | None:
        told = gauges.get(point or "", {})
        found = [(piece.amount, told.get(slot_start(piece.start))) for piece in came]
        known = [amount * mg_per_l for amount, mg_per_l in found if mg_per_l is not None]
        whole = point is not None and len(known) == len(found)
        return sum(known, Decimal(0)) if whole else None

    into, out, nitrogen = (
        load(point) for point in (treatment.cod_in, treatment.cod_out, treatment.nitrogen_in)
    )
    removed = None if into is None or out is None else max(into - out, Decimal(0))
    return Loads(*(None if one is None else _kg(one) for one in (removed, out, nitrogen)))


def _kg(amount_g: Decimal) -> Decimal:
    return (amount_g / _MG_PER_L_PER_KG_PER_M3).quantize(_QUANTUM)
