"""What health says of the journal, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from api.app import application
from collector.wire.reading import ClockState
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from gateway.projections import Standing
from tests.api.given import COLLECTOR, DEVICES, Caller, QuietEars, World, reading
from tests.api.keeping import of_files

DEVICE = next(iter(DEVICES))
AT = datetime(2026, 3, 2, tzinfo=UTC)


class Faulty(QuietEars):
    """A gateway whose disk takes nothing."""

    def fault(self) -> str:
        return "disk I/O error"


class Late(QuietEars):
    """A gateway that hears of everything a minute later, and has much to do."""

    def lag_s(self) -> float:
        return 61.4

    def behind(self) -> int:
        return 900


def check(mill: World, name: str, ears: QuietEars | None = None) -> tuple[bool, str, str]:
    """What one check says."""
    app = application(replace(mill.service, ears=ears)) if ears else mill.app
    checks = Caller(app, {}).get("/health").json()["checks"]
    (one,) = [one for one in checks if one["name"] == name]
    return one["ok"], one["text_en"], one["text_zh"]


@pytest.fixture
def one(fresh) -> World:
    mill: World = fresh()
    mill.passes(0, 1)
    return mill


def test_a_sound_journal_says_so_and_how_late_readings_are(one: World):
    assert check(one, "journal") == (
        True,
        "sound; readings arrive after 0 s",
        "完好；读数在 0 秒后到达",
    )
    assert check(one, "journal", Late())[1] == "sound; readings arrive after 61 s"


def test_messages_that_pile_up_are_counted(one: World):
    assert check(one, "ingest", Late()) == (False, "900 messages wait to be stored", "900 条待入库")


def test_a_disk_that_takes_nothing_is_named(one: World):
    said = (False, "nothing can be stored: disk I/O error", "无法写入：disk I/O error")
    assert check(one, "journal", Faulty()) == said


@of_files
def test_a_journal_that_is_damaged_is_named(one: World):
    db = one.writer._db
    db.execute("INSERT INTO packs (slot) VALUES (NULL)")
    db.execute("PRAGMA writable_schema = ON")
    sql = "CREATE TABLE packs (id INTEGER PRIMARY KEY, slot INTEGER NOT NULL)"
    db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'packs'", (sql,))
    journal = Reader(Sqlite(one.folder / "journal.db"))
    journal.examine()

    damaged = replace(one, service=replace(one.service, journal=journal))
    found = "NULL value in packs.slot"
    said = (False, f"damaged: {found}", f"已损坏：{found}")
    assert check(damaged, "journal", QuietEars()) == said


def test_readings_without_a_known_time_are_counted_by_collector(one: World):
    one.sends(replace(reading(DEVICE, 2), clock=ClockState.UNKNOWN, boot="b9"))

    said = check(one, "journal")

    assert said[0] is False
    assert said[1] == f"readings without a known time ({COLLECTOR}: 1)"


def test_a_device_that_two_collectors_bring_is_named_with_both(one: World):
    one.writer._db.execute(
        "INSERT INTO claims SELECT id, 'dyehouse-b' FROM devices WHERE name = ?", (DEVICE,)
    )

    said = f"belongs to collector {COLLECTOR}; what dyehouse-b brings of it is set aside"
    assert check(one, f"device {DEVICE}")[:2] == (False, said)


WHOLE = Standing("influx", 0, "", AT, compared=1440, missing=7)


@pytest.mark.parametrize(
    ("standing", "ok", "said"),
    [
        (WHOLE, True, "1440 numbers, 7 were missing"),
        (replace(WHOLE, reconciled=None), True, "0 quarters of an hour wait"),
        (replace(WHOLE, behind=5000), False, "5000 quarters"),
        (replace(WHOLE, fault="engine-away"), False, "does not answer"),
        (replace(WHOLE, fault="victoria-flag"), False, "flags"),
        (replace(WHOLE, refused=3), False, "dropped 3 numbers in silence"),
        (replace(WHOLE, foreign=2), False, "2 of nobody"),
    ],
)
def test_a_store_is_well_where_it_is_filled_and_whole(
    mill: World, standing: Standing, ok: bool, said: str
):
    ears = QuietEars()
    ears.standings = [standing]

    found, english, chinese = check(mill, "store influx", ears)

    assert found is ok
    assert said in english
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


def test_what_goes_up_to_a_group_says_how_far_it_came_and_why_not_further(one: World):
    to = "https://group.example:8443"
    one.books.seals.set_copy(to, 1, "")
    assert check(one, f"seals to {to}") == (True, "sent through number 1", "已上报至第 1 份")

    one.books.seals.set_copy(to, 2, "401 no such key")
    assert check(one, f"seals to {to}")[:2] == (False, "1 seals not written: 401 no such key")
