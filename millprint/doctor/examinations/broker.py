"""The broker lets us in and nobody else, is set up as it was written, and nothing piles up."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

import orjson

from collector.mqtt import Line, MqttSettings, Refusal, Token
from collector.wire import topics
from collector.wire.problem import Problem, Refused
from millprint.doctor.premises import Premises
from millprint.enrolment import register, site

_PATIENCE_S = 8.0
_RETAINED_S = 0.4
_MANY = 500
_HERE = ("127.0.0.1", "localhost", "::1")


class _Ear:
    """Hears the states that collectors left with the broker, and what the line would log."""

    def __init__(self) -> None:
        self.states: dict[str, dict[str, object]] = {}
        self.said: list[str] = []
        self.let_in = False
        self.answered = threading.Event()

    def filter(self, record: logging.LogRecord) -> bool:
        self.said.append(record.getMessage().rpartition("no connection: ")[2])
        self.answered.set()
        return False

    def connected(self) -> None:
        self.let_in = True
        self.answered.set()

    def disconnected(self) -> None: ...

    def published(self, mid: int, refusal: Refusal | None) -> None: ...

    def received(self, topic: str, payload: bytes, token: Token) -> None:
        with suppress(ValueError, TypeError):  # the gateway sets such aside
            self.states[topics.parse(topic).collector] = dict(orjson.loads(payload))
        token.acknowledge()


def examine(premises: Premises) -> Iterator[Problem]:
    """Each broker that is configured here, as we meet it."""
    for place, settings in premises.mqtt:
        yield from _meet(premises, f"{place}  [mqtt]", settings)
    yield from _edited(premises)


def _meet(premises: Premises, place: str, settings: MqttSettings) -> Iterator[Problem]:
    address = urlsplit(settings.url)
    if address.scheme == "mqtt" and address.hostname not in _HERE:
        yield Problem("broker-in-the-clear", place, values={"url": settings.url})
    hears = place.startswith(f"{premises.folder}/gateway.toml") and premises.gateway is not None
    root = f"{topics.ROOT}/{premises.gateway.site}/+/state" if premises.gateway else ""
    ear = _heard(settings, ((root, 1),) if hears else ())
    if not ear.let_in:
        why = "; ".join(ear.said) or "it says nothing"
        yield Problem("broker-unreachable", place, values={"url": settings.url, "why": why})
        return
    for name, state in sorted(ear.states.items()):
        yield from _state(name, state)
    stranger = replace(settings, cert_file="", key_file="", username="", password_file="")
    proves = bool(settings.cert_file or settings.username)
    if proves and _heard(stranger, ()).let_in:
        yield Problem("broker-lets-anyone-in", place, values={"url": settings.url})


def _state(name: str, state: dict[str, object]) -> Iterator[Problem]:
    waiting, said = state.get("waiting", 0), str(state.get("state", ""))
    if isinstance(waiting, int) and waiting >= _MANY:
        yield Problem("backlog-waits", f"collector {name}", values={"waiting": str(waiting)})
    if said in ("lost", "refused", "unanswered"):
        yield Problem("collector-away", f"collector {name}", values={"state": said})


def _heard(settings: MqttSettings, subscriptions: tuple[tuple[str, int], ...]) -> _Ear:
    """What is heard of a broker; what a line would say in the log it says here."""
    ear, log = _Ear(), logging.getLogger("mqtt")
    line = Line(settings, "millprint-doctor", ear, subscriptions=subscriptions)
    log.addFilter(ear)
    try:
        line.start()
        ear.answered.wait(_PATIENCE_S)
        if ear.let_in and subscriptions:
            _rest(lambda: len(ear.states))
        line.stop()
    finally:
        log.removeFilter(ear)
    return ear


def _rest(count: Callable[[], int]) -> None:
    """What is retained comes at once and without a last one: until nothing more has come."""
    before, end = -1, time.monotonic() + _RETAINED_S
    while time.monotonic() < end:
        if count() > before:
            before, end = count(), time.monotonic() + _RETAINED_S
        time.sleep(0.05)


def _edited(premises: Premises) -> Iterator[Problem]:
    """The broker's files against what this version writes."""
    if premises.api is None or not register.exists(premises.api.enrolment.folder):
        return
    folder = premises.api.enrolment.broker
    try:
        known = register.load(premises.api.enrolment.folder)
    except Refused as refused:
        yield from refused.problems
        return
    for name, body in site.broker_bodies(folder, known).items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != body:
            yield Problem("broker-file-edited", str(path))
