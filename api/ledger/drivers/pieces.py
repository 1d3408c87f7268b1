"""By pieces: how many each batch has, times the part of its run that the slice overlaps."""

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case, over_run

PER_MACHINE = VARIES = False


def weigh(case: Case, run: Run) -> Weight | None:
    """Pieces ÷ run duration. [1/h]"""
    return over_run(case, run, "pieces", case.facts.quantities.get("pieces", {}).get(run.batch))
