"""A site with a real journal and real books, sealed by the sealer day by day."""

import shutil
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.books import Books
from api.books.batches import BatchEntry
from api.books.changes import POSTED, Change, Posting
from api.books.entries import Decision
from api.books.glances import glance_of
from api.books.packing import packed
from api.books.periods import Closed, Statement
from api.books.results import Result
from collector.spool import Spool
from collector.wire import chain, topics
from collector.wire.birth import Birth, Point
from collector.wire.problem import Problem
from collector.wire.reading import ClockState, Kind, Reading, stamp
from gateway.journal import Arrival
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from millprint.roots.sealer import seal
from millprint.verification import Verdict, verify

SITE, COLLECTOR = "keqiao", "dyehouse-a"
DEVICES = ("jet-01-power", "jet-02-power")
POINT = Point("energy_import_kwh", "kWh", Kind.COUNTER)
BIRTHS = {name: Birth(name, "test", 1, 10_000, "1", "1", (POINT,)) for name in DEVICES}
MIDNIGHT = datetime(2026, 3, 1, 16, tzinfo=UTC)  # of 2 March in Shanghai
DAY = timedelta(days=1)
ROUNDS = 30  # readings of a device a day
GATEWAY = """
site = "keqiao"
[mqtt]
url = "mqtt://127.0.0.1:1883"
[journal]
url = "sqlite:///var/journal.db"
"""
API = """
[http]
port = 8420
[books]
url = "sqlite:///var/books.db"
[seal]
copies = ["../certifier"]
"""
BODY = b"""{"accepted_kg":"478.5","status":"final","problems":[],
"total":{"kgco2e":"1.2","kgco2e_per_kg":"0.002508"}}"""
PLANT = """
[site]
id = "keqiao"
timezone = "Asia/Shanghai"
region = "CN-ZJ"
[machines.jet-01]
process = "dyeing-exhaust"
electricity = "jet-01-power.energy_import_kwh"
[supplies.grid]
carrier = "electricity"
meter = "jet-01-power.energy_import_kwh"
"""


def at(day: float) -> datetime:
    """So many days after the first midnight."""
    return MIDNIGHT + day * DAY


class Site:
    """The configuration folder, and those who write in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        var = folder / "var"
        self.spool = Spool(var / "a.spool", site=SITE, collector=COLLECTOR, max_mb=10)
        self.writer = Writer(Sqlite(var / "journal.db"), site=SITE)
        self.books = Books(f"sqlite:///{var}/books.db")
        self.books.migrate()

    @staticmethod
    def copied(source: Path, target: Path) -> Path:
        """Another site that is the same to the byte; the certifier's folder comes along."""
        shutil.copytree(source, target)
        shutil.copytree(source.parent / "certifier", target.parent / "certifier")
        return target

    def reads(self, *readings: Reading, but: Sequence[int] = ()) -> None:
        """Readings go through the spool into the journal; but for messages by their place."""
        before = self.spool.newest
        self.spool.commit(readings, BIRTHS, stamp(readings[0].at))
        waiting = self.spool.next_after(before, 10**6)
        arrivals = [Arrival(topics.parse(m.topic), m.topic, m.payload) for m in waiting]
        kept = [one for place, one in enumerate(arrivals) if place not in but]
        self.writer.store(kept, max(one.at for one in readings))

    def lives(self, day: int) -> None:
        """A day's readings, of which the morning's are packed; and what is entered in the books."""
        self.reads(*[reading(d, day, n) for n in range(ROUNDS) for d in DEVICES])
        self.writer.pack(at(day) + timedelta(hours=6))
        noon = at(day + 0.5)
        self.books.batches.enter(BatchEntry(f"B{day}/缸", "poplin", "478.5"), "ana", noon, [])
        self._decides(day, stamp(noon))
        swap = Decision(
            "swap", "jet-01-power.energy_import_kwh", noon, {"old_last": "9"}, "ana", "w", "p"
        )
        self.books.entries.add(swap, noon, [], frozenset())
        self.books.keys.make(f"key-{day}", "engineer", noon)

    def _decides(self, day: int, noon: str) -> None:
        """A month is closed, and a change is posted with its results."""
        total = Statement(f"2025-0{day + 1}", 1, noon, "first-final", noon, "d", "{}")
        self.books.periods.close(Closed(total.month, noon, "ana", "all is in"), total)
        body = packed(BODY)
        results = [
            Result(
                f"B{day}", view, 1, noon, "first-final", "d", body, 0, 1,
                1, 1, 1, "1.2", noon, "f", "p", "1", "0", 1,
            )
            for view in ("footprint", "inventory")
        ]  # fmt: skip
        said = {"decided": noon, "decided_by": "ana", "why": "late"}
        change = Change(POSTED, "late-data", {}, noon, (), noon, **said)
        seen = [one for one in [glance_of(f"B{day}", 1, body)] if one]
        self.books.changes.post(Posting(change, results, seen, [], [], []))

    def is_sealed(self, day: int) -> None:
        """The sealer comes by after the midnight that ends a day."""
        seal(self.folder, at(day + 1) + timedelta(minutes=12))

    def close(self) -> None:
        """Let go of every file."""
        self.spool.close()
        self.writer.close()
        self.books.close()


def build(folder: Path) -> Site:
    """A site on which nothing has happened yet; a certifier's folder beside it."""
    (folder / "plant").mkdir(parents=True)
    (folder / "gateway.toml").write_text(GATEWAY, encoding="utf-8")
    (folder / "api.toml").write_text(API, encoding="utf-8")
    (folder / "plant" / "2026-01-01.toml").write_text(PLANT, encoding="utf-8")
    (folder.parent / "certifier").mkdir()
    return Site(folder)


def reading(device: str, day: int, n: int) -> Reading:
    """The n-th reading of a device on a day, every quarter of an hour."""
    shown = {POINT.name: 1000 * day + n + 0.5}
    when = at(day) + n * timedelta(minutes=15)
    return Reading(device, when, ClockState.SYNCHRONISED, "b0", n, shown)


def held(site: Path) -> list[Path]:
    """The certifier's own copies."""
    return [site.parent / "certifier"]


def found(site: Path, against: Sequence[Path] = (), keys: Sequence[str] = ()) -> list[Problem]:
    """What `verify` finds."""
    return list(verdict(site, against, keys).findings)


def codes(site: Path, against: Sequence[Path] = ()) -> list[str]:
    """The same, by code."""
    return [problem.code for problem in found(site, against)]


def verdict(site: Path, against: Sequence[Path] = (), keys: Sequence[str] = ()) -> Verdict:
    """What `verify` says."""
    return verify(site, against, keys, lambda *_: None)


def change(file: Path, statement: str, *values: object) -> None:
    """Edit a database as anybody can who has the file."""
    with closing(sqlite3.connect(file)) as db:
        assert db.execute(statement, values).rowcount > 0
        db.commit()


def ask(file: Path, question: str) -> list[tuple[object, ...]]:
    """Read a database likewise."""
    with closing(sqlite3.connect(file)) as db:
        return db.execute(question).fetchall()


def journal(site: Path) -> Path:
    """The journal's file."""
    return site / "var" / "journal.db"


def books(site: Path) -> Path:
    """The books' file."""
    return site / "var" / "books.db"


@dataclass
class Line:
    """A reading as a segment or a chunk holds it, read and written by nothing of ours."""

    at: int
    stream: int
    seq: int
    device: int
    h: str
    form: str

    @staticmethod
    def read(text: bytes) -> "Line":
        """A line of a body."""
        at, stream, seq, device, h, form = text.decode().split(" ", 5)
        return Line(int(at), int(stream), int(seq), int(device), h, form)

    def written(self) -> bytes:
        """The line again."""
        return " ".join(map(str, astuple(self))).encode()


def bodies(db: sqlite3.Connection) -> list[tuple[str, int, list[Line]]]:
    """Table, id and lines of every body of a journal."""
    return [
        (table, number, [Line.read(one) for one in zlib.decompress(body).split(b"\n")])
        for table in ("chunks", "segments")
        for number, body in db.execute(f"SELECT id, body FROM {table} WHERE body IS NOT NULL")
    ]


def rewrite(file: Path, edit: Callable[[Line], Line | None]) -> None:
    """Put every reading of a journal through a hand; None takes it out."""
    with closing(sqlite3.connect(file)) as db:
        touched = 0
        for table, number, lines in bodies(db):
            old = b"\n".join(line.written() for line in lines)
            kept = [line for line in map(edit, lines) if line is not None]
            new = b"\n".join(line.written() for line in kept)
            if new == old:
                continue
            touched += 1
            if kept:
                values = (zlib.compress(new), number)
                db.execute(f"UPDATE {table} SET body = ? WHERE id = ?", values)
            else:
                db.execute(f"DELETE FROM {table} WHERE id = ?", (number,))
        assert touched
        db.commit()


def edit_form(file: Path, seq: int, old: str, new: str) -> None:
    """Change the text of one reading."""

    def edit(line: Line) -> Line:
        text = line.form.replace(old, new) if line.seq == seq else line.form
        return replace(line, form=text)

    rewrite(file, edit)


def take_out(file: Path, seq: int) -> None:
    """Remove one reading."""
    rewrite(file, lambda line: None if line.seq == seq else line)


def young(site: Path) -> list[int]:
    """Numbers of readings that are not yet packed, in order."""
    with closing(sqlite3.connect(journal(site))) as db:
        return sorted(
            line.seq for table, _, lines in bodies(db) if table == "segments" for line in lines
        )


def rehash(site: Path) -> None:
    """What a clever hand does after an edit: makes all hashes fit again."""
    with closing(sqlite3.connect(journal(site))) as db:
        ((epoch,),) = db.execute("SELECT epoch FROM streams").fetchall()
        forms = dict(db.execute("SELECT seq, form FROM records"))
        records = set(forms)
        forms |= {line.seq: line.form.encode() for _, _, ls in bodies(db) for line in ls}
        h, hashes = chain.genesis(SITE, COLLECTOR, epoch), {}
        for seq in sorted(forms):
            h = hashes[seq] = chain.link(h, forms[seq])
        for seq in records:
            db.execute("UPDATE records SET h = ? WHERE seq = ?", (hashes[seq], seq))
        db.commit()
    rewrite(journal(site), lambda line: replace(line, h=chain.encode_hash(hashes[line.seq])))
