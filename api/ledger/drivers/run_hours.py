"""By run hours: every machine that runs counts for as long as it runs."""

from decimal import Decimal

from api.ledger.drivers import Case


def weights(case: Case) -> list[Decimal] | None:
    """The overlap of each run with the slice, which is all of it. [h]"""
    hours = Decimal((case.end - case.start).total_seconds()) / 3600
    return [hours for _ in case.runs]
