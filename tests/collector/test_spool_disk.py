"""A disk that is full or lies: nothing is said to be committed that is not, and nothing twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.collector.spooled import at, books, spool

FULL = """
import sys
from pathlib import Path
from collector.spool import Unwritten
from tests.collector.spooled import books, commit, meter, spool
disk = Path(sys.argv[1])
one = spool(disk / "a.spool")
for number in range(10):
    commit(one, meter(number))
with (disk / "ballast").open("wb", buffering=0) as ballast:
    try:
        while ballast.write(bytes(1024)):
            pass
    except OSError:
        pass
waiting, refused = [], 0
for number in range(10, 60):
    waiting.append(meter(number))
    if number == 50:
        (disk / "ballast").unlink()
    try:
        commit(one, *waiting)
        waiting = []
    except Unwritten:
        refused += 1
found = books(one)
print(refused > 0, [r.up_ms // 10_000 for r in found.readings()] == list(range(60)), waiting)
"""
SMALL = """
import sys
from pathlib import Path
from tests.collector.spooled import books, commit, meter, room, spool
disk = Path(sys.argv[1])
one = spool(disk / "a.spool", max_mb=100)
for n in range(0, 3000, 30):
    commit(one, *(f(m) for m in range(n, n + 30) for f in (meter, room)))
if "others" in sys.argv:
    (disk / "others").write_bytes(bytes(420_000))
for n in range(3000, 9000, 30):
    commit(one, *(f(m) for m in range(n, n + 30) for f in (meter, room)))
found = books(one)
there, gone = found.numbers(one.epoch), found.gone[one.epoch]
print(*found.why(), there | gone == set(range(1, max(there) + 1)), len(found.breaks(one.epoch)))
print(max(r.up_ms for r in found.readings()) // 10_000)
"""
FAILING = """
import sys
from pathlib import Path
from collector.spool import Unwritten
from tests.collector.spooled import commit, meter, spool
one = spool(Path(sys.argv[1]))
waiting, failures = [], 0
for number in range(60):
    waiting.append(meter(number))
    try:
        commit(one, *waiting)
        waiting = []
    except Unwritten:
        failures += 1
        one._again_at = 0.0
print(failures)
while waiting:
    commit(one, *waiting)
    waiting = []
one.close()
"""


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def on_disk(folder: Path, size: str, script: str, *words: str) -> list[str]:
    """What a script says that was run on a disk of a size."""
    (folder / "script.py").write_text(script, encoding="utf-8")
    (folder / "disk").mkdir()
    mounted = f"mount -t tmpfs -o size={size} none {folder}/disk"
    runs = f"exec {sys.executable} {folder}/script.py {folder}/disk {' '.join(words)}"
    return run("unshare", "-m", "sh", "-c", f"{mounted} && {runs}").split()


def test_a_full_disk_refuses_and_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    assert on_disk(tmp_path, "200k", FULL) == ["True", "True", "[]"]


@pytest.mark.parametrize("words", [(), ("others",)], ids=["small", "filled by others meanwhile"])
def test_a_disk_smaller_than_the_spool_may_be_is_thinned_for_and_refuses_nothing(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    said = on_disk(tmp_path, "1m", SMALL, *words)

    assert said == ["thinned", "True", "0", "8999"]


@pytest.mark.parametrize("nth", [5, 17, 40])
def test_a_write_that_fails_is_not_committed_and_comes_once_later(tmp_path: Path, nth: int) -> None:
    path = tmp_path / "a.spool"
    (tmp_path / "failing.py").write_text(FAILING, encoding="utf-8")
    calls = "fdatasync,fsync,pwrite64"
    failures = run(
        *("strace", "-f", "-o", "/dev/null", "-e", f"trace={calls}"),
        *("-e", f"inject={calls}:error=EIO:when={nth}+37"),
        *(sys.executable, str(tmp_path / "failing.py"), str(path)),
    )

    one = spool(path)
    found = books(one)
    assert int(failures) > 0
    assert [r.at for r in found.readings()] == [at(n) for n in range(60)]
    assert found.breaks(one.epoch) == []
    one.close()
