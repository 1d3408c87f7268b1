"""Seals against themselves, against each other, and against those that somebody else holds."""

from itertools import zip_longest

from api.evidence.seal import Document, tree_root
from api.evidence.signature import follows, is_signed
from collector.wire.problem import Problem


def unsound(document: Document, where: str) -> list[Problem]:
    """What is wrong with a seal by itself: its signature, or leaves that do not give its root."""
    seal = document.seal
    values = {"day": seal.day.isoformat(), "number": str(seal.number), "key": seal.key}
    found = []
    if not is_signed(seal.key, document.form, document.signature):
        found.append(Problem("seal-signature-wrong", where, values=values))
    if len(document.leaves) != seal.leaves or tree_root(document.leaves) != seal.root:
        found.append(Problem("seal-leaves-changed", where, values=values))
    return found


class Series:
    """The kept seals, one after the other: numbers, hashes of the ones before, and keys.

    Args:
        last: The seal before the first that is taken; None where that is the site's first one.
    """

    def __init__(self, last: Document | None = None) -> None:
        self._last = last
        self.keys: list[str] = []

    def take(self, document: Document, where: str) -> list[Problem]:
        """The next seal; what is wrong with it where it stands."""
        seal, last = document.seal, self._last
        due = last.seal.number + 1 if last else 1
        values = {"day": seal.day.isoformat(), "number": str(seal.number), "due": str(due)}
        found = []
        if seal.number != due:
            found.append(Problem("seal-missing", where, values=values))
        elif seal.previous != (last.digest if last else ""):
            found.append(Problem("seal-chain-broken", where, values=values))
        if last and not follows(last.seal.key, seal.key, seal.endorsements):
            keys = {"old": last.seal.key, "key": seal.key}
            found.append(Problem("seal-key-changed", where, values=values | keys))
        if seal.key not in self.keys:
            self.keys.append(seal.key)
        self._last = document
        return found


def against_held(held: Document, kept: Document | None, where: str) -> list[Problem]:
    """What is wrong where somebody else holds a seal, and the books have another one or none."""
    seal = held.seal
    values = {"day": seal.day.isoformat(), "number": str(seal.number)}
    if kept is None:
        return [Problem("seal-not-kept", where, values=values)]
    if kept.form == held.form and kept.leaves == held.leaves:
        return []
    pairs = zip_longest(held.leaves, kept.leaves)
    leaf = next((one or other for one, other in pairs if one != other), None)
    name = f"{leaf.kind}/{leaf.name}" if leaf else "-"
    return [Problem("seal-other-than-held", where, values=values | {"leaf": name})]
