"""What a box goes through in its lives, each of a machine of its own."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from millprint import children
from tests.box import mill
from tests.box.listing import differences, listing
from tests.box.machine import Machine

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "ca-certificates", "chrony", "fonts-noto-cjk", "libharfbuzz-subset0", "libpango-1.0-0",
    "libpangoft2-1.0-0", "mosquitto", "python3", "python3-venv",
)  # fmt: skip
SERVICES = ("millprint-broker", "millprint")
_PATIENCE_S = 90.0
_WATCHED_S = 15
_ABROAD, _TIMED_OUT = "203.0.113.1", 124  # an address that RFC 5737 keeps for documents
_STAYS = ("etc/millprint", "var/lib/millprint", "var/backups")
_ACCOUNT = ("etc/passwd", "etc/passwd-", "etc/group", "etc/group-", "etc/shadow", "etc/shadow-")
_ACCOUNT_TOO = (
    "etc/gshadow",
    "etc/gshadow-",
    "etc/subuid",
    "etc/subuid-",
    "etc/subgid",
    "etc/subgid-",
)
# No backup was made yet, nobody holds a seal, and the clock is this machine's to set.
_OF_A_NEW_BOX = {"backup-missing", "seal-held-by-nobody", "clock-unsynchronised"}

PROMISES: dict[str, Callable[[Any], bool]] = {
    "first_reading_s": lambda s: s <= 600,
    "bundle_first_reading_s": lambda s: s <= 600,
    "second_run_changed": lambda names: names == [],
    "second_run_restarted": lambda restarted: not restarted,
    "reaches_abroad": lambda reached: not reached,
    "key_handed_over": lambda there: there,
    "seccomp": lambda modes: set(modes) == {"2"},
    "capabilities": lambda sets: {int(one, 16) for one in sets} == {0},
    "readings_lost_by_upgrade": lambda n: n == 0,
    "readings_lost_by_going_back": lambda n: n == 0,
    "left_after_uninstall": lambda names: names == [],
    "doctor_finds_once_enrolled": lambda codes: set(codes) <= _OF_A_NEW_BOX,
    "readings_lost_by_restoring": lambda n: n == 0,
}
"""What must be true of what is found."""


class Box:
    """A machine with a meter beside it, and this copy of the sources on it."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.root = machine, machine.root
        self._meter: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Box":
        self.machine.be_let_out()
        meters = (f"{mill.PROFILE}:1", f"{mill.PROFILE}:2")
        command = ["collector", "simulate", *meters, "--tcp", str(mill.METER_PORT)]
        words = [*self.machine.beside, sys.executable, "-m", "millprint", *command]
        self._meter = children.start(words, stdout=subprocess.DEVNULL)
        mill.write(self.root / "root/mill")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if fault is not None:
            said = self.machine.run("journalctl", "--no-pager", "-n", "60", check=False)
            sys.stderr.write(said.stdout)
        assert self._meter is not None
        self._meter.kill()
        self._meter.wait()

    def bring(self, name: str, commit: str | None = None) -> None:
        """Put a copy of the sources on it: of a commit, or as they stand."""
        to = self.root / "root" / name
        to.mkdir()
        if commit:
            sources = subprocess.Popen(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE)
        else:
            files = "git ls-files -z -co --exclude-standard | tar --null -cT -"
            sources = subprocess.Popen(["sh", "-c", files], cwd=ROOT, stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", str(to)], stdin=sources.stdout, check=True)

    def packages(self) -> None:
        """Put Debian's packages on it, as a mill's own mirror would."""
        quiet = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")
        self.machine.install("apt-get", "update", "-qq")
        self.machine.install("env", "DEBIAN_FRONTEND=noninteractive", *quiet, *PACKAGES)
        self.machine.install("systemctl", "--quiet", "disable", "--now", "mosquitto")

    def install(self, name: str, *options: str) -> str:
        """Run a copy's install.sh; what it says."""
        said = self.machine.install(f"/root/{name}/deploy/install.sh", *options).stdout.strip()
        sys.stdout.write(f"{said}\n")
        return said

    def pids(self) -> list[str]:
        """Of the services."""
        show = ("systemctl", "show", "--value", "-p", "MainPID", *SERVICES)
        return self.machine.run(*show).stdout.split()

    def pid_of(self, module: str) -> str:
        """Of the process on it that runs a module."""
        lines = (self.root / "proc").glob("[0-9]*/cmdline")
        return next(line.parent.name for line in lines if module.encode() in line.read_bytes())

    def wait_for_more(self, have: set[str], by: int = 1) -> None:
        """Wait until the journal holds so many readings that it did not."""
        end = time.monotonic() + _PATIENCE_S
        while len(mill.stored(self.machine) - have) < by:
            if time.monotonic() > end:
                raise TimeoutError("no reading comes")
            time.sleep(0.1)

    def wait_for_pages(self) -> None:
        """Wait until the server says that its pages are open."""
        show = ("systemctl", "show", "--value", "-p", "StatusText", "millprint")
        end = time.monotonic() + _PATIENCE_S
        while not self.machine.run(*show).stdout.strip():
            if time.monotonic() > end:
                raise TimeoutError("no page is open")
            time.sleep(0.1)


def installed(box: Box) -> dict[str, Any]:
    """From nothing to the first reading in one command; again; started anew; frozen."""
    box.bring("millprint")
    began = time.monotonic()
    box.install("millprint", "--config", "/root/mill")
    installed_s = time.monotonic() - began
    box.wait_for_more(set())
    reading_s = time.monotonic() - began

    before, pids = listing(box.root), box.pids()
    box.install("millprint", "--config", "/root/mill")
    again, pids_again = listing(box.root), box.pids()
    key = box.root / "etc/millprint/credentials/a.key"
    key.write_text("a key")
    return {
        "installed_s": round(installed_s, 1),
        "first_reading_s": round(reading_s, 1),
        "second_run_changed": differences(before, again),
        "second_run_restarted": pids_again != pids,
        "restart_to_next_reading_s": _started_anew(box),
        "key_handed_over": (box.root / "run/credentials/millprint.service/keys_a.key").exists(),
        **_fence(box),
        "reaches_abroad": _reaches_abroad(box),
        "frozen_and_back_s": _frozen(box),
    }


def upgraded(box: Box, commit: str) -> dict[str, Any]:
    """From the commit before to this one, back again, and away."""
    box.packages()
    box.bring("old", commit)
    box.bring("new")
    before = listing(box.root)
    box.install("old", "--config", "/root/mill")
    box.wait_for_more(set(), by=20)

    old = mill.stored(box.machine)
    box.install("new")
    box.wait_for_more(old)
    new = mill.stored(box.machine)
    box.install("new", "--back")
    box.wait_for_more(new)
    lost_by_upgrade, lost_by_going_back = len(old - new), len(new - mill.stored(box.machine))
    box.install("new", "--uninstall")
    left = differences(before, listing(box.root))
    return {
        "readings_before_upgrade": len(old),
        "readings_lost_by_upgrade": lost_by_upgrade,
        "readings_lost_by_going_back": lost_by_going_back,
        "left_after_uninstall": [
            name
            for name in left
            if not name.startswith(_STAYS) and name not in (*_ACCOUNT, *_ACCOUNT_TOO)
        ],
    }


def bundled(box: Box, bundle: Path) -> dict[str, Any]:
    """From a bundle, on a machine that reaches nobody."""
    box.packages()
    subprocess.run(["cp", "-r", str(bundle), str(box.root / "root/bundle")], check=True)
    began = time.monotonic()
    box.machine.run("/root/bundle/deploy/install.sh", "--config", "/root/mill")
    box.wait_for_more(set())
    return {"bundle_first_reading_s": round(time.monotonic() - began, 1)}


def _started_anew(box: Box) -> float:
    box.machine.run("systemctl", "stop", "millprint")
    have, began = mill.stored(box.machine), time.monotonic()
    box.machine.run("systemctl", "start", "millprint")
    box.wait_for_more(have)
    return round(time.monotonic() - began, 1)


def _fence(box: Box) -> dict[str, list[str]]:
    """What the kernel says of the processes that run: their filter, and their capabilities."""
    lines = [
        line.split()
        for pid in box.pids()
        for line in (box.root / f"proc/{pid}/status").read_text().splitlines()
    ]
    return {
        "seccomp": [line[1] for line in lines if line[0] == "Seccomp:"],
        "capabilities": [line[1] for line in lines if line[0] in ("CapEff:", "CapBnd:")],
    }


def _reaches_abroad(box: Box) -> bool:
    """Whether who stands behind the fence reaches an address that is not the mill's.

    It stands on the machine itself: whoever may go there is refused at once, who may not hears
    nothing.
    """
    subprocess.run([*box.machine.beside, "ip", "addr", "add", _ABROAD, "dev", "lo"], check=True)
    unit = (box.root / "usr/local/lib/systemd/system/millprint.service").read_text()
    fence = unit.partition("# The fence")[2].partition("[Install]")[0]
    asking = f"/usr/bin/timeout 3 bash -c 'echo > /dev/tcp/{_ABROAD}/9'"
    (box.root / "run/systemd/system/abroad.service").write_text(
        # Forgotten once it has ended, it would be said to have ended with 0.
        f"[Service]\nType=oneshot\nRemainAfterExit=yes\nDynamicUser=yes\n"
        f"ExecStart=-{asking}\n#{fence}"
    )
    box.machine.run("systemctl", "daemon-reload")
    box.machine.run("systemctl", "start", "abroad")
    show = ("systemctl", "show", "--value", "-p", "ExecMainStatus", "abroad")
    return int(box.machine.run(*show).stdout) != _TIMED_OUT


def _frozen(box: Box) -> float:
    """How long until a collector that stands still is begun anew, its patience made short."""
    patience = box.root / "run/systemd/system/millprint.service.d/patience.conf"
    patience.parent.mkdir(parents=True)
    patience.write_text(f"[Service]\nWatchdogSec={_WATCHED_S}s\n")
    box.machine.run("systemctl", "daemon-reload")
    box.machine.run("systemctl", "restart", "millprint")
    box.wait_for_more(mill.stored(box.machine))
    time.sleep(_WATCHED_S * 1.5)  # fed, it stands by
    began, pids = time.monotonic(), box.pids()
    box.machine.run("bash", "-c", f"kill -STOP {box.pid_of('millprint.roots.collector')}")
    have = mill.stored(box.machine)
    time.sleep(1)
    box.wait_for_more(have | mill.stored(box.machine))
    assert box.pids() != pids
    return round(time.monotonic() - began, 1)
