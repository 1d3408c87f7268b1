"""Accounts and postings (rule 5): every amount of every meter goes to one account, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from api.ledger.exact import whole_weights
from gateway.intervals import Slice


@dataclass(frozen=True, slots=True)
class Run:
    """A batch on a machine for ``[start, end)``, doing a process.

    Attributes:
        machine: Where.
        batch: Which batch; empty where the id could not be taken (the amounts are held).
        process: What was done.
        start: Beginning.
        end: End; for a run that goes on, how far it is known.
        going_on: Whether the batch is still on the machine.
        said: The id as the machine said it.
    """

    machine: str
    batch: str
    process: str
    start: datetime
    end: datetime
    going_on: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Who carries an amount.

    Attributes:
        kind: ``run``, ``standby`` (idling that `run` carries; pending where there is none yet),
            ``utility``, ``overhead``, ``unmetered``, ``exported`` or ``held``.
        name: The machine, shared meter, utility, supply or site; for ``held`` also a meter.
        run: The run, for ``run`` and ``standby``; and for ``unmetered``, where it is shared.
    """

    kind: str
    name: str
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """What a run counts for in a division, and the facts that it comes from.

    Attributes:
        value: The weight itself; only its ratio to the others matters.
        inputs: The facts by name, the unit in the name: ``{"mass_kg": 300, "run_h": 2}``.
    """

    value: Decimal
    inputs: Mapping[str, Decimal]


@dataclass(frozen=True)
class Division:
    """How an amount was divided: one for all postings of a slice, or of many.

    Attributes:
        rung: The driver that divided.
        runs: Among which runs.
        weights: What each of them counted for.
        passed_over: Rungs above it whose signal was missing.
    """

    rung: str
    runs: tuple[Run, ...]
    weights: tuple[Weight, ...]
    passed_over: tuple[str, ...] = ()

    @cached_property
    def idle(self) -> bool:
        """Whether nobody counts for anything."""
        return not any(weight.value for weight in self.weights)

    @cached_property
    def ratio(self) -> list[int]:
        """The weights as whole numbers."""
        return whole_weights([weight.value for weight in self.weights])


class Posting(NamedTuple):
    """An amount of a meter in one account. A year of a mill has millions of them.

    Attributes:
        meter: ``device.point``.
        carrier: What it counts.
        start: Beginning.
        end: End.
        amount: In the meter's stored unit; only *unmetered* may be negative.
        measured: The part of it that is measured,
        interpolated: interpolated,
        estimated: or estimated (rule 3).
        account: Who carries it.
        rule: By which rule: ``direct``, ``mass``, ``standby``, ``remainder`` …
        division: Among whom it was divided, and by what; None where it was not.
    """

    meter: str
    carrier: str
    start: datetime
    end: datetime
    amount: Decimal
    measured: Decimal
    interpolated: Decimal
    estimated: Decimal
    account: Account
    rule: str
    division: Division | None = None


def posting(
    meter: str,
    carrier: str,
    piece: Slice,
    account: Account,
    rule: str,
    division: Division | None = None,
) -> Posting:
    """A slice of a meter's line, as one account carries it."""
    return Posting(
        meter,
        carrier,
        piece.start,
        piece.end,
        piece.amount,
        piece.measured,
        piece.interpolated,
        piece.estimated,
        account,
        rule,
        division,
    )


@dataclass(frozen=True, slots=True)
class Charge:
    """Part of a utility's input, carried by one who took its output (rule 12).

    Attributes:
        utility: Which.
        makes: The carrier that was taken.
        start: Beginning of the balancing window.
        end: Its end.
        meter: Counter of the input.
        carrier: What that counts.
        amount: Physical amount of the input, in its stored unit.
        account: Who carries it.
        rule: ``utility``, ``distribution-loss``, ``utility-standby`` or ``utility-last-window``.
        unit: Its unit, where that is another than the counter's.
        measured: The part of the amount that is measured,
        interpolated: interpolated,
        estimated: or estimated: as the input meter's own amount is.
    """

    utility: str
    makes: str
    start: datetime
    end: datetime
    meter: str
    carrier: str
    amount: Decimal
    account: Account
    rule: str
    unit: str = ""
    measured: Decimal = Decimal(0)
    interpolated: Decimal = Decimal(0)
    estimated: Decimal = Decimal(0)
