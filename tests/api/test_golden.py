"""The golden batch: a reference that a batch of the mill reached."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.golden import LEAST, WHOLE, Finished, finished, golden, reference, references


def batch(number: int, per_kg: object, article: str = "cotton", process: str = WHOLE) -> Finished:
    return Finished(f"B{number}", article, process, Decimal(str(per_kg)))


def body(**changed: Any) -> dict[str, Any]:
    return {
        "batch": "B2409",
        "status": "final",
        "accepted_kg": "400",
        "total": {"kgco2e": "800.000000", "kgco2e_per_kg": "2.000000"},
        "by_process": [{"process": "washing", "kgco2e": "100.000000", "share": "0.125"}],
        "problems": [],
    } | changed


def test_a_reference_is_set_by_ten_batches_and_not_by_nine():
    nine = [batch(n, n) for n in range(LEAST - 1)]

    assert golden(nine) is None
    assert golden([*nine, batch(9, 9)]) is not None


def test_the_very_best_batch_is_never_the_golden_one():
    found = golden([batch(n, 1 + n / 10) for n in range(10)])

    assert found is not None
    assert (found.batch, found.kgco2e_per_kg, found.among) == ("B1", Decimal("1.1"), 10)


@given(st.lists(st.decimals(0, 9, places=3), min_size=LEAST, max_size=60), st.randoms())
def test_a_reference_was_reached_and_about_one_in_ten_did_better(values, chance):
    batches = [batch(n, value) for n, value in enumerate(values)]
    found = golden(batches)
    chance.shuffle(batches)

    assert found == golden(batches)
    assert found is not None
    assert found.kgco2e_per_kg in values
    assert sum(value < found.kgco2e_per_kg for value in values) <= len(values) // 10


def test_a_final_footprint_counts_whole_and_process_by_process():
    found = finished("cotton", body())

    assert [(one.process, str(one.kgco2e_per_kg)) for one in found] == [
        (WHOLE, "2.000000"),
        ("washing", "0.250000"),
    ]


def test_what_is_not_final_or_has_a_problem_or_no_mass_sets_no_reference():
    no_mass = {"accepted_kg": None, "total": {"kgco2e": "800", "kgco2e_per_kg": None}}

    assert finished("cotton", body(status="provisional")) == []
    assert finished("cotton", body(problems=[{"code": "register-fell"}])) == []
    assert finished("cotton", body(**no_mass)) == []


def test_a_process_is_measured_against_its_article_and_else_against_all_articles():
    cotton = [batch(n, 1 + n / 10, "cotton", "washing") for n in range(10)]
    silk = [batch(100 + n, 5, "silk", "washing") for n in range(9)]
    known = references([*cotton, *silk])

    own, other = reference(known, "cotton", "washing"), reference(known, "silk", "washing")

    assert own is not None
    assert other is not None
    assert (own.among, other.among) == (10, 19)


def test_a_whole_batch_is_measured_against_its_own_article_alone():
    known = references([batch(n, 1 + n, "cotton") for n in range(10)])

    assert reference(known, "cotton", WHOLE) is not None
    assert reference(known, "silk", WHOLE) is None
    assert reference(known, "", WHOLE) is None
