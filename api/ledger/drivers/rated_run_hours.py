"""By rated run hours: run hours times the machine's rated power."""

from decimal import Decimal

from api.ledger.drivers import Case


def weights(case: Case) -> list[Decimal] | None:
    """Overlap × rated power; None where a machine's is not declared. [kWh]"""
    hours = Decimal((case.end - case.start).total_seconds()) / 3600
    powers = [case.rated_kw.get(run.machine) for run in case.runs]
    return None if None in powers else [hours * power for power in powers if power is not None]
