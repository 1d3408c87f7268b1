"""The examinations, a file each: ``examine(premises)`` yields what is wrong."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from collector.wire.problem import Problem
from gateway.journal import FAULTS
from millprint.doctor.premises import Premises


class Examination(Protocol):
    """What the module of an examination offers."""

    def examine(self, premises: Premises) -> Iterable[Problem]:
        """What is wrong."""


def names() -> list[str]:
    """Every examination."""
    return sorted(module.name for module in iter_modules(__path__))


def examination(name: str) -> Examination:
    """The examination of a name."""
    return cast("Examination", import_module(f"{__name__}.{name}"))


def examine(premises: Premises, tell: Callable[[str], None]) -> list[Problem]:
    """Everything that is wrong; `tell` is told which examination begins."""
    found: list[Problem] = []
    for name in names():
        tell(name)
        try:
            with suppress(*FAULTS):  # the examination of the databases says why
                found += examination(name).examine(premises)
        except PermissionError as fault:
            found.append(Problem("examination-not-allowed", str(fault.filename)))
    return found
