"""Proposals: load on machines that no run accounts for, out of the journal and the books."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from api.books import Books
from api.ledger.cuts import slot_start
from api.ledger.plant import Machine, Plant
from api.ledger.proposals import Proposal, propose, threshold
from api.meters import Meters
from collector.wire.problem import Problem
from gateway.journal import SLOT

_PERIOD = timedelta(hours=72)
_MINUTE = timedelta(minutes=1)
_KILOWATT_HOUR = Decimal("0.001")


class Proposals:
    """Looks at the last three days of machines, minute by minute."""

    def __init__(self, books: Books, meters: Meters, plants: Sequence[Plant]) -> None:
        self._books, self._meters, self._plants = books, meters, plants
        self._looked: datetime | None = None
        self._waiting: list[Machine] = []
        self.problems: dict[str, tuple[Problem, ...]] = {}

    def of(self, machine: Machine) -> tuple[Proposal, ...]:
        """When a machine worked and nobody said what on; empty where its load says nothing."""
        meter = dict(machine.meters).get("electricity")
        if meter is None:
            return ()
        end = slot_start(self._meters.known_until(self._plants[-1]) + SLOT)
        start = end - _PERIOD
        bounds = [start + turn * _MINUTE for turn in range(_PERIOD // _MINUTE + 1)]
        measured = self._meters.each(meter, bounds)
        slices = measured.slices if measured else ()
        idle_kw = None if machine.idle_kw is None else Decimal(machine.idle_kw)
        above_kw = threshold(slices, idle_kw)
        if above_kw is None:
            return ()
        runs = self._books.runs.between(start, end)
        known = [(run.start, run.end) for run in runs if run.machine == machine.id]
        return propose(slices, known + self._books.run_entries.dismissed(machine.id), above_kw)

    def look(self, slot: datetime | None) -> None:
        """Look once a slot at the machines that no PLC speaks for, one a round: nobody waits long.

        Args:
            slot: The newest slot that changed; None where none did.
        """
        if slot is not None and (self._looked is None or slot > self._looked):
            self._looked = slot
            self._waiting = [one for one in self._plants[-1].machines if one.batch is None]
        if self._waiting:
            self.look_at(self._waiting.pop(0))

    def look_at(self, machine: Machine) -> None:
        """Look at one machine anew: somebody said something of it."""
        self.problems[machine.id] = tuple(
            Problem(
                "load-without-batch",
                machine.id,
                one.start,
                {
                    "until": f"{one.end:%Y-%m-%dT%H:%MZ}",
                    "energy_kwh": f"{one.energy_kwh.quantize(_KILOWATT_HOUR):f}",
                    "above_kw": f"{one.above_kw.quantize(_KILOWATT_HOUR):f}",
                },
            )
            for one in self.of(machine)
        )
