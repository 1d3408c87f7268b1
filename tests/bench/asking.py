"""Asking: how soon a footprint and a page of batches are answered, with very many in the books.

``python -m tests.bench.asking [BATCHES]``. Twenty clients ask one after the other without a pause,
over real sockets, from a process of their own; a bare route that answers a constant is asked in
the same way, as the peer.
"""

import base64
import contextlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from api.books import schema
from api.books.glances import VIEW, glance_of
from api.books.packing import packed
from api.books.results import row_of
from collector.wire.reading import unix_ms
from tests.api.given import START, World, world
from tests.bench.row import Effort, Row
from tests.browser.serving import served

_CLIENTS = 20
_BATCHES = 100_000
_AT_A_TIME = 5_000
_LIMITS_MS = {"footprint": 100.0, "page": 300.0}
_ASKERS = """
import http.client, json, random, sys, threading, time
host, key, paths, clients, each = json.loads(sys.argv[1])
took, lock = [], threading.Lock()
headers = {"Authorization": f"Bearer {key}", "Accept-Encoding": "gzip"}
def client(number):
    line, chance, own = http.client.HTTPConnection(host), random.Random(number), []
    for _ in range(each):
        path = chance.choice(paths)
        began = time.perf_counter()
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        answer.read()
        own.append(1000 * (time.perf_counter() - began))
        assert answer.status == 200, (path, answer.status)
    with lock:
        took.extend(own)
threads = [threading.Thread(target=client, args=[n]) for n in range(clients)]
for one in threads:
    one.start()
for one in threads:
    one.join()
print(json.dumps(sorted(took)[int(len(took) * 0.95)]))
"""


def measure(effort: Effort) -> list[Row]:
    """The 95th percentile of both, beside a route that answers a constant."""
    return _rows(effort.pick(_BATCHES, 200), effort.pick(25, 3))


def _rows(batches: int, each: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        mill = _kept(Path(folder) / "config", batches)
        names = [f"K{n:06}" for n in range(0, batches, max(1, batches // 1000))]
        with served(mill) as (origin, key), _constant() as bare:
            asked = {
                "footprint": [f"/api/v1/batches/{name}/footprint" for name in names],
                "page": [_page(n, batches) for n in range(100)],
            }
            peer = _p95_ms(bare, key, ["/"], each)
            found = {what: _p95_ms(origin, key, paths, each) for what, paths in asked.items()}
        mill.close()
    return [
        Row(
            f"p95 of a batch's {what}" if what == "footprint" else "p95 of a page of 100 batches",
            found[what],
            f"ms, {_CLIENTS} clients, {batches:,} batches (limit {_LIMITS_MS[what]:g})",
            "a FastAPI route that answers a constant",
            peer,
            1,
        )
        for what in asked
    ]


def _page(n: int, batches: int) -> str:
    """A page from somewhere in the list; every other time the newest, as most people ask for."""
    row = _run(batches, batches - 1 - (n // 2 * batches // 50 if n % 2 else 0))
    token = base64.urlsafe_b64encode(json.dumps([row["start_ms"], row["batch"]]).encode())
    return f"/api/v1/batches?limit=100&after={token.decode().rstrip('=')}"


def _kept(folder: Path, batches: int) -> World:
    """A mill with so many final batches, each with the result of one that really ran."""
    mill = world(folder)
    mill.passes(0, 60)
    mill.closes_its_books()
    model = {
        view: one
        for view in ("footprint", "inventory")
        if (one := mill.books.results.find("B2601", view)) is not None
    }
    for first in range(0, batches, _AT_A_TIME):
        numbers = range(first, min(first + _AT_A_TIME, batches))
        with mill.books.engine.begin() as db:
            db.execute(schema.runs.insert(), [_run(batches, n) for n in numbers])
            db.execute(schema.batches.insert(), [_entry(n) for n in numbers])
            rows = [
                row_of(one)
                | {"batch": f"K{n:06}"}
                | {"body": packed(one.text.replace(b'"B2601"', b'"K%06d"' % n))}
                for n in numbers
                for one in model.values()
            ]
            db.execute(schema.results.insert(), rows)
            seen = [
                glance_of(row["batch"], row["revision"], row["body"])._asdict()
                for row in rows
                if row["view"] == VIEW
            ]
            db.execute(schema.glances.insert(), seen)
    return mill


def _run(batches: int, n: int) -> dict[str, object]:
    start = unix_ms(START) - (batches - n) * 600_000
    return {
        "machine": f"jet-0{1 + n % 2}",
        "start_ms": start,
        "end_ms": start + 540_000,
        "batch": f"K{n:06}",
        "process": "dyeing-exhaust",
        "going_on": False,
        "said": "",
        "run": f"k{n}",
        "source": "plc",
        "entered_by": "",
        "kg": None,
        "place": 0,
    }


def _entry(n: int) -> dict[str, object]:
    return {
        "id": f"K{n:06}",
        "article": f"article-{n % 50}",
        "accepted_kg": None,
        "entered": "2026-03-01T00:00:00.000Z",
        "entered_by": "bench",
    }


def _p95_ms(origin: str, key: str, paths: list[str], each: int) -> float:
    given = [origin.removeprefix("http://"), key, paths, _CLIENTS, each]
    command = [sys.executable, "-c", _ASKERS, json.dumps(given)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


@contextlib.contextmanager
def _constant() -> Iterator[str]:
    """A bare application, served as ours is."""
    app = FastAPI()

    @app.get("/")
    def constant() -> dict[str, str]:
        return {"kgco2e": "195.748883"}

    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


if __name__ == "__main__":
    for row in _rows(int(sys.argv[1]) if len(sys.argv) > 1 else _BATCHES, 25):
        sys.stdout.write(f"{row.form()}\n")
