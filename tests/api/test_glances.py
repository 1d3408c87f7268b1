"""Glances: what lists show of a result is what the result says, whatever became of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.books import Books, glances, migration
from tests.api.given import World, at, footprint, reading, world
from tests.api.test_genealogy import entered, split


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, first_hour: World) -> Iterator[World]:
    """Two batches, both final."""
    one = entered(world(tmp_path_factory.mktemp("glances") / "config", past=first_hour))
    yield one
    one.close()


@pytest.fixture
def mill(tmp_path: Path, kept: World) -> Iterator[World]:
    """The same, to do with as a test likes."""
    one = world(tmp_path / "config", past=kept)
    yield one
    one.close()


def untold(books: Books) -> list[str]:
    """Batches of which a glance is not what the body says."""
    with books.engine.connect() as db:
        return list(glances.untold(db))


def rows(mill: World) -> dict[str, tuple[object, ...]]:
    """What the list shows of each batch that has a result."""
    told = mill.caller().get("/batches").json()["batches"]
    final = {one["id"]: one for one in told if one["status"] != "provisional"}
    fields = ("accepted_kg", "status", "kgco2e", "kgco2e_per_kg", "problems")
    return {name: tuple(one[field] for field in fields) for name, one in final.items()}


def said(mill: World, batch: str) -> tuple[object, ...]:
    """The same of its footprint."""
    body = footprint(mill, batch).json()
    total = body["total"]
    return (
        body["accepted_kg"], body["status"], total["kgco2e"], total["kgco2e_per_kg"],
        len(body["problems"]),
    )  # fmt: skip


def corrects(mill: World, kg: str) -> None:
    """A person corrects the mass of a batch."""
    body = {"accepted_kg": kg, "reason": "weighed again"}
    assert mill.caller("accountant").post("/batches/B2601/corrections", body).is_success
    mill.closes_its_books()


def revise(mill: World) -> None:
    corrects(mill, "420")
    corrects(mill, "450.5")


def restate(mill: World) -> None:
    """A month is closed, a mass corrected, and the restatement posted."""
    mill.clock[0] = at(60 * 24 * 60)
    accountant = mill.caller("accountant")
    assert accountant.post("/periods/2026-03/close", {"why": "all is in"}).status_code == 201
    corrects(mill, "420")
    (waits,) = accountant.get("/restatements").json()["restatements"]
    posted = accountant.post(f"/restatements/{waits['id']}/post", {"why": "weighed again"})
    assert posted.is_success, posted.text


def late(mill: World) -> None:
    """A reading comes that nobody had."""
    mill.sends(reading("jet-01-power", 41, {"energy_import_kwh": 1070.0, "power_kw": 1.0}))
    mill.closes_its_books()


def parted(mill: World) -> None:
    split(mill, ("B2601-A", "100"), ("B2601-B", "300"))
    mill.closes_its_books()


@pytest.mark.parametrize("becomes", [revise, restate, late, parted, lambda _: None])
def test_a_list_shows_what_the_last_result_of_each_batch_says(
    mill: World, becomes: Callable[[World], None]
) -> None:
    becomes(mill)

    shown = rows(mill)

    assert len(shown) >= 2
    assert shown == {name: said(mill, name) for name in shown}
    assert untold(mill.books) == []


def without_glances(mill: World) -> None:
    """The books as they were before there were any."""
    while migration.backward(mill.books.engine)[0].number >= "0011":
        migration.step_back(mill.books.engine)


def test_books_of_before_show_what_their_results_say(mill: World) -> None:
    revise(mill)
    before = rows(mill)
    without_glances(mill)
    assert not sa.inspect(mill.books.engine).has_table("glances")

    mill.books.migrate()

    assert rows(mill) == before
    assert untold(mill.books) == []


def test_a_result_that_nobody_can_read_keeps_no_books_from_being_brought_forward(
    mill: World,
) -> None:
    with mill.books.engine.begin() as db:
        db.execute(sa.text("UPDATE results SET body = X'00' WHERE batch = 'C1'"))
    without_glances(mill)

    mill.books.migrate()

    assert set(mill.books.glances.of(["B2601", "C1"])) == {"B2601"}
    assert untold(mill.books) == []
