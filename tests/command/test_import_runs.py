"""``import-runs``: a file over HTTP to a real server, looked at and taken in."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from millprint.broker import wait_for_port
from millprint.commands_runs import import_runs
from tests.api.given import PLANT, World, world

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


def sends(mill: World, url: str, file: Path, text: str, *, dry_run: bool = False) -> int:
    file.write_text(text, encoding="utf-8")
    key = mill.books.keys.make("erp", "engineer", mill.clock[0])
    return import_runs(file, url, key, dry_run=dry_run)


def test_a_file_is_looked_at_and_then_taken_in(mill, url, tmp_path, capsys):
    assert sends(mill, url, tmp_path / "runs.csv", GOOD, dry_run=True) == 0
    assert "Nothing was changed" in capsys.readouterr().out
    assert mill.books.runs.of("007") == []

    assert sends(mill, url, tmp_path / "runs.csv", GOOD) == 0

    assert "1 new, 0 changed, 0 same, 0 bad. It is import 1" in capsys.readouterr().out
    assert len(mill.books.runs.of("007")) == 1


def test_a_bad_file_is_refused_line_by_line(mill, url, tmp_path, capsys):
    bad = GOOD.replace("jet-02", "jet-20").replace("007", "008")

    assert sends(mill, url, tmp_path / "runs.csv", bad) == 1
    assert sends(mill, url, tmp_path / "runs.csv", bad, dry_run=True) == 1

    said = capsys.readouterr().err
    assert "line 2  machine = 'jet-20'" in said
    assert "nothing was changed" in said
    assert mill.books.runs.of("008") == []


def test_a_file_that_is_not_there_and_a_server_that_is_not_are_said(mill, url, tmp_path, capsys):
    assert import_runs(tmp_path / "none.csv", url, "mp_x", dry_run=False) == 1
    (tmp_path / "runs.csv").write_text(GOOD, encoding="utf-8")
    assert import_runs(tmp_path / "runs.csv", url, "mp_x", dry_run=False) == 1
    assert import_runs(tmp_path / "runs.csv", "http://127.0.0.1:1", "mp_x", dry_run=False) == 1

    said = capsys.readouterr().err
    assert "cannot be read" in said
    assert "An API key is needed" in said
    assert "does not answer" in said
