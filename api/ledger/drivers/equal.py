"""Equal shares: every run counts the same."""

from decimal import Decimal

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case

PER_MACHINE = VARIES = False


def weigh(_case: Case, _run: Run) -> Weight | None:
    """One each."""
    return Weight(Decimal(1), {})
