"""By power: what a drive shows of itself, and what the machine draws besides.

``power:drive_kw``, in kilowatts.
"""

from decimal import Decimal

from api.ledger.accounts import Run, Weight
from api.ledger.drivers import Case

PER_MACHINE = VARIES = True


def weigh(case: Case, run: Run) -> Weight | None:
    """Integral of the drive's power and of the declared rest; None where either is missing. [kWh]

    A drive shows nothing of reel and controls. Left out, they are shared as if they went along
    with it, and small machines among large ones get too little.
    """
    curve = case.facts.curves.get((run.machine, case.argument))
    drive_kwh = curve.integral(case.start, case.end) if curve else None
    beside_kw = case.facts.beside_kw.get(run.machine)
    if drive_kwh is None or beside_kw is None:
        return None
    beside_kwh = beside_kw * Decimal((case.end - case.start).total_seconds()) / 3600
    inputs = {f"{case.argument}_h": drive_kwh, "beside_kwh": beside_kwh}
    return Weight(drive_kwh + beside_kwh, inputs)
