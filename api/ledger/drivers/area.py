"""By area: each batch's square metres, times the part of its run that the slice overlaps."""

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case, over_run

PER_MACHINE = VARIES = False


def weigh(case: Case, run: Run) -> Weight | None:
    """Area ÷ run duration. [m²/h]"""
    return over_run(case, run, "area_m2", case.facts.quantities.get("area", {}).get(run.batch))
