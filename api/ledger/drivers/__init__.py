"""Drivers: what a shared amount is divided by (rule 7). One file each; its name is the name.

A driver is a module with one function ``weights(case) -> list[Decimal] | None``: a weight for
each run of the case, or None where the signal is missing and the next rung must be tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from api.ledger.accounts import Run


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be divided: the runs that overlap a slice of time, whole.

    Attributes:
        start: Beginning of the slice.
        end: Its end.
        runs: The runs that were on during all of it.
        masses_kg: Mass by batch, where it is known. [kg]
        hours: Length of all runs of a batch on its machine. [h]
        rated_kw: Rated power by machine, where it is known. [kW]
    """

    start: datetime
    end: datetime
    runs: tuple[Run, ...]
    masses_kg: Mapping[str, Decimal]
    hours: Mapping[tuple[str, str], Decimal]
    rated_kw: Mapping[str, Decimal]


class Driver(Protocol):
    """What a driver's module offers."""

    def weights(self, case: Case) -> list[Decimal] | None:
        """Non-negative weights of the runs, or None where the signal is missing."""


def names() -> list[str]:
    """Every driver, as it is named in a plant."""
    return sorted(module.name.replace("_", "-") for module in iter_modules(__path__))


def driver(name: str) -> Driver:
    """The driver of that name."""
    return cast("Driver", import_module(f"{__name__}.{name.replace('-', '_')}"))
