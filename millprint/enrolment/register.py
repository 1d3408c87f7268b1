"""The register: what a site's authority has signed, what it took back, and who is invited.

One JSON file beside the authority. It holds no secret: of a one-time code only the digest.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from collector.wire.problem import Problem, Refused
from collector.wire.reading import parse_stamp, stamp
from millprint.enrolment import codes, keeping

VERSION = 1
FILE = "register.json"
COLLECTOR, GATEWAY, BROKER, PAGES = "collector", "gateway", "broker", "pages"


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate that was signed.

    Attributes:
        name: Whose it is.
        role: ``collector``, ``gateway``, ``broker`` or ``pages``.
        serial: Its number. [hex]
        digest: SHA-256 of it. [hex]
        made: When.
        expires: Until when it holds.
        revoked: Since when it does not; empty while it does.
    """

    name: str
    role: str
    serial: str
    digest: str
    made: str
    expires: str
    revoked: str = ""

    def holds(self, now: datetime) -> bool:
        """Whether it is good for anything."""
        return not self.revoked and now < parse_stamp(self.expires)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time code that was given out: whose name it is good for, and until when."""

    name: str
    digest: str
    until: str


@dataclass(slots=True)
class Register:
    """What the authority remembers.

    Attributes:
        site: Whose authority it is.
        port: Where the broker listens.
        hosts: Names and addresses under which broker and pages are reached.
        issued: Certificates, oldest first.
        invited: Codes that nobody has used yet.
    """

    site: str
    port: int
    hosts: list[str] = field(default_factory=list)
    issued: list[Issued] = field(default_factory=list)
    invited: list[Invitation] = field(default_factory=list)

    def current(self, role: str, now: datetime) -> Issued | None:
        """The newest certificate of a role that holds."""
        held = [one for one in self.issued if one.role == role and one.holds(now)]
        return held[-1] if held else None

    def collectors(self) -> list[str]:
        """Who may write: collectors that were not revoked, and those who are awaited.

        Whose certificate has run out is among them: the handshake keeps him out.
        """
        held = {one.name for one in self.issued if one.role == COLLECTOR and not one.revoked}
        return sorted(held | {one.name for one in self.invited})

    def invite(self, name: str, secret: str, until: datetime, now: datetime) -> None:
        """Remember a code, and forget those that nobody used in time."""
        open_still = [one for one in self.invited if now < parse_stamp(one.until)]
        self.invited = [*open_still, Invitation(name, codes.digest(secret), stamp(until))]

    def redeem(self, secret: str, now: datetime) -> str | None:
        """The name that a code is good for, which is used up then; None where it is no good."""
        digest = codes.digest(secret)
        for one in self.invited:
            if one.digest == digest and now < parse_stamp(one.until):
                self.invited.remove(one)
                return one.name
        return None

    def take_back(self, one: Issued, now: datetime) -> None:
        """Let a certificate hold no longer."""
        self.issued[self.issued.index(one)] = replace(one, revoked=stamp(now))

    def revoke(self, name: str, now: datetime) -> int:
        """Take back all that a collector holds, codes too; how much that was."""
        held = [one for one in self.issued if one.name == name and not one.revoked]
        for one in held:
            self.take_back(one, now)
        invited = [one for one in self.invited if one.name == name]
        self.invited = [one for one in self.invited if one.name != name]
        return len(held) + len(invited)


def exists(folder: Path) -> bool:
    """Whether there is an authority here."""
    return (folder / FILE).is_file()


def load(folder: Path) -> Register:
    """The register of a folder.

    Raises:
        Refused: There is none, or it cannot be read.
    """
    path = folder / FILE
    try:
        return _read(path.read_bytes())
    except FileNotFoundError:
        raise Refused(Problem("enrol-no-site", str(folder))) from None
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise Refused(Problem("file-unreadable", str(path), values={"why": str(fault)})) from fault


def _read(body: bytes) -> Register:
    said: dict[str, Any] = orjson.loads(body)
    if said["v"] != VERSION:
        raise ValueError(f"version {said['v']!r} is not known")
    return Register(
        str(said["site"]),
        int(said["port"]),
        [str(one) for one in said["hosts"]],
        [Issued(**one) for one in said["issued"]],
        [Invitation(**one) for one in said["invited"]],
    )


@contextlib.contextmanager
def changing(folder: Path, first: Register | None = None) -> Iterator[Register]:
    """The register, to be changed by nobody else meanwhile; written where nothing goes wrong.

    Args:
        folder: The authority's.
        first: What it is where there is none yet.
    """
    with keeping.alone(folder):
        register = first if first is not None and not exists(folder) else load(folder)
        yield register
        body = {"v": VERSION} | asdict(register)
        keeping.keep(folder / FILE, orjson.dumps(body, option=orjson.OPT_INDENT_2))
