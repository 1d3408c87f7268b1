"""`millprint api export` against a running api."""

import threading
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import uvicorn

from millprint.broker import free_port
from tests.api.given import World, world
from tests.command.conftest import millprint


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str]]:
    """A mill with its books closed, served on a port."""
    mill = world(tmp_path_factory.mktemp("mill") / "config")
    mill.passes(0, 150)
    mill.closes_its_books()
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(mill.app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield mill, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
    mill.close()


def export(served: tuple[World, str], *words: str) -> tuple[int, str, str]:
    mill, url = served
    key = mill.key("accountant")["Authorization"].removeprefix("Bearer ")
    done = millprint("api", "export", *words, "--url", url, "--key", key)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_an_accountant_gets_a_workbook(served: tuple[World, str], tmp_path: Path):
    out = tmp_path / "march.xlsx"

    code, said, fault = export(served, str(out), "--month", "2026-03", "--lang", "zh")

    assert code == 0, fault
    assert str(out) in said
    assert openpyxl.load_workbook(out).sheetnames == ["汇总", "批次", "明细", "因子", "问题"]


@pytest.mark.parametrize(
    ("name", "words", "says"),
    [
        ("march.xls", ("--month", "2026-03"), "csv, parquet, pdf, xlsx"),
        ("march.csv", (), "month; batch; article; from and to"),
        ("march.csv", ("--batch", "B2699"), "B2699"),
        ("nowhere/march.csv", ("--month", "2026-03"), "cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_said_and_no_file_begun(
    served: tuple[World, str], tmp_path: Path, name: str, words: tuple[str, ...], says: str
):
    code, said, fault = export(served, str(tmp_path / name), *words)

    assert (code, said) == (1, "")
    assert says in fault
    assert not (tmp_path / name).exists()
