"""Copies of seals: into the mill's own folder, and into those that the plant names for others.

A seal that only the mill holds proves little: whoever sets the database back may set the seals
back as well. So each is written as a file to every named folder, and owed until that is done.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from api.books.seals import Seals
from api.evidence.seal import Document
from api.sealing.files import write_whole

log = logging.getLogger("api")


def file_name(document: Document) -> str:
    """How the file of a seal is called."""
    return f"{document.seal.site}-{document.seal.day.isoformat()}.json"


def hand_out(
    seals: Seals, own: Path, others: Sequence[Path], elsewhere: Sequence[str] = ()
) -> None:
    """Write every seal that is owed to a folder; what fails is remembered, and tried again.

    Args:
        seals: The kept seals.
        own: The mill's own folder; made where it is missing.
        others: Folders of others. One that is missing (a stick that was pulled) is not made.
        elsewhere: Who gets them another way: what is owed to them is not forgotten.
    """
    own.mkdir(parents=True, exist_ok=True)
    seals.forget_other_folders([*(str(folder) for folder in (own, *others)), *elsewhere])
    for folder in (own, *others):
        for number in seals.owed(str(folder)):
            if not _hand(seals, folder, number):
                break


def _hand(seals: Seals, folder: Path, number: int) -> bool:
    document = seals.of_number(number)
    if document is None:
        return False
    fault = ""
    try:
        write_whole(folder / file_name(document), document.text)
    except OSError as refused:
        fault = str(refused.strerror or refused)
        log.warning("seal %d could not be written to %s: %s", number, folder, fault)
    seals.set_copy(str(folder), number, fault)
    return not fault
