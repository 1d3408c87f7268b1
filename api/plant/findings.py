"""What is wrong with a plant's file, gathered while it is read."""

from collections.abc import Collection
from pathlib import Path

from api.plant.units import UNITS
from collector import toml_files
from collector.wire.problem import Problem


class Findings:
    """The problems of one file; reading goes on after the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def wrong(self, where: str, value: str, why: str) -> None:
        """A value that cannot be."""
        self.problems.append(Problem("wrong-value", where, None, {"value": value, "why": why}))

    def check_choice(self, value: str, known: Collection[str], where: str) -> None:
        """Whether a word is one of those that may stand there."""
        if value not in known:
            self.wrong(where, repr(value), f"it is one of {', '.join(known)}")

    def check_carrier(self, carrier: str, where: str) -> bool:
        """Whether there is such a carrier."""
        if carrier not in UNITS:
            values = {"carrier": carrier, "nearest": toml_files.nearest(carrier, UNITS)}
            values["known"] = ", ".join(UNITS)
            self.problems.append(Problem("unknown-carrier", where, None, values))
        return carrier in UNITS

    def check_meter(self, carrier: str, meter: str, where: str) -> None:
        """Whether a counter can count a carrier, by its unit."""
        if not self.check_carrier(carrier, where):
            return
        if not meter.endswith(UNITS[carrier]) or "." not in meter:
            values = {"meter": meter, "carrier": carrier, "units": " / ".join(UNITS[carrier])}
            self.problems.append(Problem("meter-of-wrong-unit", where, None, values))
