"""Meters: amounts out of the journal, and how far each has reported."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from api.ledger import networks
from api.ledger.accounts import Run
from api.ledger.cuts import cuts
from api.ledger.gauges import Gauges, means
from api.ledger.plant import Plant
from api.ledger.pools import CONDENSATE
from api.ledger.solar import ELECTRICITY
from api.ledger.supplies import beneath, nodes
from collector.wire.problem import Problem
from gateway.intervals import Counter, Measured, measure
from gateway.journal import Journal

INSTANT = timedelta(milliseconds=1)
_SILENT = timedelta(minutes=15)


class Meters:
    """Reads the counters of a plant. Holds no state of its own."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def measure(
        self,
        plant: Plant,
        meters: Iterable[str],
        runs: Iterable[Run],
        start: datetime,
        end: datetime,
    ) -> dict[str, Measured]:
        """Amounts of meters over a period, cut where the ledger needs them cut."""
        bounds = cuts(plant, list(runs), start, end)
        found = {}
        for meter in meters:
            counter = self.counter(meter)
            if counter is not None:
                found[meter] = self._measure(counter, bounds[meter])
        return found

    def counter(self, meter: str) -> Counter | None:
        """What is known of a counter by its device's last birth."""
        device, _, name = meter.partition(".")
        birth = self._journal.newest_birth(device)
        point = birth.point(name) if birth else None
        if birth is None or point is None:
            return None
        return Counter(
            ref=meter,
            unit=point.unit,
            modulus=Decimal(point.modulus) if point.modulus else None,
            every=timedelta(milliseconds=birth.every_ms),
            resolution=Decimal(point.resolution) if point.resolution else None,
        )

    def known_until(self, plant: Plant) -> datetime:
        """How far the readings of the plant reach: the newest of any machine."""
        devices = {meter.partition(".")[0] for meter in plant.carrier_of()}
        latest = [self._journal.latest(device) for device in devices]
        return max((one.at for one in latest if one), default=plant.valid_from)

    def gauges(self, plant: Plant, start: datetime, end: datetime) -> Gauges:
        """Means by slot of the gauges that networks are weighed by."""
        found = {}
        for gauge in networks.gauges(plant):
            device, _, point = gauge.partition(".")
            before = self._journal.last_at_or_before(device, point, start)
            samples = self._journal.samples(device, point, start + INSTANT, end)
            found[gauge] = means([before, *samples] if before else list(samples), start, end)
        return found

    def reported(self, plant: Plant, names: Sequence[str]) -> datetime:
        """How far every meter around a set of networks has reported."""
        meters = meters_around(plant, names)
        latest = [self._journal.latest(meter.partition(".")[0]) for meter in meters]
        known = [one.at if one else plant.valid_from for one in latest]
        return min(known, default=plant.valid_from)

    def silent(self, meters: Iterable[str], now: datetime) -> tuple[Problem, ...]:
        """Meters of a batch that have said nothing for a quarter of an hour."""
        problems = []
        for meter in meters:
            latest = self._journal.latest(meter.partition(".")[0])
            if latest is None or now - latest.at > _SILENT:
                since = f"{latest.at:%Y-%m-%dT%H:%M:%SZ}" if latest else "-"
                problems.append(Problem("meter-silent", meter, now, {"since": since}))
        return tuple(problems)

    def weighed(self, point: str, run: Run) -> Decimal | None:
        """The last mass that a gauge showed during a run; None where it showed none. [kg]"""
        device, _, name = point.partition(".")
        sample = self._journal.last_at_or_before(device, name, run.end - INSTANT)
        if sample is None or sample.at < run.start or not isinstance(sample.value, float | int):
            return None
        return Decimal(repr(sample.value))

    def _measure(self, counter: Counter, bounds: Sequence[datetime]) -> Measured:
        device, _, point = counter.ref.partition(".")
        samples = self._journal.samples(device, point, bounds[0], bounds[-1] + INSTANT)
        before = self._journal.last_at_or_before(device, point, bounds[0])
        after = self._journal.first_after(device, point, bounds[-1])
        around = [one for one in (before, *samples, after) if one is not None]
        # One more on each side: what is spurious shows only between two that are not.
        if before is not None:
            earlier = self._journal.last_at_or_before(device, point, before.at - INSTANT)
            around += [earlier] if earlier else []
        if after is not None:
            later = self._journal.first_after(device, point, after.at)
            around += [later] if later else []
        unique = {sample.at: sample for sample in around}
        return measure([unique[at] for at in sorted(unique)], bounds, counter)


def meters_around(plant: Plant, names: Sequence[str]) -> list[str]:
    """Counters that a set of networks needs: what feeds it, and of whoever takes from it."""
    meters: list[str] = []
    for utility in networks.makers(plant, names):
        meters += [meter for _, meter in utility.uses]
        meters += [utility.output] if utility.output else []
    taken = {*names, CONDENSATE}
    meters += [
        meter for machine in plant.machines for carrier, meter in machine.meters if carrier in taken
    ]
    meters += [one.meter for one in plant.shared if one.carrier in taken]
    meters += [
        meter
        for name in names
        for supply in networks.bought(plant, name)
        for meter in supply.meters
    ]
    return list(dict.fromkeys(meters))


def meters_beside(plant: Plant) -> list[str]:
    """Counters that what anyone carries depends on: where sun or what is unmetered is shared."""
    meters: list[str] = []
    if any(supply.source == "solar" for supply in plant.supplies):
        carriers = plant.carrier_of()
        meters += [meter for meter, carrier in carriers.items() if carrier == ELECTRICITY]
    found = nodes(plant)
    for node in found:
        if node.unmetered == "share":
            meters += [*node.mains, *beneath(found, node)]
    return list(dict.fromkeys(meters))
