"""Row 22: somebody with a password for the broker sends what it should not.

The broker is set up as a mill would: a user for each collector, who may write below its own name.
A bomb of compressed data needs somebody who decompresses: nothing that arrives is, and the bomb is
sent all the same.
"""

import json
import shutil
import subprocess
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from tests.bench.processes import resident_mb
from tests.faults.answers import POINT, device
from tests.faults.hall import Hall, now_ms
from tests.faults.journal_file import epochs, quarantined
from tests.faults.layout import COLLECTOR, SITE, STRANGER, Layout
from tests.faults.publisher import Publisher, publisher
from tests.faults.row import Dose, Row, Unrecovered
from tests.faults.trial import tried

_OWN, _ROGUE = f"millprint/1/{SITE}/{COLLECTOR}", f"millprint/1/{SITE}/{STRANGER}"
_BUNDLES = f"{_ROGUE}/backlog"
_DENIED = 0x87
_FLOOD, _MOST_MB, _LAG_S = 5000, 50.0, 5.0
_BOMB_BYTES = 10**9
_ACL = """
user gateway
topic readwrite millprint/1/#
pattern write millprint/1/hall/%u/#
pattern read millprint/1/hall/%u/ack
"""


def messages(dose: Dose) -> Row:
    """Row 22."""
    layout = Layout(
        users=True, broker_lines=("acl_file {folder}/users.acl", "password_file {folder}/users")
    )
    fault = "hostile messages: foreign names, bombs, nonsense, floods"
    return tried(22, fault, _attack, dose, layout, prepare=_users)


def _users(folder: Path) -> None:
    program = shutil.which("mosquitto_passwd")
    if program is None:
        raise Unrecovered("mosquitto_passwd is missing: make setup installs Mosquitto")
    (folder / "users").touch(mode=0o600)
    for user in ("gateway", COLLECTOR, STRANGER):
        command = [program, "-b", str(folder / "users"), user, "secret"]
        subprocess.run(command, check=True, capture_output=True)
    (folder / "users.acl").write_text(_ACL, encoding="ascii")


def _attack(one: Hall, drawn: Random) -> int:
    starts, before_mb = one.child("server").starts, resident_mb(one.pid("server"))
    aside = quarantined(one.journal)
    with publisher("127.0.0.1", one.ports.broker, STRANGER, "secret") as rogue:
        _under_another_name(one, rogue)
        sent = [*_poison(drawn)]
        for topic, payload in drawn.sample(sent, len(sent)):
            rogue.send(topic, payload)
        flood = [*sent[:5], *(one for one in sent if one[0] == _BUNDLES)]
        for topic, payload in flood:
            rogue.pour(topic, payload, _FLOOD // len(flood))
        _lag(one)
    grown_mb = resident_mb(one.pid("server")) - before_mb
    if grown_mb > _MOST_MB:
        one.broken.append(f"the server has grown by {grown_mb:.0f} MB")
    if one.child("server").starts != starts:
        one.broken.append("the server did not stay up")
    if quarantined(one.journal) == aside:
        one.broken.append("nothing was quarantined")
    return now_ms()


def _under_another_name(one: Hall, rogue: Publisher) -> None:
    """What the broker must not let through."""
    epoch = next(epoch for epoch in epochs(one.journal) if epoch.collector == COLLECTOR)
    forged = _message(_reading(epoch.through + 1, 10**9), epoch=epoch.name)
    gone = {"first": 1, "last": 10**6, "why": "forged"}
    record = {"seq": 1, "kind": "gone", "at": _AT, "device": "", "body": gone, "h": "A" * 43}
    ack = {"v": 1, "acks": [{"epoch": epoch.name, "through": 10**9, "missing": []}]}
    for topic, body in (
        (f"{_OWN}/{device(1)}/readings", forged),
        (f"{_OWN}/records", {"v": 1, "epoch": epoch.name, "records": [record]}),
        (f"{_OWN}/ack", ack),
        (f"millprint/1/another/{COLLECTOR}/{device(1)}/readings", forged),
    ):
        if rogue.send(topic, json.dumps(body).encode()) != _DENIED:
            one.broken.append(f"the broker lets a stranger write {topic}")


_AT = "2026-03-01T04:15:00.120Z"


def _reading(seq: int, value: object) -> dict[str, Any]:
    return {
        "seq": seq, "at": _AT, "clock": "S", "boot": "b", "up_ms": 1,
        "values": {POINT: value}, "h": "A" * 43,
    }  # fmt: skip


def _message(*readings: dict[str, Any], epoch: str = "ab" * 16) -> dict[str, Any]:
    return {"v": 1, "epoch": epoch, "birth": "cd" * 16, "readings": list(readings)}


def _poison(drawn: Random) -> Iterator[tuple[str, bytes]]:
    """What the broker lets through, below the stranger's own name."""
    mine, theirs = f"{_ROGUE}/rogue-01/readings", f"{_ROGUE}/{device(1)}/readings"
    another = _message(_reading(1, 10**9), epoch=drawn.randbytes(16).hex())
    yield theirs, json.dumps(another).encode()  # a device of another collector
    yield mine, json.dumps(_message(_reading(1, 1.0))).encode()
    yield mine, json.dumps(_message(_reading(1, 2.0))).encode()  # the same number, other content
    yield mine, b"[" * 60_000
    yield mine, json.dumps(_message(_reading(2, 3.0))).replace("3.0", "NaN").encode()
    yield mine, json.dumps(_message(_reading(3, 3.0))).replace("3.0", "1e999").encode()
    yield mine, json.dumps(_message(_reading(10**400, 3.0))).encode()
    yield mine, json.dumps(_message(_reading(-1, 3.0))).encode()
    yield mine, json.dumps(_message(_reading(4, 10**300))).encode()
    yield mine, json.dumps(_message(_reading(5, "x" * 70_000))).encode()
    yield mine, json.dumps(_message(_reading(6, "'; DROP TABLE streams; --"))).encode()
    yield mine, json.dumps(_message(_reading(7, "<script>alert(1)</script>"))).encode()
    yield mine, json.dumps(_message(*(_reading(9, 1.0) for _ in range(5000)))).encode()
    yield mine, _bomb()
    yield mine, drawn.randbytes(5000)
    yield f"{_ROGUE}/rogue-01' OR 1=1/readings", b"{}"
    line = json.dumps(_message(_reading(8, 8.0))).encode()
    yield _BUNDLES, b"%s %s" % (device(1).encode(), line)  # a device of another collector
    yield _BUNDLES, b"\n".join(b"rogue-%04d {}" % number for number in range(1000))
    yield _BUNDLES, b"\n".join(b"rogue-%04d %0117d" % (n, n) for n in range(490))
    yield _BUNDLES, b"\n" * 60_000
    yield _BUNDLES, b"../up %s" % line
    yield _BUNDLES, drawn.randbytes(60_000)
    for epoch in ("", "x" * 10_000, "'; DROP TABLE streams; --"):
        yield mine, json.dumps(_message(_reading(1, 1.0), epoch=epoch)).encode()
    for span in ([[1, 2**62]], [[-5, 5]], [[5, 1]], [["a", "b"]], [[1, 10**6]] * 700):
        body = {"why": "forged", "ranges": span}
        record = {"seq": 1, "kind": "gone", "at": _AT, "device": "", "body": body, "h": "A" * 43}
        message = {"v": 1, "epoch": drawn.randbytes(16).hex(), "records": [record]}
        yield f"{_ROGUE}/records", json.dumps(message).encode()


def _bomb() -> bytes:
    """A gigabyte of zeros, as gzip has it."""
    packer, block = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(10**7)
    parts = [packer.compress(block) for _ in range(_BOMB_BYTES // len(block))]
    return b"".join([*parts, packer.flush()])[:250_000]


def _lag(one: Hall) -> None:
    """The good collector's readings arrive in time, all the while."""
    for _ in range(5):
        began = time.monotonic()
        one.arrived(now_ms(), within_s=30)
        if time.monotonic() - began > _LAG_S:
            one.broken.append(f"the good collector lags by {time.monotonic() - began:.1f} s")
