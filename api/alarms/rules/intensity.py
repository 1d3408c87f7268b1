"""Too much per kilogram: above a limit, or above what the golden batch needed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from api.alarms import Cost, Facts, Finding, Load
from api.golden import WHOLE, reference
from collector.wire.problem import Problem

_SHOWN = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Rule:
    """Looks at batches while they run: then somebody can still do something.

    Attributes:
        of: What of a batch is looked at: all of it, its present process, or its present machine.
        process: Only batches in this process; none named: all.
        machine: Only batches on this machine; none named: all.
        limit_kgco2e_per_kg: Never more than that.
        above_golden: Never more than this share above the golden batch: 0.2 is 20 %.
    """

    of: Literal["batch", "process", "machine"] = "batch"
    process: str = ""
    machine: str = ""
    limit_kgco2e_per_kg: Decimal | None = None
    above_golden: Decimal | None = None

    def find(self, name: str, facts: Facts) -> list[Finding]:
        """One for each batch, or machine, that is above its limit."""
        found: dict[str, Finding] = {}
        for load in facts.loads:
            if self.process not in ("", load.process) or self.machine not in ("", load.machine):
                continue
            problem = self._judged(load, facts)
            if problem is not None:
                subject = load.batch if self.of == "batch" else load.machine
                found[subject] = Finding(name, subject, problem, self._excess(load, problem))
        return list(found.values())

    def _judged(self, load: Load, facts: Facts) -> Problem | None:
        used = self._part(load)
        if used.kgco2e is None or not load.mass_kg:
            return None
        said = {
            "batch": load.batch,
            "machine": load.machine,
            "process": load.process,
            "of": self.of,
            "is": str((used.kgco2e / load.mass_kg).quantize(_SHOWN)),
        }
        limit = self.limit_kgco2e_per_kg
        if limit is not None and used.kgco2e > limit * load.mass_kg:
            return Problem("alarm-above-limit", load.batch, facts.now, said | {"limit": f"{limit}"})
        golden = self._golden(load, facts)
        if golden is None or used.kgco2e <= golden[1] * load.mass_kg:
            return None
        said |= {"golden": golden[0], "limit": str(golden[1].quantize(_SHOWN))}
        return Problem("alarm-above-golden", load.batch, facts.now, said)

    def _golden(self, load: Load, facts: Facts) -> tuple[str, Decimal] | None:
        """The golden batch, and what one may need that is measured against it."""
        if self.above_golden is None:
            return None
        process = WHOLE if self.of == "batch" else load.process
        found = reference(facts.golden, load.article, process)
        return (
            None if found is None else (found.batch, found.kgco2e_per_kg * (1 + self.above_golden))
        )

    def _excess(self, load: Load, problem: Problem) -> Cost:
        """What is above the limit; of the electricity as large a part as of the whole."""
        used, limit = self._part(load), Decimal(problem.values["limit"])
        if used.kgco2e is None:
            return Cost()
        excess = used.kgco2e - limit * load.mass_kg
        kwh = None if used.kwh is None else used.kwh * excess / used.kgco2e
        return Cost.of(excess, kwh)

    def _part(self, load: Load) -> Cost:
        match self.of:
            case "batch":
                return load.whole
            case "process":
                return load.in_process
            case "machine":
                return load.on_machine
