"""What is wrong between us and a broker, in a sentence that names what to look at."""

import socket
import ssl
from dataclasses import dataclass

from collector.mqtt.settings import MqttSettings

_NO_SUBSCRIBER = 0x10
_FAILURE = 0x80
_EXPIRED, _NOT_YET_VALID = 10, 9
_UNKNOWN_SIGNERS = (18, 19, 20, 21)
_WRONG_HOST = (62, 64)
_ALERTS = {
    "certificate required": "the broker asks for a client certificate: set cert_file and key_file",
    "handshake failure": "the broker asks for a client certificate: set cert_file and key_file",
    "unknown ca": "the broker does not know who signed our certificate (cert_file)",
    "certificate revoked": "the site took our certificate (cert_file) back: enrol anew",
    "certificate expired": "our certificate (cert_file) has expired",
    "bad certificate": "the broker does not accept our certificate (cert_file)",
    "certificate unknown": "the broker does not accept our certificate (cert_file)",
}
_REFUSALS = {
    _NO_SUBSCRIBER: "nobody takes it: is the gateway running, and connected to this broker?",
    0x83: "the broker's own rules forbid it",
    0x87: "it is not authorized: look at the broker's ACL, and at user or certificate",
    0x97: "a quota of the broker's is used up",
}
_GREETINGS = {
    0x04: "user name or password is wrong",
    0x05: "we are not authorized: look at user, password or certificate",
    0x85: "our client id is not accepted",
    0x86: "user name or password is wrong",
    0x87: "we are not authorized: look at user, password or certificate",
    0x8E: "another client of our name has connected: is there a second collector of this name?",
}


HANGS_UP = (
    "the broker lets us in and hangs up, again and again: does its ACL forbid what we publish, "
    "or is there a second client of this name?"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """That the broker did not pass on what we published.

    Attributes:
        why: What to look at.
        unheard: Whether only nobody listens: what is retained it keeps all the same.
    """

    why: str
    unheard: bool


def refusal(code: int, name: str) -> Refusal | None:
    """What a broker's answer to a publish says; None where it passed it on."""
    unheard = code == _NO_SUBSCRIBER
    if not unheard and code < _FAILURE:
        return None
    return Refusal(f"{_REFUSALS.get(code, name)} (reason {code:#04x})", unheard)


def greeting(code: int, name: str) -> str:
    """Why the broker sent us away."""
    return f"{_GREETINGS.get(code, name)} (reason {code:#04x})"


def of_connecting(fault: Exception, settings: MqttSettings) -> str:
    """Why no connection came about, or why it broke."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return _of_certificate(fault, settings)
    words = str(fault).lower().replace("_", " ")
    alert = next((say for alert, say in _ALERTS.items() if f"alert {alert}" in words), "")
    if alert or isinstance(fault, ssl.SSLError):
        return alert or f"TLS does not come about: {fault}"
    if isinstance(fault, socket.gaierror):
        return "its name is not known here"
    if isinstance(fault, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(fault, TimeoutError):
        return "it does not answer"
    return str(fault) or type(fault).__name__


def _of_certificate(fault: ssl.SSLCertVerificationError, settings: MqttSettings) -> str:
    if fault.verify_code == _EXPIRED:
        return "the broker's certificate has expired (or the clock here is ahead)"
    if fault.verify_code == _NOT_YET_VALID:
        return "the broker's certificate is not valid yet (or the clock here is behind)"
    if fault.verify_code in _UNKNOWN_SIGNERS:
        trusted = f"ca_file ({settings.ca_file})" if settings.ca_file else "this system's store"
        return f"the broker's certificate is not signed by whom we trust: {trusted}"
    if fault.verify_code in _WRONG_HOST:
        return "the broker's certificate is for another host name than the one in url"
    return f"the broker's certificate is not accepted: {fault.verify_message}"
