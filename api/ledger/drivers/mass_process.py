"""By mass and process: a kilogram counts for as much as the plant declares of its process."""

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case, over_run

PER_MACHINE = VARIES = False


def weigh(case: Case, run: Run) -> Weight | None:
    """Mass × coefficient ÷ run duration; None where the process has no coefficient. [kg/h]"""
    by_mass = over_run(case, run, "mass_kg", case.facts.masses_kg.get(run.batch))
    process = case.facts.processes.get(run.process)
    if by_mass is None or process is None or process.coefficient is None:
        return None
    inputs = {**by_mass.inputs, "coefficient": process.coefficient}
    return Weight(by_mass.value * process.coefficient, inputs)
