"""A configuration folder such as a technician writes, and the command as one types it."""

import subprocess
import sys
from pathlib import Path

import pytest

from millprint.broker import free_port
from millprint.demo import configuration
from millprint.demo.mill_file import SHIPPED_MILL, load

PATIENCE_S = 180


def millprint(*words: str) -> subprocess.CompletedProcess[str]:
    """Type it and wait."""
    command = [sys.executable, "-m", "millprint", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def write(folder: Path, endpoints: dict[str, str], *, broker_port: int, http_port: int) -> None:
    """The whole folder: collector, gateway, api and plant."""
    mill, url = load(SHIPPED_MILL), f"mqtt://127.0.0.1:{broker_port}"
    configuration.write(folder, mill, endpoints, url, commit_every="1s")
    (folder / "gateway.toml").write_text(
        f'site = "{mill.site.id}"\n\n[mqtt]\nurl = "{url}"\n\n'
        '[journal]\nurl = "sqlite:///var/journal.db"\n',
        encoding="utf-8",
    )
    (folder / "api.toml").write_text(
        f'[http]\nhost = "127.0.0.1"\nport = {http_port}\n\n'
        '[books]\nurl = "sqlite:///var/books.db"\n',
        encoding="utf-8",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good folder, for a mill whose meters are all behind one gateway that is not there."""
    endpoints = {
        bus: f"tcp://127.0.0.1:{15020 + number}"
        for number, bus in enumerate(load(SHIPPED_MILL).buses)
    }
    endpoints["serial-1"] = "rtu:///dev/ttyUSB0?baud=38400"
    write(tmp_path, endpoints, broker_port=free_port(), http_port=free_port())
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    """Change the first place of a file where `old` stands."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} does not stand in {path.name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def plant(folder: Path) -> Path:
    """The folder's one plant file."""
    return next((folder / "plant").glob("*.toml"))
