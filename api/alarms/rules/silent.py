"""A meter of which nothing comes: what flows through it meanwhile is nobody's yet."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from api.alarms import Cost, Facts, Finding
from collector.wire.problem import Problem


@dataclass(frozen=True, slots=True)
class Rule:
    """Looks at every device of the plant.

    Attributes:
        after: So long without a good value.
        devices: Only these; none named: all.
    """

    after: timedelta = timedelta(minutes=15)
    devices: tuple[str, ...] = ()

    def find(self, name: str, facts: Facts) -> list[Finding]:
        """One for each device that is silent; it costs what flowed before, as if it went on."""
        found = []
        for one in facts.heard:
            if self.devices and one.device not in self.devices:
                continue
            heard = one.last or one.awaited
            if heard is not None and facts.now - heard <= self.after:
                continue
            since = f"{one.last:%Y-%m-%dT%H:%M:%SZ}" if one.last else "-"
            problem = Problem("alarm-silent", one.device, facts.now, {"since": since})
            cost = Cost()
            if one.last is not None and one.carrier:
                hours = Decimal((facts.now - one.last) // timedelta(seconds=1)) / 3600
                cost = facts.cost({one.carrier: one.per_hour * hours})
            found.append(Finding(name, one.device, problem, cost))
        return found
