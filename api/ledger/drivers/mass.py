"""By mass: each batch's kilograms, times the part of its run that the slice overlaps."""

from decimal import Decimal

from api.ledger.drivers import Case


def weights(case: Case) -> list[Decimal] | None:
    """Mass × overlap ÷ run duration; None where a mass is not known."""
    found = []
    for run in case.runs:
        mass = case.masses_kg.get(run.batch)
        hours = case.hours.get((run.machine, run.batch))
        if not mass or not hours:
            return None
        found.append(mass / hours)
    return found
