"""A site of one meter that is never still, as it is installed: meter, broker, collector, server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from millprint.broker import broker, free_port, wait_for_port
from millprint.children import Child, Household, python
from tests.bench import stand

METER = "jet-01-power"
_PROFILE = "eastron-sdm630"


@contextmanager
def restless_site(folder: Path) -> Iterator[tuple[str, str]]:
    """One meter that is never still, everything that reads it, and who may look at it."""
    mqtt, http, meter = free_port(), free_port(), free_port()
    key = _configure(folder, mqtt, http, meter)
    commands = {
        "broker": broker(folder / "broker", mqtt).command,
        "meter": python("millprint", "collector", "simulate", f"{_PROFILE}:1", "--tcp", str(meter)),
        "box": python("millprint", "run", "--config", str(folder)),
    }
    household = Household([Child(*one, folder / "log") for one in commands.items()])
    household.start()
    try:
        wait_for_port(http)
        yield f"http://127.0.0.1:{http}", key
    finally:
        household.stop()


def _configure(folder: Path, mqtt: int, http: int, meter: int) -> str:
    """Write the whole site; the key of one who may look at it."""
    head, url = 'site = "keqiao"\n', f'[mqtt]\nurl = "mqtt://127.0.0.1:{mqtt}"\n'
    written = {
        "collector.toml": f'{head}collector = "dyehouse-a"\n{url}'
        '[spool]\npath = "var/a.spool"\n'
        f'[buses.line]\nurl = "tcp://127.0.0.1:{meter}"\n'
        f'[devices.{METER}]\nbus = "line"\nunit = 1\nprofile = "{_PROFILE}"\nevery = "5s"\n',
        "gateway.toml": f'{head}{url}[journal]\nurl = "sqlite:///var/journal.db"\n',
        "api.toml": f'[http]\nport = {http}\n[books]\nurl = "sqlite:///var/books.db"\n',
        "plant/2026-01-01.toml": '[site]\nid = "keqiao"\ntimezone = "Asia/Shanghai"\n'
        'region = "CN-ZJ"\n[machines.jet-01]\nprocess = "dyeing-exhaust"\n'
        f'electricity = "{METER}.energy_import_kwh"\n'
        f'[supplies.grid]\ncarrier = "electricity"\nmeter = "{METER}.energy_import_kwh"\n',
    }
    (folder / "plant").mkdir(parents=True)
    (folder / "var").mkdir()
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    return stand.key_of(folder / "var/books.db")
