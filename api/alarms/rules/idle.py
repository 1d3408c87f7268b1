"""A machine that stands without a batch and takes what it takes."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from api.alarms import Facts, Finding
from collector.wire.problem import Problem

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """Looks at machines without a batch.

    Attributes:
        after: So long.
        machines: Only these; none named: all.
        least_kw: With less than that it counts as switched off. [kW], the mean since it stands
    """

    after: timedelta = timedelta(hours=1)
    machines: tuple[str, ...] = ()
    least_kw: Decimal = Decimal(1)

    def find(self, name: str, facts: Facts) -> list[Finding]:
        """One for each machine that stands too long; it costs all that it took since then."""
        found = []
        for one in facts.standing:
            stands = facts.now - one.since
            if (self.machines and one.machine not in self.machines) or stands <= self.after:
                continue
            hours = Decimal(stands // timedelta(seconds=1)) / 3600
            if one.used.get("electricity", Decimal(0)) < self.least_kw * hours:
                continue
            values = {
                "since": f"{one.since:%Y-%m-%dT%H:%M:%SZ}",
                "minutes": str(stands // _MINUTE),
            }
            problem = Problem("alarm-idle", one.machine, facts.now, values)
            found.append(Finding(name, one.machine, problem, facts.cost(one.used)))
        return found
