"""Factors of the mill's own from a table: with source and proof, beside what stands, undoable."""

from decimal import Decimal

import httpx
import pytest

from tests.api.given import Caller, World, footprint
from tests.api.importing.sending import bad, workbook
from tests.api.test_session import signed_in, somebody

LETTER = b"signed and stamped"
HEAD = ("因子编号", "能源介质", "单位", "口径", "组成", "电力方法", "气体", "数值", "数据起始日",
        "发布日期", "发布机构", "文件", "出处", "可信度", "初级数据", "证明文件")  # fmt: skip
ROW = {
    "因子编号": "own-grid", "能源介质": "electricity", "单位": "kWh", "口径": "足迹",
    "组成": "生命周期", "电力方法": "位置", "气体": "CO2e", "数值": "0.4",
    "数据起始日": "2025-01-01",
    "发布日期": "2026-01-15", "发布机构": "供电公司", "文件": "函件", "出处": "第 12 号卷宗",
    "可信度": "confirmed", "初级数据": "是", "证明文件": "letter.pdf",
}  # fmt: skip
"""Made up."""


@pytest.fixture
def mill(fresh, first_hour: World) -> World:
    """An hour of a mill, its first batches final."""
    one: World = fresh(past=first_hour)
    one.closes_its_books()
    return one


def proves(who: Caller, name: str = "letter.pdf", body: bytes = LETTER) -> httpx.Response:
    return who.asks("POST", "/api/v1/proofs", content=body, params={"name": name},
                    headers={"content-type": "application/octet-stream"})  # fmt: skip


def table(**other: str) -> bytes:
    row = ROW | other
    return workbook([HEAD, [row[name] for name in HEAD]])


def sends(who: Caller, content: bytes, *, dry_run: bool = False) -> httpx.Response:
    return who.asks("POST", "/api/v1/imports/factors", content=content,
                    params={"name": "factors.xlsx", "dry_run": dry_run},
                    headers={"content-type": "application/octet-stream"})  # fmt: skip


def used(mill: World) -> set[str]:
    return {one["id"] for one in footprint(mill).json()["factors"]}


def test_a_factor_with_its_letter_revises_what_it_prices_and_is_taken_back(mill: World):
    who = mill.caller("accountant")
    kept = proves(who).json()
    before = footprint(mill).json()

    looked = sends(who, table(), dry_run=True)
    assert (looked.status_code, looked.json()["counts"]["new"]) == (200, 1)
    assert used(mill) == {one["id"] for one in before["factors"]}
    number = sends(who, table()).json()["import"]
    mill.closes_its_books()

    after = footprint(mill).json()
    (own,) = [one for one in after["factors"] if one["id"] == "own-grid"]
    assert own["evidence"] == f"letter.pdf sha256:{kept['sha256']}"
    assert (own["region"], own["value"]) == ("CN-ZJ-keqiao", "0.4")
    assert (after["revision"], after["reason"]) == (2, "factor")
    assert who.get(f"/proofs/{kept['sha256']}").content == LETTER
    listed = who.get("/factors", carrier="electricity").json()["factors"]
    assert "own-grid" in {one["id"] for one in listed}

    who.post(f"/imports/{number}/undo", {"reason": "the wrong letter"})
    mill.closes_its_books()

    again = footprint(mill).json()
    assert (again["revision"], again["total"]) == (3, before["total"])


def test_what_was_entered_holds_when_the_server_starts_again(mill: World):
    who = mill.caller("accountant")
    proves(who)
    sends(who, table())

    mill.starts_again()
    mill.closes_its_books()

    assert "own-grid" in used(mill)


@pytest.mark.parametrize(
    ("other", "field", "code"),
    [
        ({"证明文件": "nobody-sent-it.pdf"}, "evidence", "import-factor-unproved"),
        ({"能源介质": "electricty"}, "carrier", "import-unknown"),
        ({"单位": "MJ"}, "unit", "import-cell-choice"),
        ({"气体": "CO3"}, "gas", "import-cell-choice"),
        ({"组成": "half"}, "component", "import-cell-choice"),
        ({"可信度": ""}, "confidence", "import-cell-empty"),
        ({"出处": ""}, "source_url", "import-cell-empty"),
        ({"数值": "a few"}, "value", "import-cell-number"),
        ({"因子编号": "cn_elec_fp_2024_national"}, "id", "import-refused"),
        ({"组成": "热值"}, "id", "bad-factor"),
        ({"气体": "CO2"}, "id", "co2-factor-in-footprint"),
    ],
)
def test_a_factor_that_cannot_be_is_named_and_nothing_is_entered(
    mill: World, other: dict[str, str], field: str, code: str
):
    who = mill.caller("accountant")
    proves(who)

    answer = sends(who, table(**other))

    assert answer.status_code == 422
    assert (field, code) in {(one, why) for _, one, why in bad(answer)}
    assert mill.service.bookkeeper.factors.standing() == {}


def test_two_factors_that_claim_one_place_are_refused_and_the_same_id_is_a_correction(mill: World):
    who = mill.caller("accountant")
    proves(who)
    sends(who, table())

    rival = sends(who, table(因子编号="rival"))
    better = sends(who, table(数值="0.41"))

    assert [code for _, _, code in bad(rival)] == ["factors-overlap"]
    assert better.json()["counts"]["changed"] == 1
    mill.closes_its_books()
    values = {one["id"]: one["value"] for one in footprint(mill).json()["factors"]}
    assert Decimal(values["own-grid"]) == Decimal("0.41")


def test_only_who_may_decide_enters_factors(mill: World):
    assert proves(mill.caller("engineer")).status_code == 403
    assert sends(mill.caller("engineer"), table()).status_code == 403


def test_where_the_mill_wants_four_eyes_factors_wait_for_a_second_person(mill: World):
    object.__setattr__(mill.service, "four_eyes", frozenset({"factors"}))
    first, second = (
        signed_in(mill, somebody(mill, name, "accountant")) for name in ("Li Na", "Wang Wei")
    )
    proves(first)

    waiting = sends(first, table())
    mill.closes_its_books()

    assert waiting.status_code == 202, waiting.text
    assert "own-grid" not in used(mill)
    number = waiting.json()["review"]
    ((asked,),) = (one["factors"] for one in second.get("/reviews").json()["reviews"])
    assert (asked["id"], asked["value_before"], asked["unit"]) == ("own-grid", None, "kgCO2e/kWh")
    assert asked["evidence"] == "letter.pdf"
    assert first.post(f"/reviews/{number}/confirm", {"why": "mine"}).status_code == 403
    assert second.post(f"/reviews/{number}/confirm", {"why": "read it"}).status_code == 200
    mill.closes_its_books()
    assert "own-grid" in used(mill)
    assert sends(first, table(数值="0.5")).status_code == 202
    ((asked,),) = (one["factors"] for one in second.get("/reviews").json()["reviews"])
    assert (asked["value_before"], asked["value"]) == ("0.4", "0.5")


def test_a_proof_is_of_a_size_and_of_a_name(mill: World):
    who = mill.caller("accountant")

    assert proves(who, body=b"").status_code == 422
    assert proves(who, name="../letter.pdf").status_code == 422
    assert who.get(f"/proofs/{'0' * 64}").status_code == 404
    assert who.get("/proofs").json()["proofs"] == []
