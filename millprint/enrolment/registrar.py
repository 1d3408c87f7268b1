"""The server's face of the enrolment. What needs the authority's key is done by a child process.

The server, which stands in the network for years, loads neither that key nor the cryptography. It
starts a child only for a code or a certificate that the register knows, one at a time.
"""

import hashlib
import ssl
import subprocess
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from collector.wire.problem import Problem, Refused
from collector.wire.reading import parse_stamp
from millprint.children import python
from millprint.enrolment import codes, register

_PATIENCE_S = 30.0


class ChildRegistrar:
    """Signs by way of ``python -m millprint.roots.registrar``.

    Args:
        folder: The authority's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = threading.Lock()

    def authority(self) -> str:
        """The certificate that everybody is to trust. [PEM]"""
        register.load(self._folder)
        return (self._folder / "ca.pem").read_text(encoding="ascii")

    def join(self, secret: str, request: str, now: datetime) -> dict[str, Any]:
        """Sign a collector's first request; `Refused` where the code is no good."""
        digest = _digest_of_secret(secret)
        known = register.load(self._folder).invited
        if not any(one.digest == digest and now < parse_stamp(one.until) for one in known):
            raise Refused(Problem("enrol-code-unknown", "code"))
        return self._ask({"secret": secret, "request": request})

    def renew(
        self, certificate: str, request: str, signature: str, now: datetime
    ) -> dict[str, Any]:
        """Sign a collector's new key; `Refused` where its certificate does not hold."""
        digest = _digest_of_certificate(certificate)
        issued = register.load(self._folder).issued
        if not any(one.digest == digest and one.holds(now) for one in issued):
            raise Refused(Problem("enrol-not-renewed", "certificate"))
        asked = {"certificate": certificate, "request": request, "signature": signature}
        return self._ask(asked)

    def _ask(self, asked: dict[str, str]) -> dict[str, Any]:
        command = python("millprint.roots.registrar", "--folder", str(self._folder))
        with self._turn:
            done = subprocess.run(
                command,
                input=orjson.dumps(asked),
                stdout=subprocess.PIPE,
                timeout=_PATIENCE_S,
                check=True,
            )
        answer: dict[str, Any] = orjson.loads(done.stdout)
        if "problems" in answer:
            raise Refused(*(Problem(**one) for one in answer["problems"]))
        return answer


def _digest_of_secret(secret: str) -> str:
    try:
        return codes.digest(secret)
    except ValueError:
        raise Refused(Problem("enrol-code-unknown", "code")) from None


def _digest_of_certificate(pem: str) -> str:
    try:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    except ValueError:
        raise Refused(Problem("enrol-not-renewed", "certificate")) from None
