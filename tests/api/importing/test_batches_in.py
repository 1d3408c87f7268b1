"""Batches from a mill's own system: looked at, taken in whole, taken in again, and undone."""

from datetime import datetime  # of the clocks where the table was made

import pytest

from api.importing import kinds
from api.importing.parsing import Asked, parse
from tests.api.given import World
from tests.api.importing.sending import bad, sends, workbook

HEAD = ("缸号", "品名", "颜色", "订单号", "净重(kg)", "开始时间")
ROWS = (
    ("002409", "32S 汗布", "藏青", "SO-77", 478.5, datetime(2026, 3, 1, 8, 30)),  # noqa: DTZ001
    ("002410", "40S 罗纹", "黑", "SO-78", 465, datetime(2026, 3, 1, 14, 20)),  # noqa: DTZ001
)
CSV = (
    "batch,article,colour,order,accepted_kg\n"
    "002409,jersey,navy,SO-77,478.5\nB2601,rib,black,SO-78,250\n"
)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """A mill at which tables are only looked."""
    from tests.api.given import world

    one = world(tmp_path_factory.mktemp("seen") / "config")
    yield one
    one.close()


def test_last_months_batches_come_in_from_excel_with_what_the_mill_calls_its_columns(fresh):
    mill = fresh()

    answer = sends(mill, "batches", workbook([HEAD, *ROWS]), name="三月.xlsx")

    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["counts"] == {"new": 2, "changed": 0, "same": 0, "bad": 0}
    assert body["unread"] == ["开始时间"]
    assert mill.caller().get("/batches/002409").json() | {"runs": []} == {
        "id": "002409", "article": "32S 汗布", "colour": "藏青", "order": "SO-77",
        "accepted_kg": "478.5", "runs": [],
    }  # fmt: skip


def test_a_table_without_a_column_leaves_what_is_known_of_it(fresh):
    mill = fresh()

    first = sends(mill, "batches", "缸号,净重(kg)\n002409,478.5\n")
    second = sends(mill, "batches", "缸号,颜色\n002409,navy\n002410,black\n")

    assert (first.status_code, second.status_code) == (201, 201)
    known = mill.books.batches.every(["002409", "002410"])
    assert [(one.colour, one.accepted_kg) for one in known.values()] == [
        ("navy", "478.5"),
        ("black", None),
    ]


def test_a_dry_run_says_what_would_be_other_and_changes_nothing(fresh):
    mill = fresh()
    sends(mill, "batches", CSV)

    looked = sends(mill, "batches", CSV.replace("478.5", "480").replace("navy", ""), dry_run=True)

    body = looked.json()
    assert (looked.status_code, body["import"]) == (200, None)
    assert [(row["line"], row["change"], row["was"]) for row in body["rows"]] == [
        (2, "changed", {"accepted_kg": "478.5"}),
        (3, "same", {}),
    ]
    assert mill.caller().get("/batches/002409").json()["accepted_kg"] == "478.5"


def test_the_same_file_again_changes_nothing(fresh):
    mill = fresh()
    first = sends(mill, "batches", CSV)
    again = sends(mill, "batches", CSV)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["counts"] == {"new": 0, "changed": 0, "same": 2, "bad": 0}
    assert [one["import"] for one in mill.caller().get("/imports").json()["imports"]] == [1]


def test_one_bad_row_of_many_leaves_everything_as_it_is_and_is_named(fresh):
    mill = fresh()
    rows = "".join(f"B{n:05},jersey,navy,SO-1,{400 + n % 90}\n" for n in range(5000))
    rows = rows.replace("B04321,jersey,navy,SO-1,401", "B04321,jersey,navy,SO-1,heavy")

    answer = sends(mill, "batches", "batch,article,colour,order,kg\n" + rows)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert bad(answer) == [(4323, "accepted_kg", "import-cell-number")]
    assert "line 4323" in answer.json()["detail"]
    assert mill.books.batches.names() == set()


def test_an_import_is_undone_and_what_stood_before_it_counts_again(fresh):
    mill = fresh()
    ask = mill.caller()
    ask.post("/batches", {"id": "002409", "article": "jersey", "accepted_kg": "470"})
    number = sends(mill, "batches", CSV).json()["import"]
    assert ask.get("/batches/002409").json()["accepted_kg"] == "478.5"

    for _ in range(2):  # a second time changes nothing
        undone = ask.post(f"/imports/{number}/undo", {"reason": "the wrong month"})
        assert undone.json() == {"import": number, "undone": True}

    assert ask.get("/batches/002409").json()["accepted_kg"] == "470"
    assert mill.books.batches.names() == {"002409"}
    (kept,) = ask.get("/imports").json()["imports"]
    assert kept["undone"]["why"] == "the wrong month"
    told = ask.get("/batches/002409/words").json()["words"]
    assert [(one["accepted_kg"], one["import"], one["taken_back"]) for one in told] == [
        ("470", None, False),
        ("478.5", number, True),
    ]
    assert ask.post("/imports/99/undo", {"reason": "no such"}).status_code == 404


def test_a_mass_is_corrected_with_a_reason_and_the_footprint_follows(fresh):
    mill: World = fresh(after_an_hour=True)
    mill.closes_its_books()
    ask = mill.caller()
    sends(mill, "batches", CSV)

    answer = ask.post(
        "/batches/B2601/corrections", {"accepted_kg": "245.5", "reason": "weighed again"}
    )
    mill.closes_its_books()

    assert answer.json()["article"] == "rib"
    assert ask.get("/batches/B2601/footprint").json()["accepted_kg"] == "245.5"
    why = [one["why"] for one in ask.get("/batches/B2601/words").json()["words"]]
    assert why == ["", "weighed again"]
    assert (
        ask.post("/batches/B2601/corrections", {"reason": "x" * 9, "accepted_kg": "0"}).status_code
        == 422
    )
    assert ask.post("/batches/none/corrections", {"reason": "nothing"}).status_code == 404


def test_batches_are_found_by_colour_and_order(fresh):
    mill: World = fresh(after_an_hour=True)
    mill.closes_its_books()
    sends(mill, "batches", CSV)

    def found(**query):
        return [one["id"] for one in mill.caller().get("/batches", **query).json()["batches"]]

    assert found(colour="lac") == found(order="so-78") == found(q="Black") == ["B2601"]
    assert found(colour="navy") == found(article="rib", colour="red") == []


def test_a_mapping_says_what_nobody_could_recognise(seen):
    table = "纱卡,净重\nB1,300\nB2,310\nB3,320\n"
    ask = seen.caller()

    assert sends(seen, "batches", table, dry_run=True).status_code == 422
    said = sends(seen, "batches", table, dry_run=True, column="batch=纱卡")
    ask.post("/imports/batches/mappings", {"name": "ERP", "columns": {"batch": "纱卡"}})
    saved = sends(seen, "batches", table, dry_run=True, mapping="ERP")

    assert said.json()["counts"]["new"] == saved.json()["counts"]["new"] == 3
    assert sends(seen, "batches", table, dry_run=True, mapping="SAP").status_code == 422
    assert sends(seen, "batches", table, dry_run=True, column="kilo=纱卡").status_code == 422
    kinds = {one["kind"]: one["mappings"] for one in ask.get("/imports/kinds").json()["kinds"]}
    assert kinds["batches"] == {"ERP": {"batch": "纱卡"}}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", kinds.names())
def test_every_template_is_read_by_what_it_is_a_template_of(seen, tmp_path, kind, lang, form):
    given = seen.caller().get(f"/imports/{kind}/template", form=form, lang=lang)
    file = tmp_path / f"template.{form}"
    file.write_bytes(given.content)

    found = parse(file, Asked(file.name, kinds.kind(kind).FIELDS, "Asia/Shanghai"), print)

    assert (found.unread, found.bad, len(found.rows)) == ([], [], 1)
    assert len(found.columns) == len(kinds.kind(kind).FIELDS)
