"""``import-runs``: a file over HTTP to a real server, looked at and taken in."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from millprint.broker import wait_for_port
from tests.api.given import PLANT, World, world
from tests.command.conftest import millprint

GOOD = "machine,batch,start,end\njet-02,007,2026-03-02 07:30,2026-03-02 07:50\n"


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    plant = PLANT.replace('batch = "jet-02-plc.batch_id"\n', "")
    one = world(tmp_path_factory.mktemp("mill") / "config", plant)
    yield one
    one.close()


@pytest.fixture(scope="module")
def url(mill: World) -> Iterator[str]:
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(mill.app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([door],))
    thread.start()
    wait_for_port(door.getsockname()[1])
    yield f"http://127.0.0.1:{door.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def sends(mill: World, url: str, file: Path, text: str, *more: str) -> subprocess.CompletedProcess:
    file.write_text(text, encoding="utf-8")
    key = mill.books.keys.make("erp", "engineer", mill.clock[0])
    return millprint("api", "import-runs", str(file), "--url", url, "--key", key, *more)


def test_a_file_is_looked_at_and_then_taken_in(mill, url, tmp_path):
    looked = sends(mill, url, tmp_path / "runs.csv", GOOD, "--dry-run")

    assert looked.returncode == 0
    assert "1 new, 0 changed, 0 same, 0 bad. Nothing was changed." in looked.stdout
    assert mill.books.runs.of("007") == []

    taken = sends(mill, url, tmp_path / "runs.csv", GOOD)

    assert taken.returncode == 0
    assert "1 new, 0 changed, 0 same, 0 bad. It is import 1" in taken.stdout
    assert len(mill.books.runs.of("007")) == 1


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_bad_file_is_refused_line_by_line(mill, url, tmp_path, more):
    bad = GOOD.replace("jet-02", "jet-20").replace("007", "008")

    refused = sends(mill, url, tmp_path / "runs.csv", bad, *more)

    assert refused.returncode == 1
    assert "line 2: machine='jet-20'" in refused.stderr
    assert mill.books.runs.of("008") == []


def test_a_file_that_is_not_there_is_said(tmp_path):
    said = millprint("api", "import-runs", str(tmp_path / "none.csv"))

    assert said.returncode == 1
    assert "cannot be read" in said.stderr


def test_a_table_is_looked_at_taken_in_and_undone(mill, url, tmp_path):
    table = "缸号,品名,净重(kg)\n0071,jersey,400\n"
    file = tmp_path / "march.csv"
    file.write_text(table, encoding="gbk")
    asked = "--url", url, "--key", mill.books.keys.make("erp", "engineer", mill.clock[0])

    looked = millprint("api", "import", "batches", str(file), "--dry-run", *asked)
    taken = millprint("api", "import", "batches", str(file), *asked)
    number = str(mill.books.said.imports()[-1].subject)
    undone = millprint("api", "undo", number, "--why", "the wrong month", *asked)

    assert "1 new, 0 changed, 0 same, 0 bad. Nothing was changed." in looked.stdout
    assert f"It is import {number}; to undo: millprint api undo {number}" in taken.stdout
    assert (undone.returncode, mill.books.batches.entered("0071")) == (0, None)


def test_a_file_that_is_too_large_is_said_before_it_is_read(tmp_path):
    file = tmp_path / "large.xlsx"
    with file.open("wb") as large:
        large.truncate(200 * 2**20)

    said = millprint("api", "import", "batches", str(file))

    assert said.returncode == 1
    assert "200 MB; at most 32 MB" in said.stderr
