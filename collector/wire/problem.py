"""What is wrong with the data or the configuration, as a value.

A problem is returned beside a result; a configuration that cannot stand is `Refused` with
its problems. Codes are words; what is said of each stands in ``configs/problems.toml``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: which kind, where, when, and the values to quote."""

    code: str
    where: str
    at: datetime | None = None
    values: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """This configuration or request cannot be worked with; the problems say why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.code}: {p.where}" for p in problems))
        self.problems = problems
