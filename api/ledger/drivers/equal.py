"""Equal shares: every run counts the same."""

from decimal import Decimal

from api.ledger.drivers import Case


def weights(case: Case) -> list[Decimal] | None:
    """One each."""
    return [Decimal(1) for _ in case.runs]
