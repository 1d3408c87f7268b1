"""A machine of our own: a bare Debian's files, and in namespaces a real systemd as process 1.

It has a network of its own, without a way out. What installs on it is given this machine's
network, since packages come from somewhere.
"""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_BOOTED = ("running", "degraded")
_PATIENCE_S = 60.0
_SAID_TO_PIP = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_DEFAULT_TIMEOUT")
_PATH = "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_FIRST_PROCESS = """
set -e
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$BARE,upperdir=$HERE/upper,workdir=$HERE/work" "$ROOT"
cd "$ROOT"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
for place in dev dev/shm run tmp; do mkdir -p $place; mount -t tmpfs -o mode=755 tmpfs $place; done
mkdir -p dev/pts dev/shm && chmod 1777 dev/shm tmp
for device in null zero full random urandom tty; do
  touch dev/$device && mount --bind /dev/$device dev/$device
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx && ln -s /proc/self/fd dev/fd
# Not chroot, in which nobody could make user namespaces.
pivot_root . . && umount --lazy . && mount --make-rshared /
# Whoever sets a clock in here would set everybody's.
exec setpriv --bounding-set=-sys_time --inh-caps=-sys_time env -i container=other PATH="$PATH" \\
  /lib/systemd/systemd --unit=multi-user.target
"""


def bare(suite: str, cache: Path) -> Path:
    """The files of a Debian as it is installed, with an init and nothing of ours; kept."""
    place = cache / suite
    if not (place / "complete").exists():
        subprocess.run(["rm", "-rf", str(place)], check=True)
        command = ["debootstrap", "--variant=minbase", "--include=systemd-sysv,dbus"]
        subprocess.run([*command, suite, str(place)], check=True)
        subprocess.run(["chroot", str(place), "apt-get", "clean"], check=True)
        (place / "complete").touch()
    return place


@dataclass(slots=True)
class Machine:
    """One that runs.

    Attributes:
        pid: Its first process, seen from here.
    """

    pid: int
    _outside: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """Its files."""
        return Path(f"/proc/{self.pid}/root")

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command on it to its end."""
        return self._entered(["-n"], command, {}, check=check)

    def install(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Likewise, with this machine's network and what its package managers go by."""
        return self._entered([], command, self._outside, check=check)

    @property
    def beside(self) -> tuple[str, ...]:
        """What stands before a command of this machine that is to run in its network."""
        return ("nsenter", f"--net=/proc/{self.pid}/ns/net", "--")

    def be_let_out(self) -> None:
        """Give what installs here the names, certificates and settings of this machine."""
        apt = subprocess.run(["apt-config", "dump"], check=True, capture_output=True, text=True)
        said = [line for line in apt.stdout.splitlines() if line.startswith("Acquire::")]
        (self.root / "etc/apt/apt.conf.d/99outside").write_text("\n".join(said) + "\n")
        (self.root / "etc/resolv.conf").write_bytes(Path("/etc/resolv.conf").read_bytes())
        names = [
            n for n in os.environ if n.startswith(_SAID_TO_PIP) or n.lower().endswith("_proxy")
        ]
        self._outside = {name: os.environ[name] for name in names}
        known = os.environ.get("PIP_CERT", "/etc/ssl/certs/ca-certificates.crt")
        (self.root / "run/outside.crt").write_bytes(Path(known).read_bytes())
        self._outside["PIP_CERT"] = "/run/outside.crt"

    def _entered(
        self, network: Sequence[str], command: Sequence[str], env: dict[str, str], *, check: bool
    ) -> subprocess.CompletedProcess[str]:
        inside = ("nsenter", "-t", str(self.pid), "-m", "-p", "-u", "-i", "-C", *network, "--")
        clean = ("env", "-i", "HOME=/root", _PATH)
        words = [f"{name}={value}" for name, value in env.items()]
        done = subprocess.run(
            [*inside, *clean, *words, *command], capture_output=True, text=True, check=False
        )
        if check and done.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{_said(done)}")
        return done


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return f"{done.stdout}\n{done.stderr}".strip()


@contextlib.contextmanager
def machine(debian: Path, here: Path) -> Iterator[Machine]:
    """A machine that has booted; what is written on it stands in `here` and goes with it.

    Args:
        debian: Its files to begin with; they stay as they are.
        here: A folder for what is written.
    """
    for name in ("upper", "work", "root"):
        (here / name).mkdir(parents=True)
    spaces = ("--mount", "--pid", "--uts", "--ipc", "--cgroup", "--net", "--fork", "--kill-child")
    process = subprocess.Popen(
        # It goes with us, however we go.
        ["setpriv", "--pdeathsig", "KILL", "unshare", *spaces, "bash", "-c", _FIRST_PROCESS],
        env=os.environ | {"BARE": str(debian), "HERE": str(here), "ROOT": str(here / "root")},
        stdin=subprocess.DEVNULL,
        stdout=(here / "console").open("w"),
        stderr=subprocess.STDOUT,
    )
    try:
        yield _booted(process.pid)
    finally:
        process.kill()
        process.wait()
        subprocess.run(["rm", "-rf", str(here)], check=True)


def _booted(unshare: int) -> Machine:
    """Wait until all that starts at boot has started."""
    end = time.monotonic() + _PATIENCE_S
    children = Path(f"/proc/{unshare}/task/{unshare}/children")
    while time.monotonic() < end:
        time.sleep(0.2)
        pids = children.read_text().split()
        if not pids:
            continue
        found = Machine(int(pids[0]))
        if not (found.root / "run/systemd/system").is_dir():
            continue
        said = found.run("systemctl", "is-system-running", check=False).stdout.strip()
        if said in _BOOTED:
            return found
    raise SystemExit("the machine does not boot")
