"""By passes: how often the fabric goes through the machine, over the length of the run."""

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case, over_run

PER_MACHINE = VARIES = False


def weigh(case: Case, run: Run) -> Weight | None:
    """Passes ÷ run duration: those of the batch, else those declared of the process. [1/h]"""
    passes = case.facts.quantities.get("passes", {}).get(run.batch)
    process = case.facts.processes.get(run.process)
    if passes is None and process is not None:
        passes = process.passes
    return over_run(case, run, "passes", passes)
