"""A running demo mill: what the whole box holds in memory, and how fast a batch is reported."""

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from api import factor_files
from api import plant as plant_files
from api.books import Books
from api.report import Reporter
from collector.toml_files import SHIPPED
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from millprint import children
from millprint.demo.mill_file import SHIPPED_MILL, load
from millprint.demo.stage import Casting, Stage
from millprint.installation import opened
from tests.bench.processes import resident_mb
from tests.bench.row import Effort, Row
from tests.faults.oracle import forms

_EVERY_S = 10
_PATIENCE_S = 300.0
_AGENT = "import paho.mqtt.client, pymodbus.client, sqlite3, orjson"
_BOX = f"{_AGENT}, fastapi, uvicorn, pydantic, sqlalchemy, apscheduler"


def measure(effort: Effort) -> list[Row]:
    """Memory after so many rounds of polling, and seconds of a report."""
    rounds = effort.pick(720, 60)
    casting = Casting(mill_file=SHIPPED_MILL, mill=load(SHIPPED_MILL), seed=7, speed=0, once=False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "stage"
        with opened(Stage(folder, casting), keep=True) as stage:
            _play(stage, rounds)
            rows = _resident(stage, rounds)
        return [*rows, _report(folder, rounds, effort)]


def _play(stage: Stage, rounds: int) -> None:
    began = stage.casting.mill.site.start
    end = time.monotonic() + _PATIENCE_S
    while (datetime.fromisoformat(stage.truth()["now"]) - began).total_seconds() < (
        rounds * _EVERY_S
    ):
        assert time.monotonic() < end, "the demo mill is too slow"
        time.sleep(0.1)
    while not stage.get("/batches?limit=1")["batches"]:
        assert time.monotonic() < end, "the demo mill has no batch"
        time.sleep(0.1)


def _resident(stage: Stage, rounds: int) -> list[Row]:
    held = {}
    for child in stage.household.children:
        assert child.process is not None
        held[child.name] = resident_mb(child.process.pid)
    devices = len(stage.casting.mill.devices)
    told = f"after {rounds} rounds of the demo mill's {devices} devices"
    agent, box = _imported(_AGENT), _imported(_BOX)
    kind = "Mosquitto" if stage.mosquitto else "the built-in broker"
    return [
        Row(
            f"collector resident {told}",
            held["collector"],
            "MB",
            "a Python that imports paho, pymodbus, sqlite3, orjson and does nothing",
            agent,
            1,
        ),
        Row(
            f"whole box resident {told}: collector, server, {kind}",
            sum(held.values()),
            "MB",
            "the same broker, and two Pythons that import the libraries and do nothing",
            agent + box + held["broker"],
            1,
        ),
    ]


def _imported(imports: str) -> float:
    """Resident memory of a Python that has only imported something. [MB]"""
    program = f"{imports}\nimport time; print(flush=True); time.sleep(60)"
    process = children.start([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    held = resident_mb(process.pid)
    process.kill()
    process.wait()
    process.stdout.close()
    return held


def _report(folder: Path, rounds: int, effort: Effort) -> Row:
    """The newest batch as it stands; what its report reads, read plainly, is the peer."""
    path = folder / "var" / "journal.db"
    journal = Reader(Sqlite(path))
    books = Books(f"sqlite:///{folder}/var/books.db")
    catalogue = factor_files.catalogue(SHIPPED / "factors")
    reporter = Reporter(journal, books, plant_files.load(folder), catalogue)
    batch = books.runs.spans(1)[0].id
    asked = datetime.now(UTC)

    def ours() -> float:
        began = time.perf_counter()
        assert reporter.report(batch, "footprint", asked) is not None
        return time.perf_counter() - began

    def peers() -> float:
        began = time.perf_counter()
        assert forms(path)
        return time.perf_counter() - began

    value, peer_value = effort.medians(ours, peers)
    books.close()
    return Row(
        f"provisional footprint of a batch after {rounds} rounds: Reporter.report, "
        "runs known, nothing cached",
        value,
        "s",
        "sqlite3, zlib and json: every reading of the mill, read once",
        peer_value,
        effort.runs,
    )
