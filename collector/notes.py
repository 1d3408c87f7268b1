"""Notes: what pollers read, left out and learned, until it is committed."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from collector.clock import Clock
from collector.counting import Counting
from collector.devices import Device
from collector.pending import Pending
from collector.refusals import Refusals, read_refusals
from collector.wire.birth import Birth
from collector.wire.counts import Counts
from collector.wire.reading import Reading, unix_ms

log = logging.getLogger("collector")

_VERSION = 1


class Notes:
    """The notebook of all pollers of an agent.

    Args:
        clock: The time.
        births: Birth of every device; what a device refuses holds for its birth only.
        path: Where refusals are remembered.
        live: Shown each reading at once.

    Attributes:
        pending: Readings that are not committed.
        counting: What became of all values.
        silent: Devices whose last reading holds no value.
    """

    def __init__(
        self,
        clock: Clock,
        births: Mapping[str, Birth],
        path: Path,
        live: Callable[[Reading], None],
    ) -> None:
        self.pending = Pending()
        self._clock, self._births, self._path, self._live = clock, births, path, live
        self.counting = Counting(clock.boot(), clock.up_ms(), unix_ms(clock.now()))
        self._known = _read(path)
        self._refusals: dict[str, Refusals] = {}
        self.silent: set[str] = set()
        self._late_ms = 0
        self._open: dict[str, int] = {}

    def schedule(self, device: Device, values: int, due_ms: int) -> None:
        """A slot has come."""
        self._open[device.name] = due_ms
        self.counting.scheduled(device.name, values, due_ms)

    def take(self, reading: Reading, due_ms: int) -> None:
        """What it brought."""
        self._open.pop(reading.device, None)
        self.counting.read(reading, due_ms)
        self._late_ms = max(self._late_ms, reading.up_ms - due_ms)
        if reading.values:
            self.silent.discard(reading.device)
        else:
            self.silent.add(reading.device)
        self._drop(self.pending.add(reading, due_ms))
        self._live(reading)

    def leave_out(self, device: Device, values: int, due_ms: int, reason: str) -> None:
        """That nobody had time for it."""
        self._open.pop(device.name, None)
        self.counting.shed(device.name, values, reason, due_ms)

    def refusals(self, device: Device) -> Refusals:
        """What a device is known to refuse, from before the restart too."""
        known = self._known.get(device.name, {})
        refusals = Refusals()
        if known.get("birth") == self._births[device.name].hash:
            try:
                refusals = read_refusals(known, self._clock.up_ms())
            except ValueError as fault:
                log.warning("%s: %s", self._path, fault)
        self._refusals[device.name] = refusals
        return refusals

    def forget_all_but(self, devices: Collection[str]) -> None:
        """Of the others nobody asks any more; who is silent is found anew."""
        self._refusals = {name: one for name, one in self._refusals.items() if name in devices}
        self.silent.clear()

    def put_back(self, readings: Iterable[tuple[Reading, int]]) -> None:
        """They could not be committed."""
        self._drop(self.pending.put_back(readings))

    def counts(self, *, stopping: bool = False) -> list[Counts]:
        """Intervals that are over and that nobody keeps yet."""
        up_ms = self._clock.up_ms()
        offset_ms = unix_ms(self._clock.now()) - up_ms
        return self.counting.closed(up_ms, offset_ms, stopping=stopping)

    @property
    def unreadable(self) -> int:
        """Points that their devices refuse."""
        return sum(len(refusals.unreadable) for refusals in self._refusals.values())

    def longest_open_ms(self) -> int:
        """How long ago the oldest slot came of which nothing has become yet. [ms]"""
        return self._clock.up_ms() - min(self._open.values(), default=self._clock.up_ms())

    def latest_ms(self) -> int:
        """How late the latest slot was, since this was asked last. [ms]"""
        late_ms, self._late_ms = self._late_ms, 0
        return late_ms

    def learned(self) -> bytes | None:
        """What devices refuse, to be kept; None where nothing was learned since the last time."""
        if not any(refusals.fresh for refusals in self._refusals.values()):
            return None
        for refusals in self._refusals.values():
            refusals.fresh = False
        self._known = {
            name: refusals.form() | {"birth": self._births[name].hash}
            for name, refusals in self._refusals.items()
            if refusals.many
        }
        return orjson.dumps({"v": _VERSION, "devices": self._known})

    def keep(self, learned: bytes | None) -> None:
        """Remember it over restarts; where the disk does not, it is learned anew."""
        if learned is None:
            return
        try:
            put(self._path, learned)
        except OSError as fault:
            log.warning("what cannot be read is not remembered: %s", fault)

    def _drop(self, dropped: list[tuple[Reading, int]]) -> None:
        self.counting.dropped(dropped)


def put(path: Path, said: bytes) -> None:
    """Write a file so that nobody ever reads half of it; OSError where that cannot be."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(said)
    fresh.replace(path)


def _read(path: Path) -> dict[str, Any]:
    """What is remembered; nothing where that cannot be read: it is learned anew."""
    try:
        kept = orjson.loads(path.read_bytes())
        return dict(kept["devices"]) if kept["v"] == _VERSION else {}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as fault:
        log.warning("what could not be read is forgotten: %s: %s", path, fault)
        return {}
