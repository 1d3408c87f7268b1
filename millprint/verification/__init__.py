"""`millprint verify`: whether what a site keeps still is what was received, and what was sealed.

Only reads, and asks nobody: a live site, or copies of its configuration folder with journal and
books. Memory does not grow with the journal.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from api import configuration as api_configuration
from api.books.engines import named, read_only
from api.books.seals import Seals
from collector.toml_files import SHIPPED
from collector.wire.problem import Problem, Refused
from gateway import configuration as gateway_configuration
from gateway.journal.reader import Reader
from millprint.verification.held import Held, held_seals
from millprint.verification.readings import check_journal
from millprint.verification.seals import SealCheck

Tell = Callable[[int, int], None]
"""Told how many of how many records were walked along."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found.

    Attributes:
        records: How many records of the journal were walked along.
        epochs: Of how many epochs.
        seals: How many seals the books keep.
        through: Day of the last of them; empty where there is none.
        held: How many seals that others hold were compared.
        keys: Public keys of the kept seals, the oldest first.
        findings: What is wrong.
    """

    records: int
    epochs: int
    seals: int
    through: str
    held: int
    keys: tuple[str, ...]
    findings: tuple[Problem, ...]


def verify(
    folder: Path, against: Sequence[Path], public_keys: Sequence[str], tell: Tell
) -> Verdict:
    """Verify a site.

    Args:
        folder: Its configuration folder.
        against: Seals that others hold: files, or folders of them.
        public_keys: Keys that are known to be the site's.
        tell: Told how far it is.

    Raises:
        Refused: The configuration cannot be read, or a file is no seal.
    """
    gateway, api = gateway_configuration.load(folder), api_configuration.load(folder)
    if not gateway.journal.exists():
        values = {"path": str(gateway.journal)}
        raise Refused(Problem("no-journal", "gateway.toml  [journal]", values=values))
    held, strange = held_seals(against, gateway.site)
    if strange:
        raise Refused(*strange)
    own, findings = held_seals([api.seal.folder] if api.seal.folder.is_dir() else [], gateway.site)
    with _seals(api.books) as seals:
        check = SealCheck(seals, folder, SHIPPED / "factors", named(api.books))
        findings += check.kept(public_keys)
        for one in _once([*held, *own]):
            findings += check.held(one)
    journal = Reader(gateway.journal)
    walked = check_journal(journal, gateway.site, str(gateway.journal), check.marks, tell)
    return Verdict(
        records=walked.records,
        epochs=walked.epochs,
        seals=check.count,
        through=check.through,
        held=len(held),
        keys=tuple(check.keys),
        findings=(*findings, *walked.findings),
    )


@contextmanager
def _seals(url: str) -> Iterator[Seals]:
    engine = read_only(url)
    try:
        engine.connect().close()
    except sa.exc.OperationalError as fault:
        values = {"why": str(fault.orig)}
        raise Refused(Problem("no-books", "api.toml  [books]", values=values)) from fault
    try:
        yield Seals(engine)
    finally:
        engine.dispose()


def _once(held: Sequence[Held]) -> list[Held]:
    """Each seal once, however many hold it."""
    return list({(one.document.form, one.document.leaves): one for one in reversed(held)}.values())
