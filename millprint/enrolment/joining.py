"""The collector's side: a key that stays here, and a certificate that the site signs for it.

The first answer of a server is not trusted: its authority must be the one that the code shows.
Whatever is secret is sent only afterwards, to a server that this authority vouches for.
"""

import base64
import http.client
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from collector.mqtt import MqttSettings
from collector.wire import topics
from collector.wire.problem import Problem, Refused
from collector.wire.reading import parse_stamp
from millprint.enrolment import authority, codes, keeping

FILE = "joined.json"
_PATH = "/api/v1/enrol"
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Joined:
    """What a collector knows of its enrolment.

    Attributes:
        url: Of the site's server.
        site: The mill.
        name: Its own.
        port: Where the broker listens.
        expires: Until when its certificate holds.
    """

    url: str
    site: str
    name: str
    port: int
    expires: str

    @property
    def broker_url(self) -> str:
        """Of the broker, which is on the server's machine."""
        host = urlsplit(self.url).hostname or ""
        return f"mqtts://{f'[{host}]' if ':' in host else host}:{self.port}"


def join(folder: Path, url: str, text: str) -> Joined:
    """Have the site sign a new key of this machine.

    Args:
        folder: Where key and certificate are kept.
        url: Of the server's pages.
        text: The one-time code.

    Raises:
        Refused: The code, the server, or what it answers cannot be worked with.
    """
    try:
        code = codes.parse(text)
    except ValueError as fault:
        values = {"why": str(fault)}
        raise Refused(Problem("enrol-code-mistyped", "enrol join", values=values)) from fault
    trusted = _trusted(url, code)
    key, request = authority.new_request("a collector")
    said = _ask(url, "join", trusted, {"secret": code.secret, "request": request.decode()})
    keeping.make_folder(folder)
    return _keep(folder, url, key, said)


def renew(folder: Path, now: datetime, *, due_only: bool) -> Joined | None:
    """Have a new key signed in place of the one that is held; None where that is not due.

    Raises:
        Refused: This machine never joined, or the site does not renew it.
    """
    held = load(folder)
    if due_only and now < parse_stamp(held.expires) - authority.DUE:
        return None
    old = authority.read_key(folder / f"{held.name}.key")
    key, request = authority.new_request(held.name)
    signature = old.sign(request, ec.ECDSA(hashes.SHA256()))
    asked = {
        "certificate": (folder / f"{held.name}.pem").read_text(encoding="ascii"),
        "request": request.decode(),
        "signature": base64.b64encode(signature).decode(),
    }
    trusted = (folder / authority.CERTIFICATE).read_text(encoding="ascii")
    return _keep(folder, held.url, key, _ask(held.url, "renew", trusted, asked))


def has_joined(folder: Path) -> bool:
    """Whether this machine is enrolled as a collector."""
    return (folder / FILE).is_file()


def load(folder: Path) -> Joined:
    """What is known of the enrolment; `Refused` where this machine never joined."""
    path = folder / FILE
    try:
        return Joined(**orjson.loads(path.read_bytes()))
    except FileNotFoundError:
        raise Refused(Problem("enrol-never-joined", str(folder))) from None
    except (OSError, ValueError, TypeError) as fault:
        raise Refused(Problem("file-unreadable", str(path), values={"why": str(fault)})) from fault


def settings(folder: Path) -> MqttSettings:
    """How whoever joined connects to the broker; `Refused` where nobody did."""
    joined = load(folder)
    return MqttSettings(
        joined.broker_url,
        ca_file=str(folder / authority.CERTIFICATE),
        cert_file=str(folder / f"{joined.name}.pem"),
        key_file=str(folder / f"{joined.name}.key"),
    )


def _trusted(url: str, code: codes.Code) -> str:
    """The authority's certificate, if it is the one in the code. [PEM]"""
    if urlsplit(url).scheme != "https":
        raise Refused(Problem("enrol-not-https", url))
    blind = ssl.create_default_context()
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE  # nothing secret is sent, and the code says what must come
    try:
        with urllib.request.urlopen(
            f"{url}{_PATH}/authority", timeout=_PATIENCE_S, context=blind
        ) as answer:
            pem = str(answer.read(8192), "ascii")
        fingerprint = codes.fingerprint(ssl.PEM_cert_to_DER_cert(pem))
    except (OSError, ValueError, http.client.HTTPException) as fault:
        raise _unheard(url, fault) from fault
    if fingerprint != code.fingerprint:
        raise Refused(Problem("enrol-another-site", url))
    return pem


def _ask(url: str, what: str, trusted: str, asked: dict[str, str]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{url}{_PATH}/{what}",
        data=json.dumps(asked).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        context = ssl.create_default_context(cadata=trusted)
        with urllib.request.urlopen(request, timeout=_PATIENCE_S, context=context) as answer:
            said: dict[str, Any] = orjson.loads(answer.read())
    except urllib.error.HTTPError as fault:
        raise _refused(url, fault) from fault
    except (OSError, ValueError, http.client.HTTPException) as fault:
        raise _unheard(url, fault) from fault
    return said


def _keep(folder: Path, url: str, key: ec.EllipticCurvePrivateKey, said: dict[str, Any]) -> Joined:
    try:
        name = topics.NAME.fullmatch(str(said["name"]))
        joined = Joined(
            url,
            str(said["site"]),
            name.group() if name else "",
            int(said["port"]),
            str(said["expires"]),
        )
        certificate, trusted = str(said["certificate"]), str(said["authority"])
    except (KeyError, TypeError, ValueError) as fault:
        raise _unheard(url, fault) from fault
    if not joined.name:
        raise _unheard(url, ValueError(f"{said['name']!r} is no name"))
    keeping.keep(folder / f"{joined.name}.key", authority.pem_of(key), secret=True)
    keeping.keep(folder / f"{joined.name}.pem", certificate.encode())
    keeping.keep(folder / authority.CERTIFICATE, trusted.encode())
    keeping.keep(folder / FILE, orjson.dumps(asdict(joined), option=orjson.OPT_INDENT_2))
    return joined


def _refused(url: str, fault: urllib.error.HTTPError) -> Refused:
    """What the server refuses, in its own words where it has such."""
    try:
        said = json.load(fault)
        codes_ = [str(one["code"]) for one in said.get("problems", ())]
        why = str(said["detail"])
    except (ValueError, KeyError, TypeError):
        codes_, why = [], f"it answers {fault.code}"
    if "enrol-code-unknown" in codes_:
        return Refused(Problem("enrol-code-unknown", url))
    if "enrol-not-renewed" in codes_:
        return Refused(Problem("enrol-not-renewed", url))
    return _unheard(url, ValueError(why))


def _unheard(url: str, fault: Exception) -> Refused:
    reason = getattr(fault, "reason", fault)
    return Refused(Problem("enrol-no-answer", url, values={"why": str(reason)}))
