"""Meters of machines to runs and standby.

Own ones to their run (rule 6), shared ones by a ladder of drivers (rule 7), and what a machine
or a group uses between runs to standby (rule 8).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from api.ledger.accounts import Account, Division, Posting, Run, posting
from api.ledger.drivers import Case, Facts
from api.ledger.exact import split_slice
from api.ledger.ladder import divide, varies
from api.ledger.plant import Machine, Plant, Process, SharedMeter
from api.ledger.standby import Carried, Place, idle
from api.ledger.timeline import Timeline
from gateway.intervals import Curve, Slice


@dataclass(frozen=True)
class Shift:
    """What the machines did: the facts that rules divide by.

    Attributes:
        runs: All runs, by machine, each machine's in order.
        masses_kg: Mass by batch, as it is said; only one above 0 counts. [kg]
        rated_kw: Rated power by machine, where declared.
        known_until: How far the readings reach: later, nobody can know of a next run.
        quantities: By kind (``length``, ``area``, ``pieces``, ``passes``) and batch, where known.
        curves: Gauges and states that drivers ask for, by machine and name, where read.
        work_shifts: Working shifts around the period, by time, UTC.
        beside_kw: What a machine draws besides a drive that shows its power, where declared.
    """

    runs: Mapping[str, Sequence[Run]]
    masses_kg: Mapping[str, Decimal]
    rated_kw: Mapping[str, Decimal]
    known_until: datetime
    quantities: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    curves: Mapping[tuple[str, str], Curve] = field(default_factory=dict)
    work_shifts: Sequence[tuple[datetime, datetime]] = ()
    beside_kw: Mapping[str, Decimal] = field(default_factory=dict)

    def every_run(self) -> tuple[Run, ...]:
        """All runs, machine by machine."""
        return tuple(run for runs in self.runs.values() for run in runs)

    def timeline(self, machines: Iterable[str]) -> Timeline:
        """The runs of some machines."""
        return Timeline(
            run
            for name in machines
            for run in sorted(self.runs.get(name, ()), key=lambda run: (run.start, run.end))
        )

    def facts(self, processes: Mapping[str, Process]) -> Facts:
        """What drivers may ask for."""
        return Facts(
            self.masses_kg,
            self.hours,
            self.rated_kw,
            self.quantities,
            processes,
            self.curves,
            self.beside_kw,
        )

    @cached_property
    def hours(self) -> Mapping[tuple[str, str], Decimal]:
        """Length of all runs of a batch on a machine. [h]"""
        hours: dict[tuple[str, str], Decimal] = {}
        for run in self.every_run():
            key = (run.machine, run.batch)
            length = Decimal((run.end - run.start).total_seconds()) / 3600
            hours[key] = hours.get(key, Decimal(0)) + length
        return hours


def post_machine(
    machine: Machine, plant: Plant, slices: Mapping[str, Sequence[Slice]], shift: Shift
) -> list[Posting]:
    """Post a machine's own meters.

    Args:
        machine: The machine.
        plant: The plant that it stands in.
        slices: Slices by meter.
        shift: What the machines did.
    """
    within = {machine.id: machine.drivers}
    place = Place(
        machine.id,
        machine.id,
        "standby",
        machine.standby,
        shift.timeline([machine.id]),
        within,
        shift.work_shifts,
        shift.known_until,
    )
    divider = _Divider(place, machine.drivers, {}, shift.facts(plant.processes), alone="direct")
    return [
        posting
        for carrier, meter in machine.meters
        if meter in slices
        for posting in divider.post(meter, carrier, slices[meter])
    ]


def post_shared(
    shared: SharedMeter, plant: Plant, slices: Iterable[Slice], shift: Shift
) -> list[Posting]:
    """Post a meter that several machines share: one rung for the whole group and slice."""
    place = Place(
        shared.id,
        plant.site,
        "group-standby",
        shared.standby,
        shift.timeline(shared.machines),
        {machine.id: machine.drivers for machine in plant.machines},
        shift.work_shifts,
        shift.known_until,
    )
    facts = shift.facts(plant.processes)
    divider = _Divider(place, shared.drivers, shared.shares, facts)
    return list(divider.post(shared.meter, shared.carrier, slices))


class _Divider:
    """Divides the slices of one machine's meters, or of a shared one.

    Args:
        place: The machine or group.
        rungs: Its ladder.
        shares: Declared shares, for the driver that is called so.
        facts: What is known.
        alone: The rule's name where a run alone carries all without any division.
    """

    def __init__(
        self,
        place: Place,
        rungs: Sequence[str],
        shares: Mapping[str, Decimal],
        facts: Facts,
        *,
        alone: str = "",
    ) -> None:
        self._place, self._rungs, self._shares, self._facts = place, rungs, shares, facts
        self._alone = alone
        self._varies = varies(rungs)
        self._last: tuple[tuple[Run, ...], Division] | None = None
        self._accounts: dict[str, _Accounts] = {}
        self._idling: tuple[datetime, Carried] | None = None

    def post(self, meter: str, carrier: str, slices: Iterable[Slice]) -> Iterator[Posting]:
        """Every slice to its accounts."""
        on = self._place.timeline.on
        for piece in slices:
            runs = on(piece.start, piece.end)
            if self._alone and len(runs) == 1:
                yield posting(meter, carrier, piece, self._of("run", runs)[0], self._alone)
                continue
            division = self._division(piece, runs) if runs else None
            if division is not None and not division.idle:
                accounts = self._of("run", runs)
                yield from _shares(meter, carrier, piece, accounts, division.rung, division)
            else:
                yield from self._idle(meter, carrier, piece, runs)

    def _division(self, piece: Slice, runs: tuple[Run, ...]) -> Division:
        """How a slice is divided; as the last one, where nothing changed."""
        if self._last is not None and self._last[0] is runs and not self._varies:
            return self._last[1]
        case = Case(piece.start, piece.end, runs, self._facts, self._shares)
        division = divide(case, self._rungs, self._place.within)
        self._last = runs, division
        return division

    def _idle(
        self, meter: str, carrier: str, piece: Slice, present: tuple[Run, ...]
    ) -> Iterator[Posting]:
        found = self._carried(piece, present)
        if found.account is not None:
            yield posting(meter, carrier, piece, found.account, found.rule)
            return
        accounts = self._of("standby", found.runs)
        if found.division is None:
            yield posting(meter, carrier, piece, accounts[0], found.rule)
        else:
            yield from _shares(meter, carrier, piece, accounts, found.rule, found.division)

    def _carried(self, piece: Slice, present: tuple[Run, ...]) -> Carried:
        """Who carries an idle slice; as the last one, as long as the same is said of it."""
        if self._idling is not None and not present:
            since, last = self._idling
            if last.until is not None and since <= piece.start and piece.end <= last.until:
                return last
        found = idle(self._place, piece, present, self._facts)
        self._idling = piece.start, found
        return found

    def _of(self, kind: str, runs: tuple[Run, ...]) -> tuple[Account, ...]:
        """The runs' accounts; the same ones as long as the runs are the same."""
        last = self._accounts.get(kind)
        if last is None or last.runs is not runs:
            name = self._place.name
            found = (
                account_of(run) if kind == "run" else Account("standby", name, run) for run in runs
            )
            last = self._accounts[kind] = _Accounts(runs, tuple(found))
        return last.accounts


class _Accounts(NamedTuple):
    runs: tuple[Run, ...]
    accounts: tuple[Account, ...]


def _shares(
    meter: str,
    carrier: str,
    piece: Slice,
    accounts: Sequence[Account],
    rule: str,
    division: Division,
) -> Iterator[Posting]:
    if len(accounts) == 1:
        yield posting(meter, carrier, piece, accounts[0], rule, division)
        return
    start, end = piece.start, piece.end
    for account, amounts in zip(accounts, split_slice(piece, division.ratio), strict=True):
        yield Posting(meter, carrier, start, end, *amounts, account, rule, division)


def account_of(run: Run) -> Account:
    """The account of a run; of one whose batch nobody could read, *held*."""
    return Account("run" if run.batch else "held", run.machine, run)
