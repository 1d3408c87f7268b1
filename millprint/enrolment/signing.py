"""What the site signs for those who ask over the network: with a code, or with what they hold."""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from collector.wire.problem import Problem, Refused
from millprint.enrolment import authority, register
from millprint.enrolment.authority import Authority
from millprint.enrolment.register import COLLECTOR, Register


def join(folder: Path, secret: str, request: bytes, now: datetime) -> dict[str, object]:
    """Sign a collector's first request.

    Args:
        folder: The authority's.
        secret: Of its code. [hex]
        request: What it wants to have signed. [PEM]
        now: The time.

    Raises:
        Refused: The code is no good, or the request; the code is not used up by a bad request.
    """
    key = authority.key_of_request(request)
    with register.changing(folder) as known:
        signer = authority.load(folder)
        name = known.redeem(secret, now)
        if name is None:
            raise Refused(Problem("enrol-code-unknown", "code"))
        return _signed(known, signer, key, name, now)


def renew(
    folder: Path, certificate: bytes, request: bytes, signature: bytes, now: datetime
) -> dict[str, object]:
    """Sign a new key for who can show that the certificate that still holds is his own.

    The old one is not taken back: were the answer lost, nobody could ask again.

    Args:
        folder: The authority's.
        certificate: What the collector holds. [PEM]
        request: What it wants to have signed. [PEM]
        signature: Of the request, by the key of that certificate. [DER]
        now: The time.

    Raises:
        Refused: It does not hold, or is not his.
    """
    key = authority.key_of_request(request)
    with register.changing(folder) as known:
        held = _holder(known, certificate, request, signature, now)
        return _signed(known, authority.load(folder), key, held, now)


def _holder(
    known: Register, certificate: bytes, request: bytes, signature: bytes, now: datetime
) -> str:
    """Whose certificate that is, if it holds and he has its key."""
    refused = Refused(Problem("enrol-not-renewed", "certificate"))
    try:
        shown = x509.load_pem_x509_certificate(certificate)
        digest = shown.fingerprint(hashes.SHA256()).hex()
        own = next(one for one in known.issued if one.digest == digest and one.role == COLLECTOR)
        key = shown.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey) and own.holds(now):
            key.verify(signature, request, ec.ECDSA(hashes.SHA256()))
            return own.name
    except (ValueError, StopIteration, InvalidSignature):
        raise refused from None
    raise refused


def _signed(
    known: Register, signer: Authority, key: ec.EllipticCurvePublicKey, name: str, now: datetime
) -> dict[str, object]:
    certificate, entry = signer.sign(key, name, COLLECTOR, now)
    known.issued.append(entry)
    return {
        "name": name,
        "site": known.site,
        "port": known.port,
        "certificate": certificate.public_bytes(serialization.Encoding.PEM).decode(),
        "authority": signer.pem.decode(),
        "expires": entry.expires,
    }
