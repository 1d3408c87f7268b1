"""Meters: amounts out of the journal, and how far each has reported."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from api.ledger.accounts import Run
from api.ledger.cuts import cuts
from api.ledger.plant import Plant, Utility
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

    def each(self, meter: str, bounds: Sequence[datetime]) -> Measured | None:
        """What one counter counted between each two of these instants."""
        counter = self.counter(meter)
        return self._measure(counter, bounds) if counter is not None else None

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

    def reported(self, plant: Plant, utility: Utility) -> datetime:
        """How far every meter around a utility has reported."""
        meters = meters_around(plant, utility)
        latest = [self._journal.latest(meter.partition(".")[0]) for meter in meters]
        return min(one.at if one else plant.valid_from for one in latest)

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


def meters_around(plant: Plant, utility: Utility) -> list[str]:
    """Counters that a utility's balance needs: its own, and those of whoever takes its output."""
    meters = [meter for _, meter in utility.uses]
    meters += [utility.output] if utility.output else []
    meters += [
        meter
        for machine in plant.machines
        for carrier, meter in machine.meters
        if carrier == utility.makes
    ]
    meters += [one.meter for one in plant.shared if one.carrier == utility.makes]
    return meters
