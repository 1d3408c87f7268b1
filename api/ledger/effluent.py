"""Effluent plants (rule 14): what they use and emit goes to those whose wastewater they take.

Methane is IPCC's kg COD removed × B0 × MCF, nitrous oxide kg N × EF × 44/28; the ledger tells
the loads, and the catalogue has the factors by kind of treatment. Only measured loads count: none
is ever invented.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from api.ledger.accounts import Posting
from api.ledger.cuts import slot_start
from api.ledger.gauges import Gauges
from api.ledger.plant import Treatment
from gateway.intervals import Slice

TREATMENTS = ("aerobic", "anaerobic-reactor", "shallow-lagoon", "deep-lagoon")
NITROGEN = "nitrogen_treated"
_MG_PER_L_PER_KG_PER_M3 = Decimal(1000)
_QUANTUM = Decimal("1e-9")


def cod_carrier(kind: str) -> str:
    """The carrier under which COD removed by a treatment is priced."""
    return f"cod_{kind.replace('-', '_')}"


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


def loads(
    treatment: Treatment, slices: Iterable[Slice], gauges: Gauges
) -> tuple[Decimal | None, Decimal | None]:
    """What an effluent plant removed of COD, and took in of nitrogen. [kg, kg]

    Args:
        treatment: What it measures.
        slices: What its volume counter counted in a window.
        gauges: Means by slot.

    Returns:
        None for what is not measured, or not in every slot in which water came.
    """
    cod, nitrogen = Decimal(0), Decimal(0)
    cod_known = treatment.cod_in is not None and treatment.cod_out is not None
    nitrogen_known = treatment.nitrogen_in is not None
    for piece in slices:
        if not piece.amount:
            continue
        into, out, total_n = (
            gauges.get(point or "", {}).get(slot_start(piece.start))
            for point in (treatment.cod_in, treatment.cod_out, treatment.nitrogen_in)
        )
        if into is None or out is None:
            cod_known = False
        else:
            cod += piece.amount * (into - out)
        if total_n is None:
            nitrogen_known = False
        else:
            nitrogen += piece.amount * total_n
    return (
        _kg(max(cod, Decimal(0))) if cod_known else None,
        _kg(nitrogen) if nitrogen_known else None,
    )


def _kg(amount_g: Decimal) -> Decimal:
    return (amount_g / _MG_PER_L_PER_KG_PER_M3).quantize(_QUANTUM)
