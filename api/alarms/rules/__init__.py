"""One rule a file; the file's name is its ``kind`` in ``alarms.toml``."""

import importlib
from pkgutil import iter_modules
from typing import cast

from api.alarms import Rule


def kinds() -> tuple[str, ...]:
    """The kinds of rules that there are."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def rule_of(kind: str) -> type[Rule]:
    """The rule of a kind; there must be one."""
    return cast("type[Rule]", importlib.import_module(f"{__name__}.{kind}").Rule)
