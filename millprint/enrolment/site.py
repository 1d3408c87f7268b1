"""The site's side: authority, certificates of broker, pages and gateway, and the broker's files."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization

from api import configuration as api_configuration
from collector.wire import topics
from collector.wire.problem import Problem, Refused
from collector.wire.reading import parse_stamp
from gateway import configuration as gateway_configuration
from millprint.enrolment import authority, broker_files, codes, keeping, register
from millprint.enrolment.authority import Authority
from millprint.enrolment.register import BROKER, GATEWAY, PAGES, Register

BROKER_PORT = 8883
_ALWAYS = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Places:
    """Where a site's enrolment stands.

    Attributes:
        authority: Its key, the register, certificates of pages and gateway.
        broker: What the broker reads.
    """

    authority: Path
    broker: Path


def places(folder: Path) -> Places:
    """Where a configuration folder says that it stands."""
    said = api_configuration.places(folder).enrolment
    return Places(said.folder, said.broker)


def found(folder: Path, hosts: Iterable[str], now: datetime) -> tuple[Register, list[str]]:
    """Make a site's authority and all that hangs on it, or complete what is there.

    Args:
        folder: The configuration folder.
        hosts: Names and addresses under which broker and pages are reached, beside this
            machine's own.
        now: The time.

    Returns:
        The register, and which certificates were made anew.
    """
    at = places(folder)
    gateway = gateway_configuration.load(folder)
    keeping.make_folder(at.authority)
    keeping.make_folder(at.broker, user=broker_files.USER)
    new = not register.exists(at.authority)
    with register.changing(at.authority, Register(gateway.site, BROKER_PORT)) as known:
        signer = authority.make(at.authority, known.site, now) if new else None
        signer = signer or authority.load(at.authority)
        address = urlsplit(gateway.mqtt.url)
        known.port = (address.port or BROKER_PORT) if address.scheme == "mqtts" else known.port
        wanted = {*known.hosts, *hosts, *_ALWAYS, socket.gethostname()}
        grown, known.hosts = wanted > set(known.hosts), sorted(wanted)
        made = _renew(at, known, signer, now, all_servers=grown)
        _write_broker_files(at, known, signer, now)
    return known, made


def rotate(folder: Path, now: datetime, *, due_only: bool) -> list[str]:
    """Sign new certificates for broker, pages and gateway; which.

    Args:
        folder: The configuration folder.
        now: The time.
        due_only: Only those that end within 60 days.
    """
    at = places(folder)
    with register.changing(at.authority) as known:
        signer = authority.load(at.authority)
        if not due_only:
            for role in (BROKER, PAGES, GATEWAY):
                old = known.current(role, now)
                if old is not None:
                    known.take_back(old, now)
        made = _renew(at, known, signer, now)
        _write_broker_files(at, known, signer, now)
    return made


def address(folder: Path) -> str:
    """Under which address the site's server is reached, as far as that is known here."""
    hosts = register.load(places(folder).authority).hosts
    host = next((one for one in hosts if one not in _ALWAYS), "localhost")
    return f"https://{host}:{port(folder)}"


def port(folder: Path) -> int:
    """Where the pages are."""
    return api_configuration.load(folder).port


def invite(folder: Path, name: str, now: datetime, holds: timedelta) -> str:
    """A one-time code for a collector, that is let in from now on. `Refused`: it is no name."""
    if not topics.NAME.fullmatch(name):
        raise Refused(Problem("bad-name", "enrol collector", values={"name": name}))
    at = places(folder)
    with register.changing(at.authority) as known:
        signer = authority.load(at.authority)
        code = codes.new(signer.certificate.public_bytes(serialization.Encoding.DER))
        known.invite(name, code.secret, now + holds, now)
        _write_broker_files(at, known, signer, now)
    return code.text


def revoke(folder: Path, name: str, now: datetime) -> None:
    """Take back all that a collector holds. `Refused`: it holds nothing."""
    at = places(folder)
    with register.changing(at.authority) as known:
        signer = authority.load(at.authority)
        if not known.revoke(name, now):
            names = ", ".join(known.collectors()) or "-"
            values = {"name": name, "known": names}
            raise Refused(Problem("enrol-nobody", "enrol revoke", values=values))
        _write_broker_files(at, known, signer, now)


def settle(folder: Path) -> None:
    """Let in again who needs the files of the enrolment, where a restore has put them."""
    at = places(folder)
    if not register.exists(at.authority):
        return
    at.authority.chmod(0o700)
    keeping.make_folder(at.broker, user=broker_files.USER)
    at.broker.chmod(0o750)
    for path in at.broker.iterdir():
        keeping.as_its_folder(path)


def _renew(
    at: Places, known: Register, signer: Authority, now: datetime, *, all_servers: bool = False
) -> list[str]:
    """Sign anew what is missing or will soon end; servers also where they have a new name."""
    made = []
    for role, folder, name in (
        (BROKER, at.broker, known.site),
        (PAGES, at.authority, known.site),
        (GATEWAY, at.authority, broker_files.gateway_name(known.site)),
    ):
        old = known.current(role, now)
        there = (folder / f"{role}.pem").is_file() and (folder / f"{role}.key").is_file()
        kept = old is not None and there and now < parse_stamp(old.expires) - authority.DUE
        if kept and not (all_servers and role != GATEWAY):
            continue
        key, _ = authority.new_request(name)
        certificate, entry = signer.sign(key.public_key(), name, role, now, known.hosts)
        if old is not None:
            known.take_back(old, now)
        known.issued.append(entry)
        keeping.keep(folder / f"{role}.key", authority.pem_of(key), secret=True)
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        keeping.keep(folder / f"{role}.pem", pem)
        made.append(role)
    return made


def _write_broker_files(at: Places, known: Register, signer: Authority, now: datetime) -> None:
    for name, body in broker_bodies(at.broker, known).items():
        _keep_if_other(at.broker / name, body.encode())
    _keep_if_other(at.broker / authority.CERTIFICATE, signer.pem)
    revoked = sorted(one.serial for one in known.issued if one.revoked)
    path = at.broker / broker_files.REVOKED
    if not path.is_file() or authority.serials(path) != revoked:
        keeping.keep(path, signer.revocations(known.issued, now))


def broker_bodies(folder: Path, known: Register) -> dict[str, str]:
    """What the broker's files are to say, by name."""
    return {
        broker_files.SETTINGS: broker_files.settings(folder.resolve(), known.port),
        broker_files.RULES: broker_files.rules(known.site, known.collectors()),
    }


def _keep_if_other(path: Path, body: bytes) -> None:
    if not path.is_file() or path.read_bytes() != body:
        keeping.keep(path, body)
