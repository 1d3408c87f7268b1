"""The journal's part: every chain from its beginning, and what stands outside of all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from api.evidence.walk import MOST, Mark, Walk
from collector.wire.problem import Problem
from gateway.journal import FAULTS, Chain, Journal

Marks = Mapping[tuple[str, str], Sequence[Mark]]
"""What seals say of each epoch, by collector and epoch."""
_TELL_EVERY = 2000
_LAST = 2**53


@dataclass(frozen=True, slots=True)
class Walked:
    """What was found, in how many records of how many epochs."""

    records: int
    epochs: int
    findings: tuple[Problem, ...]


def check_journal(
    journal: Journal, site: str, where: str, marks: Marks, tell: Callable[[int, int], None]
) -> Walked:
    """Walk along every epoch.

    Args:
        journal: The journal.
        site: Whose.
        where: Its file.
        marks: What seals say of its epochs.
        tell: Told how many of how many records were walked along.
    """
    chains = journal.chains()
    whole = sum(one.ack.through for one in chains)
    records = 0
    walks: list[Walk] = []
    findings: list[Problem] = []
    for found in chains:
        walk = Walk(site, found, where, marks.get((found.collector, found.ack.epoch), ()))
        try:
            for one in journal.evidence(walk.collector, walk.epoch, 1, _LAST):
                walk.take(one)
                records += 1
                if records % _TELL_EVERY == 0:
                    tell(records, whole)
        except (ValueError, *FAULTS) as fault:
            values = {"collector": walk.collector, "epoch": walk.epoch, "why": str(fault)}
            findings.append(Problem("journal-unreadable", where, values=values))
        else:
            walks.append(walk)
    _pass_on(walks)
    after = {(one.collector, one.ack.epoch): one for one in journal.chains()}
    findings += [problem for walk in walks for problem in _end(journal, walk, after)]
    findings += _lost_epochs(where, after, marks)
    findings += _births(journal, where, walks)
    findings += _strays(journal, where)
    findings += _values(journal, where)
    tell(records, whole)
    return Walked(records, len(chains), tuple(findings))


def _pass_on(walks: Sequence[Walk]) -> None:
    """What a record of one epoch says is gone of another one of the same collector."""
    known = {(walk.collector, walk.epoch): walk for walk in walks}
    for walk in walks:
        for epoch, span in walk.gone_elsewhere:
            other = known.get((walk.collector, epoch))
            if other is not None:
                other.hear_of_gone(span)


def _end(journal: Journal, walk: Walk, after: Mapping[tuple[str, str], Chain]) -> list[Problem]:
    aside = journal.set_aside(walk.collector, walk.epoch)
    return walk.end(after[walk.collector, walk.epoch], aside)


def _lost_epochs(where: str, known: Mapping[tuple[str, str], Chain], marks: Marks) -> list[Problem]:
    """Epochs that seals know and the journal does not."""
    found = []
    for (collector, epoch), said in sorted(marks.items()):
        if (collector, epoch) not in known:
            last = max(said, key=lambda mark: mark.last)
            values = {"collector": collector, "epoch": epoch, "seq": str(last.last)}
            values |= {"seal": last.seal, "through": "0"}
            found.append(Problem("journal-behind-seal", where, values=values))
    return found


def _strays(journal: Journal, where: str) -> list[Problem]:
    try:
        strays = list(islice(journal.strays(), MOST))
    except (ValueError, *FAULTS):
        return []  # said already, of the epoch that could not be read
    return [
        Problem("record-of-no-epoch", where, values={"seq": str(one.seq), "device": one.device})
        for one in strays
    ]


def _values(journal: Journal, where: str) -> list[Problem]:
    """Chunks that answer with other values than their readings have."""
    try:
        return [
            Problem("values-changed", where, at, {"device": device})
            for device, at in islice(journal.unfaithful(), MOST)
        ]
    except (ValueError, *FAULTS):
        return []  # likewise


def _births(journal: Journal, where: str, walks: Sequence[Walk]) -> list[Problem]:
    """What readings mean: a birth that does not give the hash that readings carry was changed."""
    born = set().union(*(walk.born for walk in walks))
    used = set().union(*(walk.births for walk in walks))
    return [
        Problem("birth-changed", where, values={"birth": hash_})
        for hash_ in sorted(used)
        if _hash_of_birth(journal, hash_) not in ({hash_} if hash_ in born else {hash_, None})
    ]


def _hash_of_birth(journal: Journal, hash_: str) -> str | None:
    """What the birth that is filed under a hash really hashes to; None where there is none."""
    try:
        birth = journal.birth(hash_)
    except ValueError:
        return ""
    return birth.hash if birth else None
