"""The clerk: enters what people of a mill enter, over the API like everybody else.

Articles and masses of batches when they begin, the runs of machines without a PLC as a table,
which batch is another one dyed again, and which two went out as one lot.
"""

import contextlib
import json
import threading
import urllib.error
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import quote

from collector.wire.reading import parse_stamp
from millprint.demo.mill import Mill

_AT_ONCE = 200
_LOOK_EVERY_S = 5.0
_LIES = timedelta(hours=4)
"""What nobody has worked on for so long is done."""
_UNKNOWN = 404


class Office(Protocol):
    """Where things are entered."""

    def truth(self) -> dict[str, Any]:
        """What really happened until now."""

    def get(self, path: str) -> Any:
        """Ask something."""

    def post(self, path: str, body: bytes, kind: str = "application/json") -> Any:
        """Enter something; `urllib.error.HTTPError` where it is refused."""


class Clerk:
    """Enters what is new since the last look.

    Args:
        mill: The mill.
        office: Where.
    """

    def __init__(self, mill: Mill, office: Office) -> None:
        told = {device.machine for device in mill.devices.values() if device.carrier == "plc"}
        self._mute = {*mill.ranges, *mill.jets, *mill.stenters} - told
        self._office = office
        self._entered: set[str] = set()
        self._said: set[tuple[str, str]] = set()
        self._mended: set[str] = set()
        self._joined: set[str] = set()

    def look(self) -> None:
        """Enter what has happened and nobody has entered, up to the newest reading."""
        batches, now = self._office.truth()["batches"], self._office.get("/site")["now"]
        self._enter(batches)
        self._hand_in(self._tables(batches, now)[:_AT_ONCE])
        for name, one in batches.items():
            if one["again"] and name not in self._mended and (one["runs"][0]["end"] or "~") <= now:
                body = {"parent": one["again"], "reason": "shade off, dyed again"}
                if self._became(name, "redye", body):
                    self._mended.add(name)
            if one["joins"] and name not in self._joined and self._join(name, batches, now):
                self._joined.add(name)

    def _enter(self, batches: dict[str, Any]) -> None:
        for name in [name for name in batches if name not in self._entered][:_AT_ONCE]:
            one = batches[name]
            mass_kg = f"{one['fabric_kg']:.1f}"
            body = {"id": name, "article": one["article"], "accepted_kg": mass_kg}
            if self._takes("/batches", json.dumps(body)) is not None:
                self._entered.add(name)

    def _tables(self, batches: dict[str, Any], now: str) -> list[tuple[str, str, str, str]]:
        return [
            (run["machine"], name, run["start"], run["end"])
            for name, one in batches.items()
            for run in one["runs"]
            if run["machine"] in self._mute
            and (run["end"] or "~") <= now
            and (name, run["start"]) not in self._said
        ]

    def _join(self, name: str, batches: dict[str, Any], now: str) -> bool:
        """Whether two that lie done became one lot, as of when the later of them was done."""
        pair = (batches[name]["joins"], name)
        ends = [run["end"] or "~" for one in pair for run in batches[one]["runs"]]
        if (done := max(ends)) == "~" or parse_stamp(done) + _LIES > parse_stamp(now):
            return False
        body = {"from": pair, "at": done, "reason": "one lot: same article and shade"}
        return self._became(f"{pair[0]}M", "merge", body)

    def _hand_in(self, rows: list[tuple[str, str, str, str]]) -> None:
        """As one table; where an earlier start handed some of it in, row by row."""
        if not rows:
            return
        table = ["machine,batch,process,start,end,kg"]
        table += [f"{machine},{batch},,{start},{end}," for machine, batch, start, end in rows]
        taken = self._takes("/runs/import", "\n".join(table), "text/csv")
        if taken is False and len(rows) > 1:
            for row in rows:
                self._hand_in([row])
        elif taken is not None:
            self._said.update((batch, start) for _, batch, start, _ in rows)

    def _became(self, name: str, what: str, body: Any) -> bool:
        """Say what became of a batch; whether the office knew what it is about."""
        return self._takes(f"/batches/{quote(name)}/{what}", json.dumps(body)) is not None

    def _takes(self, path: str, body: str, kind: str = "application/json") -> bool | None:
        """Whether the office took it; None where it does not know yet what it is about."""
        try:
            self._office.post(path, body.encode(), kind)
        except urllib.error.HTTPError as refusal:
            refusal.close()
            return None if refusal.code == _UNKNOWN else False
        return True


@contextlib.contextmanager
def at_work(clerk: Clerk) -> Iterator[None]:
    """The clerk looks every few seconds, as long as this lasts."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(_LOOK_EVERY_S):
            with contextlib.suppress(OSError):  # what is killed is started again
                clerk.look()

    thread = threading.Thread(target=work, name="clerk", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=_LOOK_EVERY_S)
