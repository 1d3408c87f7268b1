"""Counts of reads reach the footprint: each line says how many of its readings were good."""

import pytest

from collector.wire.counts import Count, Counts
from tests.api.given import World, at, footprint

QUARTER = 15
GOOD = Count(15, 15, {}, {}, {})
WORSE = Count(15, 10, {"frozen": 1}, {"timeout": 2}, {"line-busy": 2})


def counted(quarter: int, **devices: Count) -> Counts:
    start, end = at(quarter * QUARTER), at((quarter + 1) * QUARTER)
    up_ms = quarter * QUARTER * 60_000
    named = {name.replace("_", "-"): one for name, one in devices.items()}
    return Counts("b0", up_ms, up_ms + QUARTER * 60_000, start, end, named)


@pytest.fixture
def mill(fresh) -> World:
    """Of jet-01's power some reads were no good while it dyed; of its steam nobody counted."""
    mill = fresh()
    mill.passes(0, 90)
    mill.counts(
        counted(0, jet_01_power=GOOD, jet_01_water=GOOD),
        counted(1, jet_01_power=WORSE, jet_01_water=GOOD),
        counted(2, jet_01_power=GOOD, jet_01_water=GOOD),
    )
    mill.closes_its_books()
    return mill


def readings(body):
    return {
        (run["process"], line["carrier"]): line.get("readings")
        for run in body["runs"]
        for line in run["lines"]
        if line["rule"] == "direct"
    }


def test_a_line_says_how_many_readings_of_its_meter_were_due_and_good_while_it_ran(mill):
    """Scouring lasted from minute 5 to 15, dyeing from 15 to 40."""
    found = readings(footprint(mill).json())

    assert found["scouring", "electricity"] == {"scheduled": 15, "good": 15, "share": "1.0000"}
    dyed = found["dyeing-exhaust", "electricity"]
    assert dyed == {"scheduled": 30, "good": 25, "share": "0.8333"}
    assert found["dyeing-exhaust", "water"] == {"scheduled": 30, "good": 30, "share": "1.0000"}


def test_a_line_whose_meters_nobody_counted_says_nothing(mill):
    assert readings(footprint(mill).json())["dyeing-exhaust", "steam"] is None


def test_idling_says_nothing_of_readings(mill):
    assert not [one for one in footprint(mill).json()["idle"] if "readings" in one]


def test_amounts_that_are_priced_anew_keep_what_was_counted(mill):
    anew = footprint(mill, gwp="ar5").json()

    assert anew["reason"] == "priced-anew"
    assert readings(anew) == readings(footprint(mill).json())


def test_counts_that_come_late_are_no_reason_for_a_revision(mill):
    first = footprint(mill).content

    mill.counts(counted(1, jet_01_steam=WORSE))
    mill.starts_again()
    mill.closes_its_books()

    assert footprint(mill).content == first
    assert mill.caller().get("/batches/B2601/explain").json()["agrees_with_revision"]


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", "readings: 25 of 30 that were due were good (0.8333)"),
        ("zh", "读数：应有 30 次，良好 25 次（0.8333）"),
    ],
)
def test_the_derivation_tells_of_them(mill, lang, told):
    assert told in mill.caller().get("/batches/B2601/explain", lang=lang).text
