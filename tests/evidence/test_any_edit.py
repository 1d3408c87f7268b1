"""Any single edit of anything that is kept is found, and anything that is taken away."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.evidence.given import Site, codes, held, journal

JOURNAL = {
    "segments": ("body",),
    "records": ("seq", "form", "h", "stream"),
    "chunks": ("id", "columns", "body"),
    "spans": ("stream", "highest", "lowest", "chunk"),
    "streams": ("collector", "epoch"),
    "devices": ("name",),
    "births": ("hash", "body"),
}
BOOKS = {
    "batches": ("id", "article", "accepted_kg", "entered", "entered_by"),
    "results": ("batch", "view", "revision", "computed", "reason", "scope_start_ms",
                "scope_end_ms", "digest", "body", "change", "tally", "ended_ms", "kgco2e",
                "asked", "factors", "plant", "rules", "software", "position"),
    "glances": ("batch", "revision", "accepted_kg", "status", "kgco2e", "kgco2e_per_kg",
                "problems"),
    "changes": ("id", "made", "reason", "detail", "asked", "decided", "decided_by", "state",
                "why"),
    "periods": ("month", "closed", "closed_by", "why"),
    "statements": ("month", "revision", "computed", "reason", "asked", "digest", "body"),
    "entries": ("id", "kind", "subject", "at_ms", "body", "entered", "entered_by", "why",
                "evidence"),
    "keys": ("id", "name", "role", "prefix", "digest", "made"),
    "seals": ("number", "day", "made", "form", "signature"),
    "seal_leaves": ("number", "kind", "name", "digest"),  # a place is only an order
    "seal_files": ("digest", "body"),
}  # fmt: skip
RARELY = settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an example is small as it is
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
NOT_YET_SEALED = ("3", "B3", "B3/缸", "key-3")
EDITS = [("journal", t, c) for t, cs in JOURNAL.items() for c in cs] + [
    ("books", t, c) for t, cs in BOOKS.items() for c in cs
]


def edited(value: object, place: int) -> object:
    """Another value of the same kind: one character, one bit or one unit away."""
    if isinstance(value, int):
        return value + 1
    raw = value if isinstance(value, bytes) else str(value).encode()
    if not raw:
        return "1"
    changed = bytearray(raw)
    changed[place % len(raw)] ^= 1
    return bytes(changed) if isinstance(value, bytes) else bytes(changed).decode(errors="replace")


def anew(sealed: Path, folder: Path) -> Path:
    """The site as it was; what only grows when it is edited is copied, the rest once."""
    site = folder / "site"
    if not site.exists():
        return Site.copied(sealed, site)
    for file in (site / "var").glob("*.db*"):
        file.unlink()  # the write-ahead logs too, or the edit would be played again
    for file in (sealed / "var").glob("*.db*"):
        shutil.copyfile(file, site / "var" / file.name)
    return site


def key_columns(db: sqlite3.Connection, table: str) -> list[str]:
    columns = db.execute(f"PRAGMA table_info({table})").fetchall()
    return [name for _, name, _, _, _, key in columns if key]


def edit_one(file: Path, table: str, column: str, row: int, place: int) -> bool:
    """Edit one cell; False where the database itself refuses, or it is not sealed yet."""
    with closing(sqlite3.connect(file)) as db:
        rows = db.execute(f"SELECT {column}, * FROM {table}").fetchall()
        value, *whole = rows[row % len(rows)]
        if table in ("batches", "results", "keys") and str(whole[0]) in NOT_YET_SEALED:
            return False
        if table in ("keys", "changes") and whole[0] == 4:
            return False
        if table == "entries" and whole[0] in (7, 8):
            return False
        if table in ("periods", "statements") and whole[0] == "2025-04":
            return False
        names = [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")]
        keys = key_columns(db, table)
        where = " AND ".join(f"{key} = ?" for key in keys)
        new = edited(value, place)
        values = (new, *(whole[names.index(key)] for key in keys))
        try:
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", values)
        except sqlite3.IntegrityError:
            return False
        db.commit()
    return True


@RARELY
@given(st.sampled_from(EDITS), st.integers(0, 999), st.integers(0, 9999))
def test_any_single_edit_of_anything_that_is_kept_is_found(sealed, tmp_path, edit, row, place):
    where, table, column = edit
    site = anew(sealed, tmp_path)
    assume(edit_one(site / "var" / f"{where}.db", table, column, row, place))

    assert codes(site, held(site)) != [], (edit, row, place)


@RARELY
@given(st.sampled_from(["segments", "records", "chunks", "spans"]), st.integers(0, 999))
def test_anything_that_is_removed_from_the_journal_is_found(sealed, tmp_path, table, row):
    site = anew(sealed, tmp_path)
    with closing(sqlite3.connect(journal(site))) as db:
        key = key_columns(db, table)
        rows = db.execute(f"SELECT {', '.join(key)} FROM {table}").fetchall()
        where = " AND ".join(f"{column} = ?" for column in key)
        db.execute(f"DELETE FROM {table} WHERE {where}", rows[row % len(rows)])
        db.commit()

    assert "record-removed" in codes(site, held(site))
