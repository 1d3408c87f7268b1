"""By liquor: how much of it is in the machine, times how far it was heated."""

from decimal import Decimal

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case

PER_MACHINE = VARIES = True


def weigh(case: Case, run: Run) -> Weight | None:
    """Mean volume × rise in temperature; cooling is no credit. [litre × K]"""
    liquor = case.facts.curves.get((run.machine, "liquor"))
    temperature = case.facts.curves.get((run.machine, "temperature"))
    if liquor is None or temperature is None:
        return None
    litre_hours = liquor.integral(case.start, case.end)
    rise_k = temperature.rise(case.start, case.end)
    if litre_hours is None or rise_k is None:
        return None
    litres = litre_hours * 3600 / Decimal((case.end - case.start).total_seconds())
    return Weight(litres * rise_k, {"liquor_l": litres, "rise_k": rise_k})
