"""By signal: the integral of a gauge, or the time in a state: ``signal:motor_on``."""

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case

PER_MACHINE = VARIES = True


def weigh(case: Case, run: Run) -> Weight | None:
    """Integral over the slice; None where it was not read all along. [unit × h]"""
    curve = case.facts.curves.get((run.machine, case.argument))
    integral = curve.integral(case.start, case.end) if curve else None
    return None if integral is None else Weight(integral, {f"{case.argument}_h": integral})
