"""The configuration folder of a hall, as a technician would have written it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.answers import POINT, device

SITE, COLLECTOR, STRANGER = "hall", "edge", "rogue"
COMMIT_EVERY_MS = 500


@dataclass(frozen=True, slots=True)
class Layout:
    """What differs between halls.

    Attributes:
        meters: How many.
        every: How often each is polled.
        max_mb: How large the spool may grow. [MB]
        pages: Whether the server answers HTTP too.
        broker_at: Address of the broker, as collector and server see it.
        broker_lines: More lines of Mosquitto's configuration; ``{folder}`` stands for ours.
        users: Whether collector and server log in, with their own names as users.
        tapped: Whether the collector reaches the broker through a tap.
        before: What stands before the command of a program, by the program's name.
        collector: Module of the collector's root, with more arguments.
        clock_ms: By how much a clock that can be set is off from the start. [ms]
        down: Programs that are not started at once.
        bound_s: When a wait is given up. [s]
    """

    meters: int = 6
    every: str = "200ms"
    max_mb: int = 100
    pages: bool = False
    broker_at: str = "127.0.0.1"
    broker_lines: Sequence[str] = ()
    users: bool = False
    tapped: bool = False
    before: Mapping[str, Sequence[str]] = field(default_factory=dict)
    collector: Sequence[str] = ("millprint.roots.collector",)
    clock_ms: int = 0
    down: Sequence[str] = ()
    bound_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything listens; `tap` is the broker's own where there is no tap."""

    meters: int
    broker: int
    tap: int
    pages: int


def write(folder: Path, layout: Layout, ports: Ports) -> None:
    """Write ``collector.toml``, ``gateway.toml``, ``api.toml``, the plant and the broker's file."""
    (folder / "plant").mkdir(parents=True, exist_ok=True)
    for name in ("edge", "office"):
        (folder / name).mkdir(exist_ok=True)
    broker = layout.broker_at, ports.broker
    to_collect = ("127.0.0.1", ports.tap) if layout.tapped else broker
    edge = _broker(folder, layout, to_collect, COLLECTOR)
    gateway = _broker(folder, layout, broker, "gateway")
    texts = {
        "collector.toml": _collector(layout, ports, edge),
        "gateway.toml": f'site = "{SITE}"\n\n[mqtt]\n{gateway}\n'
        '[journal]\nurl = "sqlite:///office/journal.db"\n',
        "api.toml": f'[http]\nhost = "127.0.0.1"\nport = {ports.pages}\n\n'
        '[books]\nurl = "sqlite:///office/books.db"\n',
        "plant/2020-01-01.toml": f'[site]\nid = "{SITE}"\ntimezone = "Asia/Shanghai"\n'
        f'region = "CN-ZJ"\n\n[machines.jet-01]\nprocess = "dyeing-exhaust"\n'
        f'electricity = "{device(1)}.{POINT}"\n\n[supplies.grid]\ncarrier = "electricity"\n'
        f'meter = "{device(1)}.{POINT}"\n',
        "broker.conf": "\n".join(_mosquitto(layout, ports.broker)).format(folder=folder) + "\n",
        "clock.json": f'{{"offset_ms": {layout.clock_ms}, "state": "S"}}',
        "acl": "topic readwrite #\n",
        "password": "secret\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _collector(layout: Layout, ports: Ports, broker: str) -> str:
    parts = [
        f'site = "{SITE}"\ncollector = "{COLLECTOR}"\n\n[mqtt]\n{broker}',
        f'[spool]\npath = "edge/{COLLECTOR}.spool"\nmax_mb = {layout.max_mb}\n'
        f'commit_every = "{COMMIT_EVERY_MS}ms"\n',
        f'[buses.line]\nurl = "tcp://127.0.0.1:{ports.meters}"\ntimeout = "5s"\n',
    ]
    parts += [
        f'[devices.{device(unit)}]\nbus = "line"\nunit = {unit}\nprofile = "schneider-iem3155"\n'
        f'every = "{layout.every}"\npoints = ["{POINT}"]\n'
        for unit in range(1, layout.meters + 1)
    ]
    return "\n".join(parts)


def _broker(folder: Path, layout: Layout, at: tuple[str, int], user: str) -> str:
    url = f'url = "mqtt://{at[0]}:{at[1]}"\n'
    login = f'username = "{user}"\npassword_file = "{folder}/password"\n'
    return url + (login if layout.users else "")


def _mosquitto(layout: Layout, port: int) -> list[str]:
    return [
        f"listener {port} {layout.broker_at}",
        f"allow_anonymous {'false' if layout.users else 'true'}",
        "user root",  # who may read the files that it is told of, also when it reads them again
        "persistence false",
        "max_queued_messages 0",
        "log_type error",
        "log_type warning",
        *layout.broker_lines,
    ]
