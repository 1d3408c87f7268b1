"""By length: each batch's metres, times the part of its run that the slice overlaps."""

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case, over_run

PER_MACHINE = VARIES = False


def weigh(case: Case, run: Run) -> Weight | None:
    """Length ÷ run duration. [m/h]"""
    return over_run(case, run, "length_m", case.facts.quantities.get("length", {}).get(run.batch))
