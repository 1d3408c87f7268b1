"""What the centre takes of a mill, and what it refuses."""

from dataclasses import replace
from pathlib import Path

import httpx
import orjson
import pytest

from api.evidence.seal import Document, encode_raw, read_document, seal_form, tree_root
from api.evidence.signature import endorse, new_key, sign
from api.group import schema
from tests.group.given import Office, Sealing, mill, result, word

KEY = "mp_keqiao"


@pytest.fixture
def keqiao() -> Sealing:
    return Sealing()


@pytest.fixture
def office(tmp_path: Path, keqiao: Sealing):
    one = Office(tmp_path, mill(keqiao))
    yield one
    one.close()


def refusal(answer: httpx.Response) -> list[str]:
    """The codes of a refusal."""
    assert answer.status_code == 409, answer.text
    return [one["code"] for one in answer.json()["problems"]]


def held(office: Office) -> list[int]:
    return [one["number"] for one in office.reads("/mills/keqiao/seals")["seals"]]


def test_a_seal_with_its_rows_is_held_and_the_mill_is_told_how_far_it_came(office, keqiao):
    assert office.asks("GET", "/line", KEY).json() == {"mill": "keqiao", "number": 0, "hash": ""}

    answer = office.sends(KEY, keqiao.seals(result("B1", "120"), word(1, "B1", "poplin")))

    said = {"mill": "keqiao", "number": 1, "hash": keqiao.last.digest}
    assert (answer.status_code, answer.json()) == (200, said)
    assert office.asks("GET", "/line", KEY).json() == said
    (article,) = office.reads("/mills")["mills"][0]["articles"]
    assert (article["article"], article["kgco2e_per_kg"]) == ("poplin", "1.200000")


def test_a_seal_is_given_out_as_the_mill_made_it(office, keqiao):
    lines = keqiao.seals(result("B1", "120"))
    office.sends(KEY, lines)

    assert office.asks("GET", "/mills/keqiao/seals/1", "mp_reader").content == lines[0].strip()


def test_the_same_seal_again_is_well_and_changes_nothing(office, keqiao):
    lines = keqiao.seals(result("B1", "120"))
    first = office.sends(KEY, lines).json()
    before = office.reads("/mills")

    again = office.sends(KEY, lines)

    assert (again.status_code, again.json()) == (200, first)
    assert office.reads("/mills") == before


def test_a_row_that_was_edited_is_refused_and_nothing_of_its_seal_is_held(office, keqiao):
    seal, good, bad = keqiao.seals(result("B1", "120"), result("B2", "130"))

    edited = bad.replace(b'"130\\"', b'"13\\"').replace(b"130", b"13")
    answer = office.sends(KEY, [seal, good, edited])

    assert refusal(answer) == ["group-row-strange"]
    assert "B2" in answer.json()["detail"]
    assert held(office) == []
    assert office.reads("/mills")["mills"][0]["articles"] == []


def test_a_result_that_the_seal_names_and_that_does_not_come_is_missed(office, keqiao):
    seal, good, _ = keqiao.seals(result("B1", "120"), result("B2", "130"))

    answer = office.sends(KEY, [seal, good])

    assert refusal(answer) == ["group-rows-missing"]
    assert "results/B2/footprint/1" in answer.json()["detail"]


def test_a_row_of_a_kind_that_is_not_to_leave_the_mill_is_refused(office, keqiao):
    bill = word(1, "B1", "") | {"kind": "bill"}

    assert refusal(office.sends(KEY, keqiao.seals(bill))) == ["group-row-unknown"]


def test_a_row_under_the_name_of_another_is_refused(office, keqiao):
    seal, row = keqiao.seals(result("B1", "120"))
    document = read_document(seal)
    leaves = tuple(replace(one, name=one.name.replace("B1", "B9")) for one in document.leaves)
    form = seal_form(replace(document.seal, root=tree_root(leaves)))
    # The mill's own key signs it: even then a row is what it says of itself.
    renamed = Document(form, sign(keqiao.private, form), leaves)

    assert refusal(office.sends(KEY, [renamed.text + b"\n", row])) == ["group-row-unknown"]


def test_a_seal_of_another_key_is_refused(office):
    stranger = Sealing()

    assert refusal(office.sends(KEY, stranger.seals(result("B1", "1")))) == ["group-seal-key"]
    assert held(office) == []


def test_a_seal_that_was_edited_is_refused(office, keqiao):
    body = orjson.loads(keqiao.seals(result("B1", "120"))[0])
    body["seal"]["day"] = "2026-03-03"

    assert refusal(office.sends(KEY, [orjson.dumps(body) + b"\n"])) == ["seal-signature-wrong"]


def test_leaves_that_were_edited_are_refused(office, keqiao):
    seal, row = keqiao.seals(result("B1", "120"))
    body = orjson.loads(seal)
    body["leaves"][0][1] = encode_raw(bytes(32))

    answer = office.sends(KEY, [orjson.dumps(body) + b"\n", row])
    assert refusal(answer) == ["seal-leaves-changed"]


def test_a_seal_out_of_order_is_refused_until_the_one_before_it_came(office, keqiao):
    first, second, third = (keqiao.seals(result(f"B{n}", "120")) for n in range(3))
    office.sends(KEY, first)

    assert refusal(office.sends(KEY, third)) == ["seal-missing"]

    assert office.sends(KEY, second).status_code == 200
    assert office.sends(KEY, third).status_code == 200
    assert held(office) == [1, 2, 3]


def test_a_mill_that_was_set_back_and_seals_otherwise_is_refused(office, keqiao):
    office.sends(KEY, keqiao.seals(result("B1", "120")))
    before = keqiao.last
    office.sends(KEY, keqiao.seals(result("B2", "120")))
    keqiao.last = before

    other = keqiao.seals(result("B2", "110"))

    assert refusal(office.sends(KEY, other)) == ["seal-other-than-held"]
    assert refusal(office.sends(KEY, keqiao.seals())) == ["seal-chain-broken"]
    assert held(office) == [1, 2]


def test_a_seal_of_another_site_is_refused(office, keqiao):
    keqiao.site = "shaoxing"

    assert refusal(office.sends(KEY, keqiao.seals())) == ["group-other-site"]


def test_a_revision_that_is_sealed_twice_is_refused(office, keqiao):
    office.sends(KEY, keqiao.seals(result("B1", "120")))

    assert refusal(office.sends(KEY, keqiao.seals(result("B1", "12")))) == ["group-row-again"]


def test_a_key_that_the_old_one_endorsed_is_taken(office, keqiao):
    office.sends(KEY, keqiao.seals(result("B1", "120")))
    old, keqiao.private = keqiao.private, new_key()
    keqiao.endorsements = (endorse(old, keqiao.key),)

    assert office.sends(KEY, keqiao.seals(result("B2", "120"))).status_code == 200


def test_a_key_that_nobody_endorsed_is_taken_once_the_group_has_written_it_down(tmp_path, keqiao):
    new = Sealing()
    office = Office(tmp_path, mill(keqiao, seal_keys=(keqiao.key, new.key)))
    office.sends(KEY, keqiao.seals(result("B1", "120")))
    new.last = keqiao.last

    assert office.sends(KEY, new.seals(result("B2", "120"))).status_code == 200
    office.close()


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b'{"seal":{},"signature":"","leaves":[]}'])
def test_what_is_no_seal_is_refused(office, body):
    assert refusal(office.sends(KEY, [body])) == ["not-a-seal"]


@pytest.mark.parametrize("key", ["", "mp_reader", "mp_other"])
def test_only_a_mill_with_its_own_key_sends(office, keqiao, key):
    assert office.sends(key, keqiao.seals()).status_code == 401
    assert office.asks("GET", "/line", key).status_code == 401


@pytest.mark.parametrize("key", ["", KEY, "mp_other"])
def test_only_a_reader_reads(office, key):
    for path in ("/mills", "/mills/keqiao/seals", "/mills/keqiao/seals/1"):
        assert office.asks("GET", path, key).status_code == 401


def test_nothing_of_the_centre_changes_or_removes_a_row():
    folder = Path(schema.__file__).parent
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))

    assert ".insert()" in code
    assert ".update(" not in code
    assert ".delete(" not in code


def test_a_mill_stands_there_with_its_last_seal(office, keqiao):
    for n in range(2):
        office.sends(KEY, keqiao.seals(result(f"B{n}", "120")))

    (one,) = office.reads("/mills")["mills"]
    assert one["seal"] == {"number": 2, "day": "2026-03-03", "hash": keqiao.last.digest}
