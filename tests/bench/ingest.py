"""Ingest: messages of a real spool into the journals of both stores, against a plain table."""

import tempfile
import time
from datetime import timedelta
from pathlib import Path

from gateway.journal.store import Store, store_of
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from tests.bench import material
from tests.bench.plain_table import PlainTable
from tests.bench.row import Effort, Row
from tests.postgres import Cluster

_AT_ONCE = 200  # messages a transaction: what the ingest takes at most when it is behind
_DEVICES = 20


def measure(effort: Effort) -> list[Row]:
    """Points a second through ``Writer.store``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = material.births(folder, _DEVICES, points=material.POINTS, every_s=1)
        arrivals = material.messages(folder, known, effort.pick(0.1, 0.005))
        plain = [(one.address.device or "", one.payload) for one in arrivals]
        groups = list(material.grouped(arrivals, _AT_ONCE))
        plain_groups = [plain[at : at + _AT_ONCE] for at in range(0, len(plain), _AT_ONCE)]
        received = material.START + timedelta(hours=1)
        points = sum(payload.count(b'"seq"') for device, payload in plain if device)
        points *= material.POINTS

        def into(store: Store) -> float:
            writer = Writer(store, site=material.SITE)
            began = time.perf_counter()
            stored = sum(writer.store(group, received).stored for group in groups)
            took = time.perf_counter() - began
            writer.close()
            assert stored == points // material.POINTS + _DEVICES  # with the births
            return points / took

        def ours() -> float:
            with tempfile.TemporaryDirectory() as fresh:
                return into(Sqlite(Path(fresh) / "journal.db"))

        def on_a_server() -> float:
            return into(store_of(server.emptied(), folder, "bench"))

        def peers() -> float:
            with tempfile.TemporaryDirectory() as fresh:
                table = PlainTable(Path(fresh) / "plain.db")
                began = time.perf_counter()
                for group in plain_groups:
                    table.store(group)
                took = time.perf_counter() - began
                table.close()
            return points / took

        value, peer_value = effort.medians(ours, peers)
        server = Cluster()
        try:
            remote, beside = effort.medians(on_a_server, ours)
        finally:
            server.close()
    return [
        Row(
            "ingest into a PostgreSQL journal over a socket of this machine: the same messages, "
            "synchronous_commit and fsync on",
            remote,
            "points/s",
            "the SQLite journal, FULL",
            beside,
            effort.runs,
        ),
        Row(
            "ingest into the SQLite journal: 20 devices of 50 points, 5 readings a message, "
            "200 messages a transaction, FULL",
            value,
            "points/s",
            "orjson and a time-first SQLite table in plain Python, same messages, FULL",
            peer_value,
            effort.runs,
        ),
    ]
