"""What batches have reached lately is followed as results come, whoever posted them."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from api.books import Books
from api.books.batches import BatchEntry
from api.books.changes import POSTED, Change, Posting
from api.books.packing import packed
from api.books.results import Result
from api.goldens import Goldens
from collector.wire.reading import stamp, unix_ms
from tests.gateway.given import START

DAY = timedelta(days=1)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    one = Books(f"sqlite:///{tmp_path}/books.db")
    one.migrate()
    for n in range(30):
        one.batches.enter(BatchEntry(f"B{n}", "poplin", "100"), "ana", START, [])
    yield one
    one.close()


def body(batch: str, per_kg: float) -> bytes:
    line = {"carrier": "steam", "unit": "kg", "amount": "10", "kgco2e": f"{10 * per_kg}"}
    line["inputs"] = []
    return orjson.dumps({
        "batch": batch,
        "status": "final",
        "accepted_kg": "100",
        "total": {"kgco2e": f"{100 * per_kg}", "kgco2e_per_kg": f"{per_kg}"},
        "by_process": [],
        "problems": [],
        "runs": [{"lines": [line]}],
        "idle": [],
    })  # fmt: skip


def result(n: int, per_kg: float, computed: datetime, revision: int = 1) -> Result:
    ended = unix_ms(START + n * timedelta(hours=1))
    return Result(
        f"B{n}", "footprint", revision, stamp(computed), "first-final", f"{n}-{revision}",
        packed(body(f"B{n}", per_kg)), 0, 1, 1, 1, ended, "1", stamp(computed), "f", "p", "1", "0",
        1,
    )  # fmt: skip


@pytest.fixture
def post(books: Books) -> Callable[..., None]:
    def posted(*results: Result) -> None:
        change = Change(POSTED, "factor", {}, results[0].computed, (), results[0].computed)
        books.changes.post(Posting(change, results, [], [], [], []))

    return posted


def best(goldens: Goldens) -> str:
    (found,) = goldens.references.values()
    return f"{found.kgco2e_per_kg}"


def test_a_change_that_waited_for_a_person_while_others_were_posted_is_seen(books, post):
    """Its results are younger, and the number of the change is older."""
    goldens, now = Goldens(books), START + DAY
    waits = Change("pending", "factor", {}, stamp(now), (), stamp(now))
    number = books.changes.pend(waits, [], [])
    post(*(result(n, 2 + n / 10, now) for n in range(10)))
    goldens.look(now)
    before = best(goldens)

    decided = Change(POSTED, "factor", {}, stamp(now), (), stamp(now), stamp(now + DAY), "ana", "w")
    anew = [result(n, 1 + n / 10, now + DAY, 2) for n in range(10)]
    books.changes.decide(number, Posting(decided, anew, [], [], [], []), decided)
    goldens.look(now + DAY)

    assert (before, best(goldens)) == ("2.1", "1.1")


def test_what_was_reached_too_long_ago_is_no_reference_any_more(books, post):
    goldens = Goldens(books)
    post(*(result(n, 2 + n / 10, START) for n in range(10)))

    goldens.look(START + DAY)
    assert best(goldens) == "2.1"
    goldens.look(START + 91 * DAY)

    assert goldens.references == {}


def test_a_unit_of_a_carrier_is_priced_by_the_footprints_that_came_last(books, post):
    goldens = Goldens(books)
    post(*(result(n, 3, START) for n in range(30)))
    post(*(result(n, 5, START + DAY, 2) for n in range(20)))

    goldens.look(START + DAY)

    assert goldens.prices == {"steam": 5}
