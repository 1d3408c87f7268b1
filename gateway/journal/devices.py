"""Devices: which there are, and to which collector each belongs.

A device belongs to the collector that first brought a reading of it, until it is moved. Two that
say a device is theirs are two meters under one name, or one meter counted twice: what comes from
the other one is set aside, and the claim is kept for those who ask.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.journal.store import Connection

_MOST = 10_000


@dataclass(slots=True)
class _Device:
    """A device, as the writer holds it in memory."""

    number: int
    owner: str


class Devices:
    """The devices of a journal's file, for its writer.

    Args:
        db: The journal's file.
        moved: Collectors by device, for devices that no longer belong to who brought them first.
    """

    def __init__(self, db: Connection, moved: Mapping[str, str]) -> None:
        self._db, self._moved = db, moved
        rows = db.execute("SELECT name, id, owner FROM devices")
        self._devices = {name: _Device(number, owner) for name, number, owner in rows}
        self._claims: set[tuple[int, str]] = set(db.execute("SELECT device, collector FROM claims"))

    def move(self) -> None:
        """Let devices belong to whom they were moved to."""
        for name, collector in self._moved.items():
            device = self._devices.get(name)
            if device is not None and device.owner != collector:
                device.owner = collector
                self._claims = {claim for claim in self._claims if claim[0] != device.number}
                change = (collector, device.number)
                self._db.execute("UPDATE devices SET owner = ? WHERE id = ?", change)
                self._db.execute("DELETE FROM claims WHERE device = ?", (device.number,))

    def number(self, name: str, collector: str) -> int | None:
        """Number of a device that a collector brings; None where there are too many."""
        device = self._devices.get(name)
        if device is None and len(self._devices) < _MOST:
            owner = self._moved.get(name, collector)
            (number,) = self._db.execute(
                "INSERT INTO devices (id, name, owner) "
                "VALUES ((SELECT coalesce(max(id), 0) + 1 FROM devices), ?, ?) RETURNING id",
                (name, owner),
            ).fetchone()
            device = self._devices[name] = _Device(number, owner)
        return None if device is None else device.number

    def foreign(self, name: str, collector: str) -> str:
        """Why a collector may say nothing of a device; empty where it may."""
        device = self._devices.get(name)
        if device is None or device.owner == collector:
            return ""
        claim = (device.number, collector)
        if claim not in self._claims:
            self._claims.add(claim)
            self._db.execute("INSERT INTO claims (device, collector) VALUES (?, ?)", claim)
        return f"device {name} belongs to collector {device.owner}"
