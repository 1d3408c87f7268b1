"""What a batch carries so far, out of its footprint."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from api.alarms import Cost, Load
from api.ledger.accounts import Run

_NONE = Decimal(0)


def load(run: Run, article: str, body: Mapping[str, Any]) -> Load | None:
    """What the batch of a run carries.

    Args:
        run: The run that goes on.
        article: The batch's article, or empty.
        body: Its footprint so far, as `api.assemble.footprint_body` writes it.

    Returns:
        None where nobody knows what it weighs.
    """
    if body["accepted_kg"] is None:
        return None
    lines = [
        (one["machine"], one["process"], line) for one in body["runs"] for line in one["lines"]
    ]
    idle = [(line["machine"], "idle", line) for line in body["idle"]]
    return Load(
        batch=run.batch,
        article=article,
        machine=run.machine,
        process=run.process,
        mass_kg=Decimal(body["accepted_kg"]),
        whole=_sum(line for _, _, line in (*lines, *idle)),
        in_process=_sum(line for _, process, line in lines if process == run.process),
        on_machine=_sum(line for name, _, line in (*lines, *idle) if name == run.machine),
    )


def _sum(lines: Iterable[Mapping[str, Any]]) -> Cost:
    own = list(lines)
    kgco2e = sum((Decimal(line["kgco2e"] or 0) for line in own), _NONE)
    kwh = (Decimal(line["amount"]) for line in own if line["carrier"] == "electricity")
    return Cost.of(kgco2e, sum(kwh, _NONE))
