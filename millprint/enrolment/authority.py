"""The authority: the one key whose signature the site's broker, pages and collectors trust."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from collector.wire.problem import Problem, Refused
from collector.wire.reading import stamp
from millprint.enrolment import keeping
from millprint.enrolment.register import BROKER, PAGES, Issued

CERTIFICATE, KEY = "ca.pem", "ca.key"
LIFE = timedelta(days=800)  # browsers take no certificate of a mill's own that holds over 825 days
DUE = timedelta(days=60)
"""So long before its end a certificate is renewed."""
_FOR_GOOD = timedelta(days=20 * 365)
_SLACK = timedelta(days=30)  # a machine without a clock of its own wakes up in the past
_HASH = hashes.SHA256()


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs: a certificate, and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate, for those who are to trust it."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def sign(
        self,
        key: ec.EllipticCurvePublicKey,
        name: str,
        role: str,
        now: datetime,
        hosts: Iterable[str] = (),
    ) -> tuple[x509.Certificate, Issued]:
        """A certificate, and how it stands in the register.

        Args:
            key: Whose owner is named.
            name: The common name: for a collector who it is at the broker.
            role: Servers may be connected to, all others may only connect.
            now: The time.
            hosts: Of servers, the names and addresses under which they are reached.
        """
        server = role in (BROKER, PAGES)
        usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        built = (
            _builder(_common(name), self.certificate.subject, key, (now - _SLACK, now + LIFE))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
        )
        if server:
            names = x509.SubjectAlternativeName([_host(one) for one in hosts])
            built = built.add_extension(names, critical=False)
        made = built.sign(self.key, _HASH)
        return made, Issued(
            name,
            role,
            f"{made.serial_number:x}",
            made.fingerprint(_HASH).hex(),
            stamp(now),
            stamp(now + LIFE),
        )

    def revocations(self, issued: Iterable[Issued], now: datetime) -> bytes:
        """The list of what was taken back. [PEM]

        It holds as long as the authority: a list that ran out would shut everybody out of a box
        that nobody looks after.
        """
        built = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - _SLACK)
            .next_update(self.certificate.not_valid_after_utc)
        )
        for one in issued:
            if one.revoked:
                entry = x509.RevokedCertificateBuilder().serial_number(int(one.serial, 16))
                built = built.add_revoked_certificate(entry.revocation_date(now).build())
        return built.sign(self.key, _HASH).public_bytes(serialization.Encoding.PEM)


def make(folder: Path, site: str, now: datetime) -> Authority:
    """A new authority, kept in a folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _common(f"millprint {site}")
    built = (
        _builder(name, name, key.public_key(), (now - _SLACK, now + _FOR_GOOD))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
    )
    made = Authority(built.sign(key, _HASH), key)
    keeping.keep(folder / KEY, pem_of(key), secret=True)
    keeping.keep(folder / CERTIFICATE, made.pem)
    return made


def load(folder: Path) -> Authority:
    """The authority of a folder.

    Raises:
        Refused: Its key is not there (it may be kept elsewhere between enrolments), or no key.
    """
    if not (folder / KEY).is_file():
        raise Refused(Problem("enrol-no-authority-key", str(folder / KEY)))
    certificate = read_certificate(folder / CERTIFICATE)
    return Authority(certificate, read_key(folder / KEY))


def serials(revocations: Path) -> list[str]:
    """The numbers on a list of what was taken back, in order. [hex]"""
    try:
        said = x509.load_pem_x509_crl(revocations.read_bytes())
    except (OSError, ValueError) as fault:
        values = {"why": str(fault)}
        raise Refused(Problem("file-unreadable", str(revocations), values=values)) from fault
    return sorted(f"{one.serial_number:x}" for one in said)


def read_certificate(path: Path) -> x509.Certificate:
    """A certificate's file; `Refused` where it is none."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise Refused(Problem("file-unreadable", str(path), values={"why": str(fault)})) from fault


def read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """A key's file; `Refused` where it is none of ours."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as fault:
        raise Refused(Problem("file-unreadable", str(path), values={"why": str(fault)})) from fault
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        values = {"why": "it is no key on an elliptic curve"}
        raise Refused(Problem("file-unreadable", str(path), values=values))
    return key


def new_request(name: str) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """A new key, and the request to sign it. [PEM]"""
    key = ec.generate_private_key(ec.SECP256R1())
    built = x509.CertificateSigningRequestBuilder().subject_name(_common(name)).sign(key, _HASH)
    return key, built.public_bytes(serialization.Encoding.PEM)


def key_of_request(request: bytes) -> ec.EllipticCurvePublicKey:
    """The key that a request wants to have signed; `Refused` where it does not own it.

    Nothing else of a request counts: its name is the site's to give.
    """
    try:
        said = x509.load_pem_x509_csr(request)
        key, own = said.public_key(), said.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise _bad_request(str(fault)) from fault
    if not own:
        raise _bad_request("its signature is not by its own key")
    if not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)):
        raise _bad_request("its key is not on the curve P-256")
    return key


def _bad_request(why: str) -> Refused:
    return Refused(Problem("enrol-bad-request", "request", values={"why": why}))


def pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A key as it stands in its file."""
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    holds: tuple[datetime, datetime],
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(holds[0])
        .not_valid_after(holds[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _common(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(one: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(one))
    except ValueError:
        return x509.DNSName(one)
