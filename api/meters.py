"""Meters: amounts out of the journal, how far each has reported, and whether it may be trusted."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from api.books import Books
from api.ledger.accounts import Run
from api.ledger.cuts import SLOT, cuts
from api.ledger.plant import Plant, Utility
from collector.wire.problem import Problem
from gateway.intervals import Counter, Measured, Swap, measure
from gateway.journal import Journal

INSTANT = timedelta(milliseconds=1)
_SILENT = timedelta(minutes=15)


class Meters:
    """Reads the counters of a plant. Holds no state of its own."""

    def __init__(self, journal: Journal, books: Books) -> None:
        self._journal, self._books = journal, books

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

    def expired(self, plant: Plant, meters: Iterable[str], start: datetime) -> tuple[Problem, ...]:
        """Meters whose calibration certificate had expired when a period began (rule 24)."""
        day = start.astimezone(ZoneInfo(plant.timezone)).date()
        facts = [plant.meter(meter) for meter in meters]
        return tuple(
            Problem(
                "certificate-expired",
                one.ref,
                start,
                {"certificate": one.certificate or "-", "expired": str(one.certificate_expires)},
            )
            for one in facts
            if one.certificate_expires is not None and one.certificate_expires < day
        )

    def swaps(self, meter: str) -> tuple[Swap, ...]:
        """Where a meter was changed or reset, as named people decided; the last word on each."""
        entries = {entry.at: entry.body for entry in self._books.entries.of("swap", meter)}
        return tuple(
            Swap(at, Decimal(body["old_last"]), Decimal(body["new_first"]))
            for at, body in sorted(entries.items())
        )

    def around(self, meter: str, at: datetime) -> tuple[datetime, datetime]:
        """From the last reading of a counter before an instant to the first one after it."""
        device, _, point = meter.partition(".")
        before = self._journal.last_at_or_before(device, point, at - INSTANT)
        after = self._journal.first_after(device, point, at)
        return before.at if before else at, (after.at if after else at) + INSTANT

    def reach(
        self, device: str, meters: Iterable[str], slot: datetime
    ) -> tuple[datetime, datetime]:
        """From the second reading before a slot to the second one after it.

        Between two readings a register's value lies on the line through them, and whether one of
        them is spurious shows by its neighbours: a late reading moves values up to there.
        Nothing final depends on a device's newest slot, so that one reaches no further.
        """
        start, end = slot, slot + SLOT
        latest = self._journal.latest(device)
        if latest is None or latest.at < end:
            return start, end
        edges = [start, end]
        for meter in meters:
            edges += self.around(meter, self.around(meter, slot)[0])[:1]
            edges += self.around(meter, self.around(meter, slot + SLOT)[1])[1:]
        return min(edges), max(edges)

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
        swaps = self.swaps(counter.ref)
        return measure([unique[at] for at in sorted(unique)], bounds, counter, swaps)


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
