"""Check a whole configuration folder before anything runs: every fault, each with its place."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from api import alarm_files, factor_files
from api import configuration as api_configuration
from api import plant as plant_files
from collector import configuration as collector_configuration
from collector.births import birth_of
from collector.toml_files import SHIPPED
from collector.wire.problem import Problem, Refused
from gateway import configuration as gateway_configuration

T = TypeVar("T")


def check(folder: Path, parts: tuple[str, ...] = ("collector", "gateway", "api")) -> list[Problem]:
    """Everything that is wrong with the folder, for these parts.

    Args:
        folder: The configuration folder.
        parts: ``collector``, ``gateway``, ``api``.
    """
    problems: list[Problem] = []
    points: dict[str, frozenset[str]] | None = None
    site = ""
    if "collector" in parts:
        found = _tried(lambda: collector_configuration.load(folder), problems)
        if found is not None:
            births = [birth_of(device) for device in found.devices]
            points = {one.device: frozenset(p.name for p in one.points) for one in births}
            site = found.site
    if "gateway" in parts:
        gateway = _tried(lambda: gateway_configuration.load(folder), problems)
        if gateway is not None and site and gateway.site != site:
            values = {"one": site, "other": gateway.site}
            problems.append(Problem("sites-differ", str(folder), None, values))
    if "api" in parts:
        _tried(lambda: api_configuration.load(folder), problems)
        _tried(lambda: plant_files.load(folder, points), problems)
        _tried(lambda: alarm_files.load(folder), problems)
        _tried(lambda: factor_files.catalogue(SHIPPED / "factors", folder / "factors"), problems)
    return problems


def _tried(load: Callable[[], T], problems: list[Problem]) -> T | None:
    try:
        return load()
    except Refused as refused:
        problems += refused.problems
        return None
