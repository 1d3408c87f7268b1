"""A case: a folder with a plant, runs, readings, and what is to come of them.

Beside ``plant.toml`` (as a mill writes it) stand

- ``runs.csv``: machine, batch, process, start, end, kg, and where a driver asks for them length,
  area, pieces, passes;
- ``readings.csv``: at, point, value, of counters, gauges and states alike; nothing is a bad value;
- ``counters.csv``, where it matters: point, every, modulus, limit (the most an hour);
- ``swaps.csv``, where people decided: point, at, old_last, new_first;
- ``expected.txt``: the accounts, one a line, in any order; the carrier stands behind the meter
  where it is not the meter's own (solar); ``#`` begins a remark. Where it names
  kgCO2e, each batch's total by the shipped factors is asked for too.

Times without an offset are site time. The period is that of the readings.
"""

import csv
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from api import factor_files
from api import plant as plant_files
from api.calendar import spans, work_shifts
from api.ledger import networks
from api.ledger.accounts import Account, Run
from api.ledger.attribute import Attribution, attribute
from api.ledger.cuts import cuts
from api.ledger.factors import Prices, Question
from api.ledger.footprint import footprint
from api.ledger.gauges import means
from api.ledger.lines import lines_of, priced
from api.ledger.machines import Shift
from api.ledger.pools import Window
from api.plant.units import duration
from collector.toml_files import SHIPPED
from gateway.intervals import Counter, Curve, Measured, Sample, Swap, measure

QUANTITIES = ("length", "area", "pieces", "passes")


class Case:
    """One folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with tempfile.TemporaryDirectory() as name:
            dated = Path(name) / "2026-01-01.toml"
            shutil.copy(folder / "plant.toml", dated)
            self.plant = plant_files.read(dated)
        self.zone = ZoneInfo(self.plant.timezone)

    @property
    def expected(self):
        """What is to come of it."""
        text = (self.folder / "expected.txt").read_text(encoding="utf-8")
        lines = (line.partition("#")[0].strip() for line in text.splitlines())
        return sorted(line for line in lines if line)

    def told(self):
        """What comes of it."""
        found = self.attribution
        amounts: dict[tuple[str, str], Decimal] = {}
        carriers = self.plant.carrier_of()
        for one in found.postings:
            mixed = "" if one.carrier == carriers[one.meter] else f"as {one.carrier} "
            key = (f"{one.meter} {mixed}{named(one.account)}", one.rule)
            amounts[key] = amounts.get(key, Decimal(0)) + one.amount
        for one in found.charges:
            key = (f"{one.meter} for {one.makes} {named(one.account)}", one.rule)
            amounts[key] = amounts.get(key, Decimal(0)) + one.amount
        said = [
            f"{where}: {plain(amount)} by {rule}"
            for (where, rule), amount in amounts.items()
            if amount
        ]
        said += [f"problem {one.code} at {one.where}" for one in found.problems]
        if any(line.startswith("kgCO2e") for line in self.expected):
            said += self._footprints(found)
        return sorted(said)

    @cached_property
    def attribution(self) -> Attribution:
        """Who carries what."""
        marked = {
            name: [
                Window(a, b, closed=True)
                for a, b in own
                if self.period[0] <= a and b <= self.period[1]
            ]
            for name, own in spans(self.plant, *self.period).items()
        }
        held = {
            gauge: means(self.samples.get(gauge, []), *self.period)
            for gauge in networks.gauges(self.plant)
        }
        return attribute(self.plant, self.shift, marked, self.measured, held)

    @cached_property
    def period(self) -> tuple[datetime, datetime]:
        """From the first reading to the last."""
        times = [sample.at for found in self.samples.values() for sample in found]
        return min(times), max(times)

    @cached_property
    def runs(self) -> list[Run]:
        """What ran."""
        return [
            Run(
                row["machine"],
                row["batch"],
                row["process"],
                self._at(row["start"]),
                self._at(row["end"]),
                said=row["batch"],
            )
            for row in self._rows("runs")
        ]

    @cached_property
    def shift(self) -> Shift:
        """What the machines did."""
        by_machine: dict[str, list[Run]] = {}
        for run in sorted(self.runs, key=lambda run: run.start):
            by_machine.setdefault(run.machine, []).append(run)
        said = {
            name: {row["batch"]: Decimal(row[name]) for row in self._rows("runs") if row.get(name)}
            for name in ("kg", *QUANTITIES)
        }
        curves = {}
        for machine in self.plant.machines:
            for name, ref in self.plant.signals_of(machine).items():
                point, _, state = ref.partition("=")
                found = self.samples.get(point, [])
                curves[machine.id, name] = Curve(found, state=int(state) if state else None)
        return Shift(
            by_machine,
            said.pop("kg"),
            {m.id: Decimal(m.rated_kw) for m in self.plant.machines if m.rated_kw},
            self.period[1],
            said,
            curves,
            work_shifts(self.plant.shifts, self.plant.timezone, *self.period),
            {m.id: Decimal(m.beside_kw) for m in self.plant.machines if m.beside_kw},
        )

    @cached_property
    def samples(self) -> dict[str, list[Sample]]:
        """What was read, by point."""
        found: dict[str, list[Sample]] = {}
        for row in self._rows("readings"):
            value = float(row["value"]) if row["value"] else None
            sample = Sample(self._at(row["at"]), value, "good" if row["value"] else "bad", "", "")
            found.setdefault(row["point"], []).append(sample)
        return found

    @cached_property
    def measured(self) -> dict[str, Measured]:
        """Every counter of the plant that was read."""
        shifts = self.shift.work_shifts
        bounds = cuts(self.plant, self.runs, *self.period, shifts)
        running = {
            meter: machine.running for machine in self.plant.machines for _, meter in machine.meters
        }
        found = {}
        for meter in bounds:
            if meter in self.samples:
                point = running.get(meter)
                state = Curve(self.samples[point]) if point in self.samples else None
                swaps = [
                    Swap(self._at(row["at"]), Decimal(row["old_last"]), Decimal(row["new_first"]))
                    for row in self._rows("swaps")
                    if row["point"] == meter
                ]
                of = self._counter(meter)
                found[meter] = measure(self.samples[meter], bounds[meter], of, swaps, state)
        return found

    def _counter(self, meter: str) -> Counter:
        rows = [row for row in self._rows("counters") if row["point"] == meter]
        facts = rows[0] if rows else {}
        number = {name: Decimal(facts[name]) for name in ("modulus", "limit") if facts.get(name)}
        every = duration(facts.get("every") or "15min", str(self.folder))
        unit = next(u for u in ("kWh", "kg", "m3_0c", "m3_20c", "m3") if meter.endswith(u.lower()))
        return Counter(meter, unit, number.get("modulus"), every, limit=number.get("limit"))

    def _footprints(self, found: Attribution) -> list[str]:
        """Each batch's total, priced by the shipped factors as if asked a year later."""
        asked = self.period[1] + timedelta(days=365)
        plant = self.plant
        question = Question("footprint", "location", plant.place, self.period[0], asked)
        makers = {name: networks.made_by(plant, name) for name in networks.carriers(plant)}
        units = {meter: one.counter.unit for meter, one in self.measured.items()}
        told = []
        for batch in sorted({run.batch for run in self.runs}):
            lines = lines_of(batch, found.postings, found.charges, makers, units)
            wanted = {(one.carrier, one.unit) for line in lines for one in line.inputs}
            prices, _ = Prices(factor_files.catalogue(SHIPPED / "factors")).of(wanted, question)
            told.append(f"kgCO2e {batch}: {plain(footprint(priced(lines, prices)).total)}")
        return told

    def _rows(self, name: str) -> list[dict[str, str]]:
        path = self.folder / f"{name}.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def _at(self, text: str) -> datetime:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)


def named(account: Account) -> str:
    """An account as it is written: ``run B1 on jet-01``, ``standby hall``, ``unmetered grid``."""
    if account.run is None:
        return f"{account.kind} {account.name}"
    return f"{account.kind} {account.run.batch or '-'} on {account.run.machine}"


def plain(amount: Decimal) -> str:
    """A number as one writes it."""
    return f"{amount.normalize():f}" if amount else "0"
