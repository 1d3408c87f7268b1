"""By run hours: every machine that runs counts for as long as it runs."""

from decimal import Decimal

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case

PER_MACHINE, VARIES = True, False


def weigh(_case: Case, _run: Run) -> Weight | None:
    """One each: all are on for the whole slice."""
    return Weight(Decimal(1), {})
