"""Row 10: the broker takes what is sent and does not pass it on; only some brokers say so."""

import signal
from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.faults.hall import Hall, now_ms
from tests.faults.layout import COLLECTOR, SITE, Layout
from tests.faults.row import Dose, Row, Unrecovered, joined
from tests.faults.trial import tried

_ALARM_S = 120.0
_ALL = "topic readwrite #\n"
_SILENT = f"topic read #\ntopic write millprint/1/{SITE}/{COLLECTOR}/ack\n"


def messages(dose: Dose) -> Row:
    """Row 10."""
    fault = "PUBACK 0x10, 0x87, 0x97; denied in silence by 3.1.1"
    layout = Layout(broker_lines=("acl_file {folder}/acl",), tapped=True)
    ways = (*map(_alarmed, (_unheard, _denied, _quota)), _alarmed(_denied, _speak_311))
    once = replace(dose, times=1, bound_s=max(dose.bound_s, 2 * _ALARM_S))
    return joined(fault, *(tried(10, fault, way, once, layout) for way in ways))


def _alarmed(
    inject: Callable[[Hall], Callable[[], None]], prepare: Callable[[Hall], None] | None = None
) -> Callable[[Hall, Random], int]:
    """The fault, held until the collector says something of it."""

    def until_told(one: Hall, drawn: Random) -> int:
        if prepare:
            prepare(one)
        before = len(one.words("collector"))
        heal = inject(one)
        try:
            one.until(lambda: len(one.words("collector")) > before, "an alarm", _ALARM_S)
        except Unrecovered as fault:
            one.broken.append(f"{inject.__name__.strip('_')}: {fault}")
        one.polled(now_ms())
        one.watch(drawn.uniform(0, 2))
        heal()
        return now_ms()

    return until_told


def _unheard(one: Hall) -> Callable[[], None]:
    one.down("server", 10**6)
    return lambda: one.begin("server")


def _denied(one: Hall) -> Callable[[], None]:
    _allow(one, _SILENT)
    return lambda: _allow(one, _ALL)


def _quota(one: Hall) -> Callable[[], None]:
    one.order(code=0x97, trust=one.trusting)
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
