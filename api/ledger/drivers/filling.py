"""By filling: by how much the liquor in the machine rose, which is what its baths took of water."""

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case

PER_MACHINE = VARIES = True


def weigh(case: Case, run: Run) -> Weight | None:
    """Sum of the rises of its level; what is drained is no credit. [litre]"""
    liquor = case.facts.curves.get((run.machine, "liquor"))
    litres = liquor.rise(case.start, case.end) if liquor else None
    return None if litres is None else Weight(litres, {"filled_l": litres})
