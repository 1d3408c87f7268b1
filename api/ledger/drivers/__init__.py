"""Drivers: what a shared amount is divided by (rule 7). One file each; its name is the name.

A driver is a module with a function ``weigh(case, run)``: what the run counts for, or None where
a fact is missing and the next rung must be tried. All runs of a case overlap its slice wholly, so
the overlap is a factor of every weight and is left out. What stands behind a colon is the
driver's argument: ``signal:motor_on``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from api.ledger.accounts import Run, Weight
from api.ledger.plant import Process
from gateway.intervals import Curve


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of batches, machines and processes, as far as it is.

    Attributes:
        masses_kg: Mass by batch. [kg]
        hours: Length of all runs of a batch on a machine. [h]
        rated_kw: Rated power by machine. [kW]
        quantities: By kind and batch: ``length`` [m], ``area`` [m²], ``pieces``, ``passes``.
        processes: What is declared of each process.
        curves: Gauges and states by machine and name.
        beside_kw: What a machine draws besides a drive that shows its power, where declared. [kW]
    """

    masses_kg: Mapping[str, Decimal]
    hours: Mapping[tuple[str, str], Decimal]
    rated_kw: Mapping[str, Decimal]
    quantities: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    processes: Mapping[str, Process] = field(default_factory=dict)
    curves: Mapping[tuple[str, str], Curve] = field(default_factory=dict)
    beside_kw: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be divided: the runs that overlap a slice of time, whole.

    Attributes:
        start: Beginning of the slice.
        end: Its end.
        runs: The runs that were on during all of it.
        facts: What is known.
        shares: Declared share by machine.
        argument: What the rung says behind its colon.
    """

    start: datetime
    end: datetime
    runs: tuple[Run, ...]
    facts: Facts
    shares: Mapping[str, Decimal] = field(default_factory=dict)
    argument: str = ""


class Driver(Protocol):
    """What a driver's module offers.

    Attributes:
        PER_MACHINE: Whether a machine counts once, however many batches are on it.
        VARIES: Whether a run's weight changes while it lasts.
    """

    PER_MACHINE: bool
    VARIES: bool

    def weigh(self, case: Case, run: Run) -> Weight | None:
        """What a run counts for, 0 or more; None where a fact is missing."""


def names() -> list[str]:
    """Every driver, as it is named in a plant."""
    return sorted(module.name.replace("_", "-") for module in iter_modules(__path__))


@cache
def driver(rung: str) -> Driver:
    """The driver of a rung."""
    name = rung.partition(":")[0].replace("-", "_")
    return cast("Driver", import_module(f"{__name__}.{name}"))


def over_run(case: Case, run: Run, name: str, quantity: Decimal | None) -> Weight | None:
    """A batch's quantity, spread evenly over its time on the machine; none or 0 is missing."""
    hours = case.facts.hours.get((run.machine, run.batch))
    if quantity is None or quantity <= 0 or not hours:
        return None
    return Weight(quantity / hours, {name: quantity, "run_h": hours})
