"""Repricing: how long 100,000 kept batches take when a factor changes, without any reading.

``python -m tests.bench.reprice [BATCHES]``. A tally as a jet makes it (two runs, idling, steam
through a boiler, losses) is kept under many names; then a newer factor is published, the books find
what it touches and by how much, and a person posts it.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path

from api import factor_files
from api import plant as plant_files
from api.books import Books
from api.books.changes import PENDING, POSTED, Change, Posting
from api.composing import Composer, New, Waiting
from api.crew import shared_out
from api.ledger.accounts import Run
from api.ledger.factors import Catalogue
from api.ledger.lines import Input, Line
from api.ledger.tally import Tally
from api.outline import Outline
from api.report import Reporter
from api.service import Service, serve
from api.tariff import Tariff
from collector.toml_files import SHIPPED
from collector.wire.reading import stamp
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from gateway.projecting.reading_back import JournalSeries
from tests.api.given import PLANT, QuietEars
from tests.bench.row import Effort, Row, rounded

START = datetime(2026, 1, 5, tzinfo=UTC)
COMPUTED = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2027, 2, 1, tzinfo=UTC)
_PART = 500
_LIMIT_S, _LIMIT_BATCHES, _LIMIT_MB = 60.0, 100_000, 500.0


def tally(number: int) -> Tally:
    """A batch as a jet makes them: two runs, idling, steam with its losses, a problem."""
    start = START + number * timedelta(seconds=300)
    name = f"B{number:06d}"
    runs = (
        Run("jet-01", name, "scouring", start, start + timedelta(hours=1)),
        Run(
            "jet-01", name, "dyeing-exhaust", start + timedelta(hours=1), start + timedelta(hours=5)
        ),
    )
    lines = tuple(line for run in runs for line in _lines(run, Decimal(number % 97 + 50)))
    idle = lines[0]._replace(idle=True, rule="standby", amount=Decimal("3.25"))
    scope = start, start + timedelta(hours=6)
    return Tally(
        name, "CN-ZJ-keqiao", runs, True, (*lines, idle), Decimal("478.5"), "entered", scope, ()
    )


def _lines(run: Run, size: Decimal) -> list[Line]:
    gas = Input("natural_gas", "boiler-1-gas.volume_m3_0c", "m3_0c", size * Decimal("0.810000001"))
    own = Input("electricity", "boiler-1-power.energy_kwh", "kWh", size / 100)
    facts = [
        ("electricity", "jet-01-power.energy_import_kwh", "kWh", size, "direct", "", ()),
        ("water", "jet-01-water.volume_m3", "m3", size / 4, "direct", "", ()),
        ("steam", "jet-01-steam.mass_kg", "kg", size * 12, "direct", "boiler-1", (gas, own)),
        ("steam", "jet-01-steam.mass_kg", "kg", Decimal(0), "distribution-loss", "boiler-1",
         (gas._replace(amount=size / 9), own._replace(amount=size / 900))),
    ]  # fmt: skip
    return [
        Line(run, False, carrier, meter, unit, amount.quantize(Decimal("1e-9")),
             amount.quantize(Decimal("1e-9")), Decimal(0), Decimal(0), rule, utility,
             tuple(i._replace(amount=i.amount.quantize(Decimal("1e-9"))) for i in inputs)
             or (Input(carrier, meter, unit, amount.quantize(Decimal("1e-9"))),))
        for carrier, meter, unit, amount, rule, utility, inputs in facts
    ]  # fmt: skip


def published(known: Catalogue) -> Catalogue:
    """The catalogue with a newer footprint of the national grid."""
    old = next(one for one in known.factors if one.id == "cn_elec_fp_2024_national")
    newer = replace(
        old,
        id="newer",
        value=Decimal("0.55"),
        data_from=date(2025, 1, 1),
        published=date(2026, 10, 1),
    )
    return replace(known, factors=(*known.factors, newer), digest="newer")


def service(folder: Path, books: Books, catalogue: Catalogue, now: datetime) -> Service:
    """The service of a mill that has no readings: none is needed."""
    journal = Reader(Sqlite(folder / "journal.db"))
    reporter = Reporter(journal, books, plant_files.load(folder), catalogue)
    return serve(
        journal,
        books,
        reporter,
        series=JournalSeries(journal),
        ears=QuietEars(),
        now=lambda: now,
        version="0",
        tariff=Tariff(),
        outline=Outline(journal, folder / "outline.db"),
    )


def measure(effort: Effort) -> list[Row]:
    """Seconds to find what a newer factor changes and to post that, disk, and memory."""
    return _rows(effort.pick(100_000, 20))


def _rows(count: int) -> list[Row]:
    # In a process of its own, so that its memory is its own.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        took = apart.submit(_repriced, count).result()
    told, limit = f"{count:,} kept batches", "the limit"
    part = count / _LIMIT_BATCHES
    finding = f"{told}, a newer factor: what it changes found, and by how much, on the wall"
    each = took.books_mb * 1000 / count
    books = f"{told}, before and after: books, {each:.0f} kB a batch with both revisions"
    return [
        Row(finding, took.found_s, "s", limit, _LIMIT_S * part, 1),
        Row(f"{told}: all re-priced and their revisions written, on the wall", took.posted_s, "s",
            limit, _LIMIT_S * part, 1),
        Row(f"{told}: resident at the end, grown by {took.grown_mb:.0f} MB while finding and "
            "posting", took.resident_mb, "MB", limit, _LIMIT_MB, 1),
        Row(books, took.books_mb, "MB", "their first revisions alone", took.first_mb, 1),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Took:
    """What each step took.

    Attributes:
        found_s: On the wall, of finding what changes. [s]
        posted_s: On the wall, of making and writing the new revisions. [s]
        first_mb: The books before. [MB]
        books_mb: The books behind it. [MB]
        resident_mb: The process at its peak. [MB]
        grown_mb: How much of that came with finding and posting. [MB]
    """

    found_s: float
    posted_s: float
    first_mb: float
    books_mb: float
    resident_mb: float
    grown_mb: float


def _repriced(count: int) -> _Took:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "mill"
        (folder / "plant").mkdir(parents=True)
        (folder / "plant" / "2026-01-01.toml").write_text(PLANT, encoding="utf-8")
        Writer(Sqlite(folder / "journal.db"), site="keqiao").close()
        books = Books(f"sqlite:///{folder / 'books.db'}")
        books.migrate()
        catalogue = factor_files.catalogue(SHIPPED / "factors")
        _keep_first(service(folder, books, catalogue, COMPUTED), count)
        first_mb, peak_mb = _megabytes(folder), _peak_mb()

        second = service(folder, books, published(catalogue), LATER)
        began = time.perf_counter()
        second.bookkeeper.tick()
        found_s = time.perf_counter() - began
        (change,) = [one for one in books.changes.pending() if one.state == PENDING]
        assert len(change.lines) == count

        began = time.perf_counter()
        second.revisions.decide(change.id, post=True, by="bench", why="a newer factor")
        posted_s = time.perf_counter() - began
        books.close()
        resident_mb = _peak_mb()
        return _Took(
            found_s, posted_s, first_mb, _megabytes(folder), resident_mb, resident_mb - peak_mb
        )


@dataclass(frozen=True, slots=True)
class _Firsts:
    """Composes the first results of a page of batches."""

    composer: Composer
    at: str

    def __call__(self, numbers: Sequence[int]) -> list[New]:
        """Each a new batch, whose tally is its first."""
        every = (tally(number) for number in numbers)
        waiting = (Waiting(one.batch, frozenset(), {}, one) for one in every)
        return [new for one in waiting for new in self.composer.results_of(one, self.at)]


def _keep_first(first: Service, count: int) -> None:
    reporter, at = first.reporter, stamp(COMPUTED)
    composer = Composer(first.books, reporter.pricer, reporter.plants, software="0")
    numbers = [range(n, min(count, n + _PART)) for n in range(0, count, _PART)]
    for page in shared_out(_Firsts(composer, at), numbers):
        change = Change(POSTED, "first-final", {}, at, tuple(one.line for one in page), made=at)
        fresh = {one.result.batch: one.fresh for one in page if one.fresh is not None}
        first.books.changes.post(
            Posting(
                change,
                [one.result for one in page],
                glances=[one.glance for one in page if one.glance is not None],
                tallies=[(1, one) for one in fresh.values()],
                statements=(),
                settled=(),
            )
        )


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.glob("books.db*")) / 1e6


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure, and say so."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for row in _rows(count):
        sys.stdout.write(f"{row.name}: {rounded(row.value)} {row.unit}\n")


if __name__ == "__main__":
    main()
