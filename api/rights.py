"""Who may do what: the one table of rights, and who asks.

A route names the one right that it needs (`api.service`); nothing else decides whether a role may.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Right = Literal["read", "enter", "decide", "audit", "people"]
Role = Literal["engineer", "accountant", "certifier", "admin"]

RIGHTS: Mapping[str, frozenset[Right]] = {
    "engineer": frozenset({"read", "enter"}),
    "accountant": frozenset({"read", "enter", "decide", "audit"}),
    "certifier": frozenset({"read", "audit"}),
    "admin": frozenset(get_args(Right)),
}
"""What each role may: read results and what they were made of; enter and correct; decide (close
months, post restatements); look at the audit log; say who the people and keys are."""

ROLES: tuple[str, ...] = tuple(RIGHTS)
PASSING = frozenset({"certifier"})
"""Roles of those who come from outside: whoever has one has it until a day."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who does something.

    Attributes:
        name: As it stands beside what he enters.
        role: Whose rights he has.
        means: By what he is known: ``key 3``, ``person 5``, ``box``, ``certificate``.
        address: Where the request came from.
    """

    name: str
    role: str
    means: str
    address: str = ""

    def may(self, right: str) -> bool:
        """Whether his role has a right."""
        return right in RIGHTS.get(self.role, frozenset())


def holding(right: str) -> str:
    """The roles that have a right, as a sentence names them."""
    return ", ".join(role for role, rights in RIGHTS.items() if right in rights)
