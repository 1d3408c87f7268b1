"""Four eyes: what is asked for waits, and whoever asked does not confirm it."""

from collections.abc import Iterator

import orjson
import pytest

from api import configuration
from api.books.audit import Sought
from collector.wire.problem import Refused
from tests.api.given import Caller, World, reading, world
from tests.api.stating import said
from tests.api.test_session import signed_in, somebody

METER = "main-1.energy_import_kwh"
SWAP = {"at": said(30), "old_last": "50090", "new_first": "0", "why": "it was changed"}
SEEN = {"why": "the protocol says so"}


@pytest.fixture(scope="module")
def mill(tmp_path_factory) -> Iterator[World]:
    one = world(tmp_path_factory.mktemp("eyes") / "config")
    object.__setattr__(one.service, "four_eyes", frozenset({"corrections"}))
    one.sends(*[reading("main-1", minute) for minute in range(40)])
    one.clock[0] = one.clock[0].replace(hour=1)
    yield one
    one.close()


@pytest.fixture
def people(mill: World) -> tuple[Caller, Caller]:
    """Two engineers."""
    found = [
        signed_in(mill, mill.books.people.named(name) or somebody(mill, name))
        for name in ("Ana", "Bo")
    ]
    return found[0], found[1]


def asks(caller: Caller) -> int:
    answer = caller.post(f"/meters/{METER}/swaps", SWAP)
    assert answer.status_code == 202, answer.text
    return int(answer.json()["review"])


def test_what_one_asks_for_is_done_when_another_confirms_it_and_in_the_name_of_the_first(
    mill: World, people
):
    ana, bo = people
    number = asks(ana)
    assert mill.books.entries.of("swap") == []
    waiting = bo.get("/reviews").json()["reviews"]
    assert [(one["number"], one["asked_by"]) for one in waiting] == [(number, "Ana")]
    assert waiting[0]["asked"]["body"]["old_last"] == "50090"

    answer = bo.post(f"/reviews/{number}/confirm", SEEN)

    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["decided_by"]) == ("confirmed", "Bo")
    (entry,) = mill.books.entries.of("swap")
    assert (entry.by, entry.why) == ("Ana", SWAP["why"])
    (line,) = mill.books.audit.newest(Sought(subject=f"reviews/{number}", who="Bo"), 9)
    assert orjson.loads(line.after or "")["state"] == "confirmed"
    assert bo.post(f"/reviews/{number}/confirm", SEEN).status_code == 409
    assert len(mill.books.entries.of("swap")) == 1


def test_whoever_asked_does_not_confirm_it_by_whatever_he_is_known(mill: World, people):
    ana, bo = people
    number = asks(ana)
    key = {"Authorization": f"Bearer {mill.books.keys.make('Ana', 'engineer', mill.clock[0])}"}
    other = {"Authorization": f"Bearer {mill.books.keys.make('robot', 'admin', mill.clock[0])}"}
    erp = mill.books.keys.make("erp", "engineer", mill.clock[0], by="Bo")
    by_key = asks(Caller(mill.app, {"Authorization": f"Bearer {erp}"}))

    for way in ("confirm", "refuse"):
        path = f"/reviews/{number}/{way}"
        assert ana.post(path, SEEN).status_code == 403
        assert Caller(mill.app, key).post(path, SEEN).status_code == 403
        assert Caller(mill.app, other).post(path, SEEN).status_code == 403
        assert bo.post(f"/reviews/{by_key}/{way}", SEEN).status_code == 403
    assert mill.books.reviews.find(number).state == "waiting"


def test_what_is_refused_stays_undone_and_is_kept(mill: World, people):
    ana, bo = people
    before, number = mill.books.entries.of("swap"), asks(ana)

    assert bo.post(f"/reviews/{number}/refuse", SEEN).json()["state"] == "refused"

    assert mill.books.entries.of("swap") == before
    decided = ana.get("/reviews", decided=True).json()["reviews"]
    assert (decided[0]["number"], decided[0]["why"]) == (number, SEEN["why"])


def test_what_cannot_be_done_when_it_is_confirmed_goes_on_waiting(mill: World, people):
    ana, bo = people
    wrong = {"reason": "no such run", "kg": "12"}
    number = ana.post("/runs/e999/corrections", wrong).json()["review"]

    assert bo.post(f"/reviews/{number}/confirm", SEEN).status_code == 404

    assert mill.books.reviews.find(number).state == "waiting"
    assert ana.post("/runs/e999/corrections", wrong | {"kg": 12}).status_code == 422


def test_the_second_person_needs_the_right_of_the_first(mill: World, people):
    _, bo = people
    accountant = signed_in(mill, somebody(mill, "Cy", "accountant"))

    number = accountant.post("/restatements/1/post", {"why": "late data"}).json()["review"]

    assert bo.post(f"/reviews/{number}/confirm", SEEN).status_code == 403


def test_without_the_setting_nothing_waits(tmp_path):
    (tmp_path / "api.toml").write_text(
        '[http]\nport = 1\n[books]\nurl = "sqlite:///b.db"\n', encoding="utf-8"
    )

    assert configuration.load(tmp_path).four_eyes == frozenset()


def test_a_kind_for_which_nothing_waits_is_refused_by_name(tmp_path):
    (tmp_path / "api.toml").write_text(
        '[http]\nport = 1\n[books]\nurl = "sqlite:///b.db"\n[office]\nfour_eyes = ["corections"]\n',
        encoding="utf-8",
    )

    with pytest.raises(Refused) as fault:
        configuration.load(tmp_path)

    assert [one.code for one in fault.value.problems] == ["unknown-four-eyes"]
