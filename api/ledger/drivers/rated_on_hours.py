"""By rated power and the hours that a drive was on, and what the machine draws besides.

``rated-on-hours:pump_on``: a contact on the drive's contactor is the cheapest signal there is.
"""

from decimal import Decimal

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case

PER_MACHINE = VARIES = True


def weigh(case: Case, run: Run) -> Weight | None:
    """Rated power × hours on + the declared rest × hours; None where a fact is missing. [kWh]"""
    curve = case.facts.curves.get((run.machine, case.argument))
    on_h = curve.integral(case.start, case.end) if curve else None
    rated_kw = case.facts.rated_kw.get(run.machine)
    beside_kw = case.facts.beside_kw.get(run.machine)
    if on_h is None or rated_kw is None or beside_kw is None:
        return None
    beside_kwh = beside_kw * Decimal((case.end - case.start).total_seconds()) / 3600
    inputs = {"rated_kw": rated_kw, f"{case.argument}_h": on_h, "beside_kwh": beside_kwh}
    return Weight(rated_kw * on_h + beside_kwh, inputs)
