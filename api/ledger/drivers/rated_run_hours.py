"""By rated run hours: run hours times the machine's rated power."""

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case

PER_MACHINE, VARIES = True, False


def weigh(case: Case, run: Run) -> Weight | None:
    """Rated power of the machine; None where it is not declared. [kW]"""
    power = case.facts.rated_kw.get(run.machine)
    return None if power is None else Weight(power, {"rated_kw": power})
