"""Row 10: the broker takes what is sent and does not pass it on; only some brokers say so.

Whatever it is, the collector says so within two minutes, and where its state still passes, health
at the gateway does.
"""

import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from tests.faults.hall import Hall, now_ms
from tests.faults.layout import COLLECTOR, SITE, Layout
from tests.faults.row import Dose, Row, Unrecovered, joined
from tests.faults.trial import tried

_ALARM_S = 120.0
_OWN = f"millprint/1/{SITE}/{COLLECTOR}"
_ALL = "topic readwrite #\n"
_NOTHING = f"topic read #\ntopic write {_OWN}/ack\n"
_STATE_ALONE = f"{_NOTHING}topic write {_OWN}/state\n"
_ALARMS = (
    "the broker does not pass on what we send",
    "it does not reach the journal",
    "the broker lets us in and hangs up",  # so does Mosquitto 2.0.11 behind its PUBACK 0x87
)


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to refuse.

    Attributes:
        what: What is refused, and how.
        inject: Begins it; what comes back ends it.
        old: Whether the broker knows no MQTT 5, and so has no way to say that it refuses.
        health: Whether health must say it too.
    """

    what: str
    inject: Callable[[Hall], Callable[[], None]]
    old: bool = False
    health: bool = False


def messages(dose: Dose) -> Row:
    """Row 10."""
    fault = "PUBACK 0x10, 0x87, 0x97; hung up; denied in silence by 3.1.1"
    layout = Layout(broker_lines=("acl_file {folder}/acl",), tapped=True, pages=True)
    once = replace(dose, times=1, bound_s=max(dose.bound_s, 2 * _ALARM_S))
    return joined(fault, *(tried(10, fault, _alarmed(way), once, layout) for way in _WAYS))


def _alarmed(way: _Way) -> Callable[[Hall, Random], int]:
    """The fault, held until it is told of."""

    def until_told(one: Hall, drawn: Random) -> int:
        if way.old:
            _speak_311(one)
        one.until(lambda: _quiet(one), "an end of the alarm of the start")
        before = len(one.words("collector"))
        heal = way.inject(one)
        for where, told in (
            ("the log", lambda: any(said in one.words("collector")[before:] for said in _ALARMS)),
            ("health", lambda: not way.health or not _healthy(one)),
        ):
            try:
                one.until(told, f"an alarm in {where}", _ALARM_S)
            except Unrecovered as fault:
                one.broken.append(f"{way.what}: {fault}")
        one.polled(now_ms())
        one.watch(drawn.uniform(0, 2))
        heal()
        return now_ms()

    return until_told


def _quiet(one: Hall) -> bool:
    """Whether no alarm is on: one that is goes on without another word."""
    words = one.words("collector")
    return max(map(words.rfind, _ALARMS)) <= words.rfind("the journal answers again")


def _healthy(one: Hall) -> bool:
    checks = one.get("/health")["checks"]
    return all(check["ok"] for check in checks if check["name"] == f"collector {COLLECTOR}")


def _unheard(one: Hall) -> Callable[[], None]:
    one.down("server", 10**6)
    return lambda: one.begin("server")


def _denied(one: Hall) -> Callable[[], None]:
    _allow(one, _NOTHING)
    return lambda: _allow(one, _ALL)


def _denied_but_its_state(one: Hall) -> Callable[[], None]:
    _allow(one, _STATE_ALONE)
    return lambda: _allow(one, _ALL)


def _quota(one: Hall) -> Callable[[], None]:
    one.order(code=0x97, trust=one.trusting)
    return lambda: one.order(trust=one.trusting)


def _hung_up(one: Hall) -> Callable[[], None]:
    one.order(hang_up=True, trust=one.trusting)
    return lambda: one.order(trust=one.trusting)


def _speak_311(one: Hall) -> None:
    """From now on the broker knows no MQTT 5, and so no way to say that it refuses."""
    one.order(old=True, trust=one.trusting)
    one.kill("tap")
    one.begin("tap")
    one.arrived(now_ms())


def _allow(one: Hall, rules: str) -> None:
    (one.folder / "acl").write_text(rules, encoding="ascii")
    one.signal("broker", signal.SIGHUP)


_WAYS = (
    _Way("nobody listens", _unheard),
    _Way("an ACL that denies everything", _denied),
    _Way("an ACL that denies all but the state", _denied_but_its_state, health=True),
    _Way("a quota", _quota),
    _Way("a broker that hangs up", _hung_up),
    _Way("an ACL, in MQTT 3.1.1", _denied, old=True),
    _Way("an ACL for all but the state, in 3.1.1", _denied_but_its_state, old=True, health=True),
)
