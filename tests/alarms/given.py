"""Facts of a mill for the rules, and alarms that were raised by them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from api.alarms import Cost, Facts, Finding, Heard, Load, Passed, Standing
from api.alarms.course import Alarm, Event, alarms
from collector.wire.problem import Problem

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PRICES = {"electricity": Decimal("0.5"), "steam": Decimal("0.2")}


def at(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


def load(
    per_kg: str, *, batch: str = "B2409", machine: str = "jet-07", process: str = "dyeing-exhaust"
) -> Load:
    """A batch of 400 kg: half of what it carries is of its present process and machine."""
    whole = Cost.of(400 * Decimal(per_kg), Decimal(100))
    half = Cost.of(200 * Decimal(per_kg), Decimal(50))
    return Load(batch, "cotton", machine, process, Decimal(400), whole, half, half)


def heard(minutes_ago: float | None, per_hour: str = "60") -> Heard:
    last = None if minutes_ago is None else at(-minutes_ago)
    return Heard("jet-07-power", last, Decimal(per_hour), "electricity")


def standing(minutes: float, kwh: str) -> Standing:
    return Standing("jet-07", at(-minutes), {"electricity": Decimal(kwh)})


def passed(came: str, seen: str) -> Passed:
    return Passed("grid", "electricity", Decimal(came), Decimal(seen))


def facts(*of: Load | Heard | Standing | Passed, **more: object) -> Facts:
    return Facts(
        NOW,
        loads=tuple(one for one in of if isinstance(one, Load)),
        heard=tuple(one for one in of if isinstance(one, Heard)),
        standing=tuple(one for one in of if isinstance(one, Standing)),
        passed=tuple(one for one in of if isinstance(one, Passed)),
        **({"prices": PRICES} | more),  # type: ignore[arg-type]
    )


def finding(subject: str = "B2409", rule: str = "limit", kgco2e: str = "12") -> Finding:
    values = {"since": "-", "minutes": "5"}
    return Finding(
        rule, subject, Problem("alarm-idle", subject, NOW, values), Cost(Decimal(kgco2e))
    )


def numbered(events: Sequence[Event], first: int = 1) -> list[Event]:
    """Events as the books would number them."""
    return [
        Event(one.kind, one.at, one.alarm or number, one.rule, one.subject, one.problem,
              one.cost, one.by, number)
        for number, one in enumerate(events, start=first)
    ]  # fmt: skip


def opened(events: Sequence[Event]) -> list[Alarm]:
    return [one for one in alarms(events) if one.state != "ended"]
