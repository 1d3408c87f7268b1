"""Certificates hold, fit their keys, and are by whom they should be."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from collector.wire.problem import Problem, Refused
from collector.wire.reading import stamp
from millprint.doctor.premises import Premises
from millprint.enrolment import authority


@dataclass(frozen=True, slots=True)
class _Held:
    """A certificate that something here works with, its key, and who should have signed it.

    The key is None where it is somebody else's alone, and we are not he.
    """

    certificate: Path
    key: Path | None
    ca: Path | None = None
    name: str = ""


def examine(premises: Premises) -> Iterator[Problem]:
    """Each certificate of the configuration, and the broker's."""
    for held in sorted(set(_held(premises)), key=lambda one: str(one.certificate)):
        try:
            yield from _faults(held, premises)
        except Refused as refused:
            yield from refused.problems


def _held(premises: Premises) -> Iterator[_Held]:
    for place, mqtt in premises.mqtt:
        if mqtt.cert_file:
            ca = Path(mqtt.ca_file) if mqtt.ca_file else None
            own = premises.collector if place.endswith("collector.toml") else None
            name = own.collector if own else ""
            yield _Held(Path(mqtt.cert_file), Path(mqtt.key_file or mqtt.cert_file), ca, name)
    if premises.api is None:
        return
    if premises.api.tls is not None:
        yield _Held(premises.api.tls.certificate, premises.api.tls.key)
    broker = premises.api.enrolment.broker
    if (broker / "broker.pem").is_file():
        key = broker / "broker.key"
        seen = None if _is_the_brokers_alone(key) else key
        yield _Held(broker / "broker.pem", seen, broker / authority.CERTIFICATE)


def _is_the_brokers_alone(key: Path) -> bool:
    if not key.is_file() or os.access(key, os.R_OK):
        return False
    return key.stat().st_uid == key.parent.stat().st_uid


def _faults(held: _Held, premises: Premises) -> Iterator[Problem]:
    shown = authority.read_certificate(held.certificate)
    where, end = str(held.certificate), shown.not_valid_after_utc
    if end < premises.now:
        yield Problem("tls-expired", where, values={"end": stamp(end)})
    elif end < premises.now + authority.DUE / 2:  # by then it should have been renewed
        yield Problem("tls-ends-soon", where, values={"end": stamp(end)})
    if held.key and authority.read_key(held.key).public_key() != shown.public_key():
        yield Problem("tls-of-another-key", where, values={"key": str(held.key)})
    if held.ca is not None and not _signed(shown, authority.read_certificate(held.ca)):
        yield Problem("tls-of-another-authority", where, values={"ca": str(held.ca)})
    name = str(shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
    if held.name and name != held.name:
        values = {"name": name, "collector": held.name}
        yield Problem("tls-of-another-name", where, values=values)


def _signed(shown: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        shown.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
