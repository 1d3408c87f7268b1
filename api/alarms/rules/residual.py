"""More came in than the meters behind the main one saw."""

from dataclasses import dataclass
from decimal import Decimal

from api.alarms import Facts, Finding
from collector.wire.problem import Problem


@dataclass(frozen=True, slots=True)
class Rule:
    """Looks at the last day of every supply that has meters behind it.

    Attributes:
        share: Most of what came in that no meter may have seen: 0.15 is 15 %.
        supplies: Only these; none named: all.
    """

    share: Decimal = Decimal("0.15")
    supplies: tuple[str, ...] = ()

    def find(self, name: str, facts: Facts) -> list[Finding]:
        """One for each supply with too large a residual, also where the meters saw too much."""
        found = []
        for one in facts.passed:
            rest = one.came - one.seen
            if self.supplies and one.supply not in self.supplies:
                continue
            if not one.came or abs(rest) <= self.share * one.came:
                continue
            values = {"percent": f"{100 * rest / one.came:.0f}", "carrier": one.carrier}
            problem = Problem("alarm-residual", one.supply, facts.now, values)
            found.append(Finding(name, one.supply, problem, facts.cost({one.carrier: abs(rest)})))
        return found
