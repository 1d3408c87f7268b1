"""What divides a meter among machines causes what it counts, as far as that was measured."""

from collections.abc import Iterator

from api import plant as plant_files
from collector.wire.problem import Problem, Refused
from millprint.doctor.premises import Premises

_WATERS = ("water", "soft_water", "hot_water")
_RUN_HOURS = ("run-hours", "rated-run-hours")


def examine(premises: Premises) -> Iterator[Problem]:
    """Shared water that run hours divide: mass was nearer (docs/ledger-accuracy.md)."""
    if premises.api is None:
        return
    try:
        plant = plant_files.load(premises.folder)[-1]
    except Refused:  # the examination of the configuration says why
        return
    for shared in plant.shared:
        for rung in shared.drivers:
            if rung in _RUN_HOURS and shared.carrier in _WATERS:
                where = f"{premises.folder}/plant  [shared.{shared.id}]"
                yield Problem("water-by-run-hours", where, values={"driver": rung})
