"""Kinds of tables that are taken in. One file each; its name is the kind's.

A kind is a module with ``EN`` and ``ZH``, its titles; ``FIELDS``, its columns; and ``plan``, which
holds rows against what is known. What it plans is entered and undone alike for all of them.
"""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from api.importing.fields import Field
from api.importing.parsing import Row
from api.importing.planning import Ground, Plan


class Kind(Protocol):
    """What a kind's module offers.

    Attributes:
        EN: Its title.
        ZH: The same.
        FIELDS: What its files have columns for.
    """

    EN: str
    ZH: str
    FIELDS: tuple[Field, ...]

    def plan(self, rows: Sequence[Row], ground: Ground) -> Plan:
        """What rows would change.

        Args:
            rows: A file's rows, each cell in one form.
            ground: What they are held against.
        """


def names() -> list[str]:
    """Every kind."""
    return sorted(one.name for one in iter_modules(__path__) if not one.name.startswith("_"))


@cache
def kind(name: str) -> Kind:
    """The kind of that name."""
    return cast("Kind", import_module(f"{__name__}.{name}"))
