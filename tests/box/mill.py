"""A mill of one machine and two meters: its configuration, and what the journal has of it."""

import shutil
import sqlite3
import tempfile
from pathlib import Path

from tests.box.machine import Machine
from tests.faults.oracle import numbered

COLLECTOR = "dyehouse-a"
METER_PORT = 1502
PROFILE = "eastron-sdm630"
_DATA = "/var/lib/millprint"
_COPY = "/run/journal-as-it-is.db"
_COPIED = f"""
import sqlite3
journal = sqlite3.connect("file:{_DATA}/journal.db?mode=ro", uri=True)
journal.backup(sqlite3.connect("{_COPY}"))
"""
_FILES = {
    "collector.toml": f"""
site = "box"
collector = "{COLLECTOR}"
[mqtt]
url = "mqtt://127.0.0.1:1883"
[spool]
path = "{_DATA}/{COLLECTOR}.spool"
max_mb = 64
[buses.line]
url = "tcp://127.0.0.1:{METER_PORT}"
[devices.jet-01-power]
bus = "line"
unit = 1
profile = "{PROFILE}"
every = "1s"
[devices.main-1]
bus = "line"
unit = 2
profile = "{PROFILE}"
every = "1s"
""",
    "gateway.toml": f"""
site = "box"
[mqtt]
url = "mqtt://127.0.0.1:1883"
[journal]
url = "sqlite:///{_DATA}/journal.db"
""",
    "api.toml": f"""
[http]
port = 8420
[books]
url = "sqlite:///{_DATA}/books.db"
[seal]
key = "{_DATA}/seal.key"
folder = "{_DATA}/seals"
[enrolment]
folder = "{_DATA}/tls"
broker = "/etc/millprint/broker"
""",
    "plant/2026-01-01.toml": """
[site]
id = "box"
timezone = "Asia/Shanghai"
region = "CN-ZJ"
[machines.jet-01]
process = "dyeing-exhaust"
electricity = "jet-01-power.energy_import_kwh"
[supplies.grid]
carrier = "electricity"
meter = "main-1.energy_import_kwh"
""",
}


def write(folder: Path) -> None:
    """Write the configuration."""
    for name, text in _FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def stored(machine: Machine) -> set[str]:
    """The readings that are in the journal of a machine, by device and instant."""
    # A copy that is made there: from here SQLite would follow /proc/PID/root to our own root.
    if machine.run("python3", "-c", _COPIED, check=False).returncode:
        return set()  # it is yet to be made, as is the Python to read it
    with tempfile.TemporaryDirectory() as here:
        journal = Path(shutil.copy(machine.root / _COPY[1:], here))
        try:
            forms = [form for _, form in numbered(journal)]
        except sqlite3.OperationalError:
            return set()  # it is just being made
    return {f"{form['device']} {form['at']}" for form in forms if form.get("values")}
