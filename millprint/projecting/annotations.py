"""Annotations: which batch was on which machine in which step, and what each batch carries.

What is said of a batch is sent when it is another than was sent, and what stood there before is
taken out first: runs are corrected and footprints revised.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from api.books import Books
from api.ledger.plant import Plant
from api.plant import in_force
from collector.wire.reading import instant, unix_ms
from gateway.projecting.kept import Kept
from gateway.projecting.line_protocol import line
from gateway.projections import FOOTPRINT, STEP, Engine

ANNOTATIONS = "annotations"
_VIEW = "footprint"
_OVERLAP = timedelta(days=1)
_WEEK = timedelta(days=7)
_NUMBERS = ("kgco2e", "kgco2e_per_kg", "low", "high")


class Annotations:
    """Sends one engine the steps and footprints of batches.

    Args:
        books: Where they stand.
        plants: Every snapshot, oldest first.
        kept: What was sent.
    """

    def __init__(self, books: Books, plants: tuple[Plant, ...], kept: Kept) -> None:
        self._books, self._plants, self._kept = books, plants, kept

    def step(self, engine: Engine, now: datetime) -> int | None:
        """Send the next week's, up to now; how many batches, None where that was the last one."""
        reached = self._kept.position(engine.target, ANNOTATIONS)
        start = instant(reached) - _OVERLAP if reached else self._plants[0].valid_from
        end = min(now, start + _WEEK + _OVERLAP)
        runs = self._books.runs.between(start, end)
        batches = {run.batch for run in runs if run.batch}
        if end == now:
            batches.update(self._books.results.computed_since(start))
        sent = sum(self._send(batch, engine) for batch in sorted(batches))
        self._kept.keep(engine.target, ANNOTATIONS, unix_ms(end))
        return sent if end < now else None

    def _send(self, batch: str, engine: Engine) -> bool:
        said = b"".join([*self._steps(batch), *self._footprint(batch)])
        digest = hashlib.sha256(said).digest()
        known = self._kept.annotation(engine.target, batch)
        if digest == known:
            return False
        if known:
            for measurement in (STEP, FOOTPRINT):
                engine.forget(measurement, {"batch": batch})
        if said:
            engine.write(said)
        self._kept.annotated(engine.target, batch, digest)
        return True

    def _steps(self, batch: str) -> Iterator[bytes]:
        for run in self._books.runs.of(batch):
            if run.going_on:
                continue
            plant = in_force(self._plants, run.start)
            machine = plant.machine(run.machine)
            tags = {
                "site": plant.site,
                "line": machine.line if machine else "",
                "machine": run.machine,
                "process": run.process,
                "batch": batch,
            }
            seconds = (run.end - run.start) / timedelta(seconds=1)
            yield line(STEP, tags, {"seconds": seconds}, unix_ms(run.start))

    def _footprint(self, batch: str) -> Iterable[bytes]:
        found = self._books.results.find(batch, _VIEW)
        if found is None or found.ended_ms is None:
            return ()
        body = json.loads(found.text)
        fields = {
            name: float(value)
            for name in _NUMBERS
            if (value := body["total"].get(name)) is not None
        }
        if body.get("accepted_kg") is not None:
            fields["accepted_kg"] = float(body["accepted_kg"])
        fields["revision"] = float(found.revision)
        tags = {"site": self._plants[-1].site, "batch": batch, "status": body["status"]}
        # A revision stands a millisecond behind the one before, where nothing can be taken out.
        return (line(FOOTPRINT, tags, fields, found.ended_ms + found.revision),)
