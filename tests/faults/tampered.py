"""Row 25: somebody who has the files edits them; ``millprint verify`` names what was done.

The site is real and was sealed; each tampering is done to a copy of it.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from millprint.children import python
from tests.faults.hall import Hall, now_ms
from tests.faults.layout import Layout
from tests.faults.row import Dose, Row, Unrecovered
from tests.faults.trial import hall, judged

_PACKAGES = ("collector", "gateway", "api", "millprint", "configs")
_PATIENCE_S = 120
_TWO_DAYS_MS = 2 * 24 * 3_600_000

Lines = list[list[bytes]]
"""Readings of a journal as its bodies have them: at, stream, seq, device, h, form."""


@dataclass(frozen=True, slots=True)
class Found:
    """What ``verify`` said."""

    code: int
    words: str

    def names(self, word: str) -> bool:
        """Whether it failed and named something."""
        return self.code == 1 and re.search(rf"\b{re.escape(word)}\b", self.words) is not None


def journal(dose: Dose) -> Row:
    """Row 25."""
    drawn = dose.drawn(25)
    layout = Layout(
        pages=True,
        collector=("tests.faults.clocked_collector",),
        clock_ms=-_TWO_DAYS_MS,
        bound_s=dose.bound_s,
    )
    with hall(layout, prepare=_hand_out) as one:
        one.arrived(now_ms() + 3000)
        one.again("server")
        one.arrived(now_ms())
        row = judged(25, "journal edited, factors swapped, an old copy restored", one, 0, 0.0)
        one.close()
        found = _tampered(one, drawn, dose.times)
    tried, unseen = len(found), [what for what, seen in found if not seen]
    broken = [*row.broken, *(f"verify does not name it: {what}" for what in unseen)]
    return Row(25, row.fault, tried, row.readings, row.lost, row.doubled, 0.0, tuple(broken))


def _hand_out(folder: Path) -> None:
    """A certifier's folder gets every seal."""
    (folder / "certifier").mkdir()
    with (folder / "api.toml").open("a", encoding="utf-8") as file:
        file.write('\n[seal]\ncopies = ["certifier"]\n')


def _tampered(one: Hall, drawn: Random, times: int) -> list[tuple[str, bool]]:
    """Each tampering, and whether it was named."""
    old = one.folder.with_name(f"{one.folder.name}-old")
    shutil.copytree(one.folder, old)
    _run(python("millprint.roots.sealer", "--config", str(one.folder)))
    held = one.folder / "certifier"
    sound = _verify(one.folder, held)
    if sound.code != 0:
        raise Unrecovered(f"a sound site is not found sound: {sound.words[-500:]}")
    found = []
    for _ in range(times):
        for what, edit in _EDITS.items():
            with _copy(one.folder) as site:
                number = _edit(site / "office" / "journal.db", edit, drawn)
                found.append((what, _verify(site, held).names(str(number))))
    found.append(("an old copy restored", _verify(old, held).code == 1))
    found.append(("factors swapped", _with_other_factors(one.folder, held).code == 1))
    shutil.rmtree(old)
    return found


class _copy:  # noqa: N801 - used as a verb
    """A copy of a site, for as long as it is needed."""

    def __init__(self, site: Path) -> None:
        self._site, self._copy = site, site.with_name(f"{site.name}-copy")

    def __enter__(self) -> Path:
        shutil.copytree(self._site, self._copy)
        return self._copy

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._copy)


def _verify(site: Path, held: Path, program: Path | None = None) -> Found:
    command = python("millprint", "verify", "--config", str(site), "--against", str(held))
    return _run(command, program)


def _run(command: list[str], program: Path | None = None) -> Found:
    """What a command says; of another program than this where one is named."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        cwd=program,  # where a module is run from is where it is looked for first
        env=os.environ | ({"PYTHONPATH": str(program)} if program else {}),
        check=False,
    )
    return Found(done.returncode, done.stdout + done.stderr)


def _with_other_factors(site: Path, held: Path) -> Found:
    """The same program, with one number of its factors changed."""
    program = site.with_name(f"{site.name}-program")
    for name in _PACKAGES:
        source = Path(sys.modules["collector"].__path__[0]).parent / name
        shutil.copytree(source, program / name, ignore=shutil.ignore_patterns("__pycache__"))
    file = sorted((program / "configs" / "factors").glob("*.csv"))[0]
    text = file.read_text(encoding="utf-8")
    changed = re.sub(r"(\d\.\d*)1", r"\g<1>2", text, count=1)
    assert changed != text
    file.write_text(changed, encoding="utf-8")
    try:
        return _verify(site, held, program)
    finally:
        shutil.rmtree(program)


def _edit(journal: Path, edit: Callable[[Lines, Random], int], drawn: Random) -> int:
    """Change one body of the journal; the number that must be named."""
    with closing(sqlite3.connect(journal)) as db:
        bodies = db.execute("SELECT id, body FROM segments").fetchall()
        number, body = drawn.choice(bodies)
        lines = [line.split(b" ", 5) for line in zlib.decompress(body).split(b"\n")]
        named = edit(lines, drawn)
        written = zlib.compress(b"\n".join(b" ".join(line) for line in lines))
        db.execute("UPDATE segments SET body = ? WHERE id = ?", (written, number))
        db.commit()
    return named


def _value(lines: Lines, drawn: Random) -> int:
    line = drawn.choice(lines)
    line[5] = re.sub(rb'("energy_import_kwh":)', rb"\g<1>9", line[5])
    return int(line[2])


def _delete(lines: Lines, drawn: Random) -> int:
    place = drawn.randrange(len(lines) - 1)
    return int(lines.pop(place)[2])


def _swap(lines: Lines, drawn: Random) -> int:
    first, second = sorted(drawn.sample(range(len(lines)), 2), key=lambda n: int(lines[n][2]))
    one, other = lines[first], lines[second]
    one[4:6], other[4:6] = other[4:6], one[4:6]
    return int(one[2])


def _add(lines: Lines, drawn: Random) -> int:
    line = list(drawn.choice(lines))
    line[2] = b"%d" % (max(int(one[2]) for one in lines) + 10**6)
    lines.append(line)
    return int(line[2])


_EDITS: dict[str, Callable[[Lines, Random], int]] = {
    "a value edited": _value,
    "a record deleted": _delete,
    "two records swapped": _swap,
    "a record added": _add,
}
