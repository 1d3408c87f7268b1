"""Fixed shares, as declared: of the machines that run, each counts for its own."""

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case

PER_MACHINE, VARIES = True, False


def weigh(case: Case, run: Run) -> Weight | None:
    """The machine's share; None where it has none."""
    share = case.shares.get(run.machine)
    return None if share is None else Weight(share, {"share": share})
