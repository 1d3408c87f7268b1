"""Sight: what is so at the mill at a moment, as the rules of alarms need it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from api.alarms import Facts, Heard, Load, Passed, Standing
from api.alarms.loads import load
from api.bookkeeper import Bookkeeper
from api.books import Books
from api.goldens import Goldens
from api.ledger.accounts import Run
from api.ledger.cuts import slot_start
from api.ledger.plant import Plant
from api.ledger.solar import ELECTRICITY
from api.ledger.supplies import Node, nodes
from api.report import Reporter
from gateway.intervals import Sample
from gateway.journal import SLOT, Journal

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


class Sight:
    """Looks at journal and books. Two readings of each counter are all that it asks for.

    Args:
        journal: Where meters are heard.
        books: What runs, and what came of it.
        reporter: Knows the plant and its meters.
        bookkeeper: Knows what batches carry so far.

    Attributes:
        goldens: What batches have reached.
    """

    def __init__(
        self, journal: Journal, books: Books, reporter: Reporter, bookkeeper: Bookkeeper
    ) -> None:
        self._journal, self._books = journal, books
        self._reporter, self._bookkeeper = reporter, bookkeeper
        self.goldens = Goldens(books)
        self._awaited: dict[str, datetime] = {}
        self._passed: tuple[datetime | None, tuple[Passed, ...]] = (None, ())

    def facts(self, now: datetime) -> Facts:
        """What is so at a moment."""
        self.goldens.look(now)
        plant = self._reporter.plants[-1]
        runs = {one.id: self._last_run(one.id, now) for one in plant.machines}
        return Facts(
            now=now,
            loads=tuple(self._loads(run for run in runs.values() if run and run.going_on)),
            heard=tuple(self._heard(plant, now)),
            standing=tuple(
                self._standing(plant, run, now)
                for run in runs.values()
                if run is not None and not run.going_on
            ),
            passed=self._last_day(plant, now),
            golden=self.goldens.references,
            prices=self.goldens.prices,
        )

    def _last_run(self, machine: str, now: datetime) -> Run | None:
        return self._books.runs.neighbour(machine, now + SLOT, later=False)

    def _loads(self, runs: Iterator[Run]) -> Iterator[Load]:
        for run in runs:
            body = self._bookkeeper.so_far(run.batch) if run.batch else None
            entry = self._books.batches.entered(run.batch)
            found = load(run, entry.article if entry else "", body) if body else None
            if found is not None:
                yield found

    def _heard(self, plant: Plant, now: datetime) -> Iterator[Heard]:
        """Every device that has a counter or says what a machine does."""
        carriers = plant.carrier_of()
        points: dict[str, str] = {}
        for machine in plant.machines:
            points |= {
                ref.partition(".")[0]: ref for ref in (machine.batch, machine.running) if ref
            }
        points |= {ref.partition(".")[0]: ref for ref in carriers}
        for device, ref in points.items():
            point = ref.partition(".")[2]
            last = self._journal.last_at_or_before(device, point, now)
            if last is None or ref not in carriers:
                awaited = self._awaited.setdefault(device, now)
                yield Heard(device, last.at if last else None, awaited=awaited)
                continue
            first = self._journal.last_at_or_before(device, point, last.at - _HOUR)
            yield Heard(device, last.at, self._rise(ref, first, last), carriers[ref])

    def _standing(self, plant: Plant, run: Run, now: datetime) -> Standing:
        machine = plant.machine(run.machine)
        used: dict[str, Decimal] = {}
        for carrier, meter in machine.meters if machine else ():
            used[carrier] = used.get(carrier, Decimal(0)) + self.counted(meter, run.end, now)
        return Standing(run.machine, run.end, used)

    def _last_day(self, plant: Plant, now: datetime) -> tuple[Passed, ...]:
        """What passed in the last day, looked at once a slot."""
        slot = slot_start(now)
        if self._passed[0] != slot:
            passed = tuple(
                Passed(node.name, node.carrier, self._came(plant, node, slot), seen)
                for node in nodes(plant)
                if node.below and (seen := self._sum(node.below, slot))
            )
            self._passed = slot, passed
        return self._passed[1]

    def _came(self, plant: Plant, node: Node, end: datetime) -> Decimal:
        """What came in at a node; behind a supply's main, with what the roof made and kept here."""
        came = self._sum(node.mains, end)
        if not node.top or node.carrier != ELECTRICITY:
            return came
        roofs = [one for one in plant.supplies if one.source == "solar"]
        made = sum((self._sum(one.meters, end) for one in roofs), Decimal(0))
        sent = self._sum(tuple(one.export_meter for one in roofs if one.export_meter), end)
        return came + made - sent

    def _sum(self, meters: tuple[str, ...], end: datetime) -> Decimal:
        return sum((self.counted(one, end - _DAY, end) for one in meters), Decimal(0))

    def counted(self, meter: str, start: datetime, end: datetime) -> Decimal:
        """What a counter rose by between the last readings before two instants; once round at most.

        It is an estimate for the eye: what is accounted for is measured by the ledger.
        """
        device, _, point = meter.partition(".")
        first = self._journal.last_at_or_before(device, point, start)
        return self._rise(meter, first, self._journal.last_at_or_before(device, point, end))

    def _rise(self, meter: str, first: Sample | None, last: Sample | None) -> Decimal:
        values = [
            Decimal(repr(one.value))
            for one in (first, last)
            if one and isinstance(one.value, float | int)
        ]
        if len(values) < 2:
            return Decimal(0)
        rise = values[1] - values[0]
        counter = self._reporter.meters.counter(meter)
        if rise < 0 and counter is not None and counter.modulus is not None:
            rise %= counter.modulus
        return max(rise, Decimal(0))
