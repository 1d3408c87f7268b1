"""Balancing windows, as the plant's files write them: ``30min``, ``8h``, ``1d``, ``month``."""

from datetime import timedelta

from api.ledger.cuts import SLOT
from api.plant.findings import Findings
from api.plant.units import duration

_DAY = timedelta(days=1)
_MONTH = "month"


def read_window(
    text: str | None, findings: Findings, where: str, *, monthly: bool
) -> timedelta | None:
    """The length of a window; None: the calendar month, which is an effluent plant's usual one."""
    if text == _MONTH or (text is None and monthly):
        return None
    over = duration(text or "1d", f"{where} balance_over")
    if over % SLOT or (over > _DAY and over % _DAY):
        why = "a balancing window is whole quarters of an hour, and beyond a day whole days"
        findings.wrong(f"{where} balance_over", repr(text), why)
    return over
