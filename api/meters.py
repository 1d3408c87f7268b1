"""Meters: amounts out of the journal, how far each has reported, and whether it may be trusted."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from api.answers import Answers
from api.books import Books
from api.books.entries import Decision
from api.calendar import day_of, work_shifts
from api.ledger import networks
from api.ledger.accounts import Run
from api.ledger.cuts import SLOT, cuts
from api.ledger.gauges import Gauges, means
from api.ledger.plant import Plant
from api.ledger.pools import CONDENSATE
from api.ledger.solar import ELECTRICITY
from api.ledger.supplies import beneath, nodes
from api.quarters import AROUND
from collector.wire.problem import Problem
from collector.wire.reading import instant
from gateway.intervals import (
    Counted,
    Counter,
    Curve,
    Measured,
    Sample,
    Swap,
    Whiles,
    longest_gap,
    measure,
)
from gateway.journal import Journal

INSTANT = timedelta(milliseconds=1)
SILENT = timedelta(minutes=15)
"""A meter that has said nothing for longer is named."""
_GAP = timedelta(minutes=15)


class Meters:
    """Reads the counters of a plant, and what people decided about them.

    Holds no state but what it remembers of the journal.
    """

    def __init__(self, journal: Journal, books: Books) -> None:
        self._journal, self._books = journal, books
        self._answers = Answers(journal)

    def measure(
        self,
        plant: Plant,
        meters: Iterable[str],
        runs: Iterable[Run],
        start: datetime,
        end: datetime,
    ) -> dict[str, Measured]:
        """Amounts of meters over a period, cut where the ledger needs them cut."""
        shifts = work_shifts(plant.shifts, plant.timezone, start, end)
        bounds = cuts(plant, list(runs), start, end, shifts)
        running = {
            meter: machine.running for machine in plant.machines for _, meter in machine.meters
        }
        swaps = _by_meter(self._books.entries.of("swap"))
        found = {}
        for meter in meters:
            counter = self.counter(meter, plant.meter(meter).limit)
            if counter is not None:
                own = swaps.get(meter, ())
                found[meter] = self._measure(counter, bounds[meter], own, running.get(meter))
        return found

    def each(self, meter: str, bounds: Sequence[datetime]) -> Measured | None:
        """What one counter counted between each two of these instants; it is not remembered."""
        counter = self.counter(meter)
        if counter is None:
            return None
        return self._measure(counter, bounds, self.swaps(meter), once=True)

    def spoke_by(self, meter: str, at: datetime) -> bool:
        """Whether a meter had shown anything by an instant."""
        device, _, point = meter.partition(".")
        return self._journal.last_at_or_before(device, point, at) is not None

    def counter(self, meter: str, limit: Decimal | None = None) -> Counter | None:
        """What is known of a counter by its device's last birth, and the most that it can count."""
        device, _, name = meter.partition(".")
        birth = self._journal.newest_birth(device)
        point = birth.point(name) if birth else None
        if birth is None or point is None:
            return None
        return Counter(
            ref=meter,
            unit=point.unit,
            modulus=Decimal(point.modulus) if point.modulus else None,
            every=timedelta(milliseconds=point.every_ms or birth.every_ms),
            limit=limit,
        )

    def curve(self, signal: str, start: datetime, end: datetime) -> Curve:
        """A gauge or state over a period; ``device.point=2`` is the time in that state."""
        ref, _, state = signal.partition("=")
        return Curve(self._around(ref, start, end, 1), state=int(state) if state else None)

    def known_until(self, plant: Plant) -> datetime:
        """How far the readings of the plant reach: the newest of any machine."""
        return max(self._until(plant, plant.carrier_of()), default=plant.valid_from)

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
        return min(self._until(plant, meters_around(plant, names)), default=plant.valid_from)

    def missing_since(self, refs: Iterable[str]) -> datetime | None:
        """Since when something of these points is known to be missing; None where nothing is."""
        return min(self._journal.gaps(devices_of(refs)).values(), default=None)

    def silent(self, meters: Iterable[str], now: datetime) -> tuple[Problem, ...]:
        """Meters of a batch that have said nothing for a quarter of an hour."""
        problems = []
        for meter in meters:
            latest = self._journal.latest(meter.partition(".")[0])
            if latest is None or now - latest.at > SILENT:
                since = f"{latest.at:%Y-%m-%dT%H:%M:%SZ}" if latest else "-"
                problems.append(Problem("meter-silent", meter, now, {"since": since}))
        return tuple(problems)

    def expired(self, plant: Plant, meters: Iterable[str], start: datetime) -> tuple[Problem, ...]:
        """Meters whose calibration certificate had expired when a period began (rule 24)."""
        day = day_of(plant.timezone, start)
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
        return _by_meter(self._books.entries.of("swap", meter)).get(meter, ())

    def counted(self, meter: str) -> tuple[Counted, ...]:
        """What a meter counted where its register broke, as named people decided."""
        return tuple(
            Counted(entry.at, Decimal(entry.body["amount"]))
            for entry in self._books.entries.of("counted", meter)
        )

    def around(self, meter: str, at: datetime) -> tuple[datetime, datetime]:
        """From the last reading of a counter before an instant to the first one after it."""
        device, _, point = meter.partition(".")
        before = self._journal.last_at_or_before(device, point, at - INSTANT)
        after = self._journal.first_after(device, point, at)
        return before.at if before else at, (after.at if after else at) + INSTANT

    def reach(
        self, device: str, meters: Iterable[str], start: datetime, end: datetime
    ) -> tuple[datetime, datetime]:
        """From some readings before slots that follow each other to as many after them.

        Between two readings a register's value lies on the line through them, and whether one of
        them is spurious shows by its neighbours: a late reading moves values up to there.
        Nothing final depends on a device's newest slot, so that one reaches no further.
        """
        latest = self._journal.latest(device)
        if latest is None or latest.at < start + SLOT:
            return start, end
        edges = [start, end]
        for meter in meters:
            first, last = start, end
            for _ in range(AROUND):
                first, last = self.around(meter, first)[0], self.around(meter, last)[1]
            edges += [first, last]
        return min(edges), max(edges)

    def last_before(self, meter: str, at: datetime) -> Decimal | None:
        """What a meter reported itself last before an instant; None where that is long ago."""
        device, _, name = meter.partition(".")
        sample = self._journal.last_at_or_before(device, name, at)
        if sample is None or sample.value is None or at - sample.at > SILENT:
            return None
        return Decimal(str(sample.value))

    def shown_last(self, point: str, run: Run) -> Decimal | None:
        """The last that a gauge showed during a run, such as a mass; None where it did not."""
        device, _, name = point.partition(".")
        sample = self._journal.last_at_or_before(device, name, run.end - INSTANT)
        if sample is None or sample.at < run.start or not isinstance(sample.value, float | int):
            return None
        return Decimal(repr(sample.value))

    def _until(self, plant: Plant, meters: Iterable[str]) -> Iterator[datetime]:
        """How far each of the meters' devices has reported with nothing missing before."""
        devices = devices_of(meters)
        gaps = self._journal.gaps(devices)
        for device in devices:
            latest = self._journal.latest(device)
            known = latest.at if latest else plant.valid_from
            yield min(known, gaps.get(device, known))

    def _measure(
        self,
        counter: Counter,
        bounds: Sequence[datetime],
        swaps: Sequence[Swap],
        running: str | None = None,
        *,
        once: bool = False,
    ) -> Measured:
        answer = self._answers.of(counter, bounds, once=once)
        if answer is not None and not _is_doubtful(answer.whiles, swaps, running):
            return answer.measured
        samples = self._around(counter.ref, bounds[0], bounds[-1], AROUND)
        curve = self._running(running, samples) if running else None
        counted = self.counted(counter.ref)
        return measure(samples, bounds, counter, swaps, curve, counted=counted)

    def _running(self, point: str, samples: Sequence[Sample]) -> Curve | None:
        """Whether a machine ran, over readings with a gap in them; None where there is no gap."""
        good = [sample.at for sample in samples if sample.value is not None]
        if all(after - before <= _GAP for before, after in pairwise(good)):
            return None
        device, _, name = point.partition(".")
        birth = self._journal.newest_birth(device)
        told = birth.point(name) if birth else None
        labels = told.labels if told else {}
        codes = {int(code) for code, label in labels.items() if label == "running"}
        return Curve(
            [
                sample._replace(value=int(sample.value in codes if codes else bool(sample.value)))
                for sample in self._around(point, good[0], good[-1], 1)
                if sample.value is not None
            ]
        )

    def _around(self, ref: str, start: datetime, end: datetime, beyond: int) -> list[Sample]:
        """Values of a point over a period, and so many good ones beyond each end."""
        device, _, point = ref.partition(".")
        samples = self._journal.samples(device, point, start, end + INSTANT)
        before = self._journal.last_at_or_before(device, point, start - INSTANT)
        after = self._journal.first_after(device, point, end)
        for _ in range(beyond):
            if before is not None:
                samples.insert(0, before)
                before = self._journal.last_at_or_before(device, point, before.at - INSTANT)
            if after is not None:
                samples.append(after)
                after = self._journal.first_after(device, point, after.at)
        return samples


def _by_meter(entries: Iterable[Decision]) -> dict[str, tuple[Swap, ...]]:
    """Changes of meters, the last word on each, by meter and by time."""
    found: dict[str, dict[datetime, Swap]] = {}
    for entry in entries:
        old, new = (Decimal(entry.body[key]) for key in ("old_last", "new_first"))
        found.setdefault(entry.subject, {})[entry.at] = Swap(entry.at, old, new)
    return {meter: tuple(own[at] for at in sorted(own)) for meter, own in found.items()}


def _is_doubtful(whiles: Whiles, swaps: Sequence[Swap], running: str | None) -> bool:
    """Whether more must be known of readings that only rise: another meter, a machine's hours."""
    every = whiles.every()
    if not every:
        return True
    first, last = instant(every[0].first_at), instant(every[-1].last_at)
    swapped = any(first < swap.at <= last for swap in swaps)
    return swapped or (running is not None and longest_gap(every) > _GAP)


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


def devices_of(refs: Iterable[str]) -> set[str]:
    """The devices of points."""
    return {ref.partition(".")[0] for ref in refs}


def told_by(plant: Plant) -> list[str]:
    """Points of PLCs: whatever they say may be of a batch that is on a machine."""
    return [
        ref
        for machine in plant.machines
        for ref in (machine.batch, machine.running, machine.step)
        if ref
    ]
