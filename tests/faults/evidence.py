"""The chain of a journal, recomputed from its files by code of our own.

RFC 8785 comes from the ``rfc8785`` package, SHA-256 from the standard library; docs/contracts.md
says the rest.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import rfc8785


@dataclass(frozen=True, slots=True)
class Link:
    """One record of an epoch as a file has it."""

    seq: int
    form: bytes
    h: bytes


def genesis(site: str, collector: str, epoch: str) -> bytes:
    """What stands before an epoch's first record."""
    whose = {"v": 1, "site": site, "collector": collector, "epoch": epoch}
    return hashlib.sha256(rfc8785.dumps(whose)).digest()


def sent_link(record: dict[str, Any], device: str, birth: str) -> Link:
    """A record as its message has it; a reading's form names its device and birth too."""
    form = {name: value for name, value in record.items() if name != "h"}
    if "kind" not in form:
        form |= {"device": device, "birth": birth}
    h = base64.urlsafe_b64decode(record["h"] + "=")
    return Link(int(record["seq"]), rfc8785.dumps(form), h)


def broken_links(links: Iterable[Link], before: bytes) -> list[int]:
    """Numbers whose hash does not follow from the record before, or whose form is not canonical.

    A record whose predecessor is not there cannot be checked by it.
    """
    found, previous, expected = [], before, 1
    for link in sorted(links, key=lambda one: one.seq):
        canonical = rfc8785.dumps(json.loads(link.form)) == link.form
        follows = hashlib.sha256(previous + link.form).digest() == link.h
        if not canonical or (link.seq == expected and not follows):
            found.append(link.seq)
        previous, expected = link.h, link.seq + 1
    return found


def gone_ranges(forms: Iterable[dict[str, Any]], own_epoch: str) -> list[tuple[str, int, int]]:
    """What ``gone`` records declare: epoch, first, last."""
    found = []
    for form in forms:
        if form.get("kind") != "gone":
            continue
        body = form["body"]
        ranges = body.get("ranges") or [[body["first"], body["last"]]]
        epoch = body.get("epoch") or own_epoch
        found += [(epoch, int(one[0]), int(one[1])) for one in ranges]
    return found
