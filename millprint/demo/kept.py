"""A demo that goes on where it was: what is kept of it beside its data."""

import json
from dataclasses import replace
from pathlib import Path

from collector.wire.reading import unix_ms
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from millprint.demo.stage import Casting

_FILE = "demo.json"


def resumed(folder: Path, casting: Casting) -> Casting:
    """A casting as an earlier start in that folder left it; a first one is noted there.

    A mill of another file begins anew in another folder: what is kept is that of the first.
    """
    path, journal = folder / _FILE, folder / "var" / "journal.db"
    if not path.exists() or not journal.exists():
        folder.mkdir(parents=True, exist_ok=True)
        kept = {"seed": casting.seed, "mill": str(casting.mill_file)}
        path.write_text(json.dumps(kept), encoding="utf-8")
        return casting
    reader = Reader(Sqlite(journal))
    newest = [one.at for device in reader.devices() if (one := reader.latest(device)) is not None]
    seed = json.loads(path.read_text(encoding="utf-8"))["seed"]
    return replace(casting, seed=seed, resume_ms=unix_ms(max(newest)) if newest else 0)
