"""The same series come back from the journal, InfluxDB and VictoriaMetrics."""

from datetime import timedelta

import pytest

from gateway.journal.stores.sqlite import Sqlite
from gateway.projecting.follower import Follower
from gateway.projecting.kept import Kept
from gateway.projecting.reading_back import JournalSeries, LongFrom
from gateway.projecting.tags import Tags
from gateway.projections import Engine, Series
from tests.gateway.given import DEVICE, FAR, POINT, START, Agent, House, at, reading
from tests.stores.following import catch_up

# Milliseconds after the start: at borders of slots, hours and stretches, one beside each of them,
# two at one instant, a bad one, a doubtful one; and as many days later.
STAMPS = [0, 1, 899_999, 900_000, 900_001, 3_599_999, 3_600_000, 3_600_001, 7_199_999, 7_200_000]
BORDERS = [timedelta(milliseconds=ms + d) for ms in STAMPS for d in (-1, 0, 1)]
DAYS = 3


@pytest.fixture
def both(mill: House, agent: Agent, engine: Engine, tmp_path) -> tuple[Series, Series]:
    """The journal's series and the engine's, of the same readings."""
    for day in range(DAYS):
        shift = day * 86_400
        mill.takes(
            agent.says(
                *[reading(shift + ms / 1000, 1000 * day + place + 0.25)
                  for place, ms in enumerate(STAMPS)],
                reading(shift + 900, 77.5),  # at an instant that is taken: it counts
                reading(shift + 1000, None),
                reading(shift + 1100, 5.5, reason="frozen"),
                reading(shift + 3600, None),  # bad, where a good one stands
            )
        )  # fmt: skip
        if day == 1:
            mill.writer.pack(FAR)
    site = engine.target.rpartition(" ")[2]
    catch_up(Follower(mill.journal, engine, Tags(site), Kept(Sqlite(tmp_path / "journal.db"))))
    engine.settle()
    return JournalSeries(mill.journal), engine


def test_the_last_at_or_before_any_border_is_the_same(both: tuple[Series, Series]):
    journal, engine = both
    asked = [START + border for border in BORDERS] + [at(-5), at(1000), at(1100), at(200_000)]

    expected = [journal.last_at_or_before(DEVICE, POINT, one) for one in asked]

    assert [engine.last_at_or_before(DEVICE, POINT, one) for one in asked] == expected
    assert journal.last_at_or_before(DEVICE, POINT, at(900)) == (at(900), 77.5)
    assert journal.last_at_or_before(DEVICE, POINT, at(1100)) == (at(900.001), 4.25)
    assert journal.last_at_or_before(DEVICE, POINT, at(3600)) == (at(3600), 6.25)
    assert journal.last_at_or_before(DEVICE, POINT, at(-1)) is None


def test_a_range_is_half_open_and_the_same(both: tuple[Series, Series]):
    journal, engine = both
    ranges = [(a, b) for a in BORDERS[::2] for b in BORDERS[1::4] if a < b]

    for first, last in ranges:
        span = START + first, START + last
        assert engine.between(DEVICE, POINT, *span) == journal.between(DEVICE, POINT, *span)
    assert len(journal.between(DEVICE, POINT, START, at(86_400 * DAYS))) == len(STAMPS) * DAYS


@pytest.mark.parametrize("minutes", [1, 15, 60, 24 * 60])
def test_a_thinned_range_is_the_same(both: tuple[Series, Series], minutes: int):
    journal, engine = both
    every = timedelta(minutes=minutes)
    span = START - timedelta(days=1), START + timedelta(days=DAYS)

    expected = journal.thinned(DEVICE, POINT, *span, every)

    assert engine.thinned(DEVICE, POINT, *span, every) == expected
    assert len(expected) == {1: 7, 15: 6, 60: 3, 1440: 1}[minutes] * DAYS


def test_a_long_plot_goes_to_the_engine_and_to_the_journal_where_it_does_not_answer(
    both: tuple[Series, Series], unused_engine: Engine
):
    journal, _ = both
    series = LongFrom(journal, unused_engine)
    week = START, START + timedelta(days=7)

    assert series.between(DEVICE, POINT, *week) == journal.between(DEVICE, POINT, *week)
