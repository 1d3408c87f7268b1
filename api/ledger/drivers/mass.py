"""By mass: each batch's kilograms, times the part of its run that the slice overlaps."""

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case, over_run

PER_MACHINE = VARIES = False


def weigh(case: Case, run: Run) -> Weight | None:
    """Mass ÷ run duration. [kg/h]"""
    return over_run(case, run, "mass_kg", case.facts.masses_kg.get(run.batch))
