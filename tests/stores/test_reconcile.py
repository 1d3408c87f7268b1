"""Reconcile finds all that an engine lacks or has too much, and makes it whole."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from gateway.journal import SLOT
from gateway.journal.stores.sqlite import Sqlite
from gateway.projecting.follower import Follower
from gateway.projecting.kept import Kept
from gateway.projecting.reading_back import JournalSeries
from gateway.projecting.reconcile import Comparison, Hour, Reconciler
from gateway.projecting.tags import Tags
from gateway.projections import Engine
from millprint.projecting.projection import Projection as SiteProjection
from millprint.projecting.projection import Source
from tests.gateway.given import DEVICE, FAR, NOW, POINT, START, Agent, House, at, reading
from tests.stores.engines import SITE, Server
from tests.stores.following import catch_up

HOURS = 6
END = START + timedelta(hours=HOURS)


def fill(
    mill: House, agent: Agent, hours: int = HOURS, first: int = 0, received: datetime = NOW
) -> int:
    """A reading of two devices each half minute; how many that are."""
    seconds = range(3600 * first, 3600 * (first + hours), 30)
    for device in (DEVICE, "jet-08-power"):
        for begin in range(0, len(seconds), 100):
            mill.takes(
                agent.says(
                    *[reading(s, s * 0.25, device=device) for s in seconds[begin : begin + 100]]
                ),
                received=received,
            )
    mill.writer.pack(FAR)
    return 2 * len(seconds)


class Projection:
    """A journal and an engine, and what keeps them the same."""

    def __init__(self, mill: House, engine: Engine, folder) -> None:
        self.mill, self.engine = mill, engine
        tags = Tags(engine.target.rpartition(" ")[2])
        self.kept = Kept(Sqlite(folder / "journal.db"))
        self.follower = Follower(mill.journal, engine, tags, self.kept)
        self.reconciler = Reconciler(mill.journal, engine, tags)

    def compared(self, start=START - timedelta(days=1), end=END + timedelta(days=1)):
        return self.reconciler.reconcile(start, end)


@pytest.fixture
def projection(mill: House, engine: Engine, tmp_path) -> Projection:
    return Projection(mill, engine, tmp_path)


def test_what_was_followed_is_whole(projection: Projection, agent: Agent):
    count = fill(projection.mill, agent)

    assert catch_up(projection.follower) == count
    assert projection.compared() == Comparison(compared=count)


def test_of_a_slot_that_fills_only_what_is_new_is_sent(projection: Projection, agent: Agent):
    mill, follower = projection.mill, projection.follower
    sent = []
    for second in range(0, 100, 10):
        mill.takes(agent.says(reading(second, second)))
        sent.append(catch_up(follower))

    assert sent == [1] * 10
    mill.takes(agent.says(reading(5, 5)))  # late, between what was sent
    assert catch_up(follower) == 11
    assert projection.compared().missing == 0


def test_a_follower_that_starts_again_goes_on_where_it_was(
    projection: Projection, agent: Agent, tmp_path
):
    count = fill(projection.mill, agent, hours=2)
    projection.follower.step()
    again = Projection(projection.mill, projection.engine, tmp_path)

    assert catch_up(again.follower) == 0
    assert again.compared() == Comparison(compared=count)


def test_a_journal_that_was_set_back_is_sent_from_its_beginning(
    projection: Projection, agent: Agent
):
    count = fill(projection.mill, agent, hours=1)
    projection.kept.keep(projection.engine.target, "readings", 10**6)

    assert catch_up(projection.follower) == count


def test_whatever_is_missing_is_found_and_sent(projection: Projection, agent: Agent):
    """No follower at all: hours that the engine never saw, and some that it half has."""
    count = fill(projection.mill, agent)
    drawn = random.Random(7)
    there = [s for s in range(0, 3600 * HOURS, 30) if drawn.random() < 0.5]
    tags = Tags(projection.engine.target.rpartition(" ")[2])
    head = tags.head(DEVICE, POINT, START)
    lines = "".join(f"{head} value={s * 0.25} {int(at(s).timestamp()) * 1000}\n" for s in there)
    projection.engine.write(lines.encode())

    found = projection.compared()

    assert found == Comparison(compared=count, missing=count - len(there))
    assert projection.compared() == Comparison(compared=count)


def test_a_number_that_is_another_is_found(projection: Projection, agent: Agent):
    fill(projection.mill, agent, hours=1)
    catch_up(projection.follower)
    tags = Tags(projection.engine.target.rpartition(" ")[2])
    head = tags.head(DEVICE, POINT, START)
    stamp = int(at(30).timestamp()) * 1000

    projection.engine.write(f"{head} value=999 {stamp}\n".encode())

    found = projection.compared()
    assert found.missing == 1
    # One that keeps several numbers of an instant cannot be told which counts.
    whole = projection.compared()
    assert (whole.missing == 0) or "victoria" in projection.engine.target


def test_what_should_not_be_there_is_taken_out_or_told(projection: Projection, agent: Agent):
    count = fill(projection.mill, agent, hours=1)
    catch_up(projection.follower)
    tags = Tags(projection.engine.target.rpartition(" ")[2])
    ghost = tags.head("ghost", "power_kw", START)
    stamp = int(at(30).timestamp()) * 1000

    projection.engine.write(f"{ghost} value=1 {stamp}\n".encode())

    found, again = projection.compared(), projection.compared()
    removes = "influx" in projection.engine.target
    assert found.foreign == again.foreign == (0 if removes else 1)
    assert found.compared == again.compared == count


def test_readings_that_an_anchor_moves_leave_nothing_behind_where_an_engine_can_remove(
    projection: Projection, agent: Agent
):
    from tests.gateway.given import unsure

    mill = projection.mill
    mill.takes(agent.knows(0, 0), agent.says(*[unsure(s, s) for s in range(1, 20)]))
    catch_up(projection.follower)
    mill.takes(agent.knows(10, 20_000))  # the clock of before was wrong by hours
    catch_up(projection.follower)

    assert projection.compared().missing == 0
    if "influx" in projection.engine.target:
        here = JournalSeries(mill.journal).between(DEVICE, POINT, START, START + SLOT)
        assert projection.engine.between(DEVICE, POINT, START, START + SLOT) == here
        assert 0 < len(here) < 19


def test_what_is_still_to_be_sent_is_no_fault(projection: Projection, agent: Agent):
    fill(projection.mill, agent, hours=2)
    _, changed = projection.mill.journal.changed_since(0)

    found = projection.reconciler.reconcile(START, END, leave=lambda: changed)

    assert found == Comparison()


def test_what_comes_while_what_lacks_is_sent_was_not_refused(projection: Projection, agent: Agent):
    mill = projection.mill
    count, position = fill(mill, agent, hours=2), mill.journal.position()
    seconds = iter(range(3 * 3600, 4 * 3600))

    def goes_on() -> Iterable[Hour]:
        mill.takes(agent.says(reading(next(seconds))))
        return mill.journal.changed_since(position)[1]

    found = projection.reconciler.reconcile(START, END, leave=goes_on)

    assert found == Comparison(compared=count, missing=count)


def test_what_a_site_reads_while_it_is_compared_is_no_fault(projection: Projection, agent: Agent):
    """The hour that fills is compared like others, unless more of it comes meanwhile."""
    mill, engine = projection.mill, projection.engine
    count = fill(mill, agent, hours=26)
    tags = Tags(engine.target.rpartition(" ")[2])
    site = SiteProjection("one", engine, Source(mill.journal, projection.kept, tags))
    while site.follow(NOW):
        pass
    seconds = iter(range(26 * 3600, 27 * 3600))

    def goes_on(_: timedelta) -> None:
        mill.takes(agent.says(reading(next(seconds))))

    found = site.reconcile(0, NOW, goes_on)

    assert (found.missing, found.foreign) == (0, 0)
    assert count - 2 * 60 * 4 < found.compared <= count


def test_a_dead_engine_that_was_restored_old_or_wiped_is_made_whole(
    killable: Server, mill: House, agent: Agent, tmp_path
):
    """A day of simulated time goes by while it is dead; then it is restored old; then wiped."""
    engine = killable.engine(SITE)
    projection = Projection(mill, engine, tmp_path)
    engine.check()
    before = fill(mill, agent, hours=2)
    catch_up(projection.follower)
    killable.copy(tmp_path / "backup")
    count = before + fill(mill, agent, hours=24, first=2)
    end = START + timedelta(hours=27)
    catch_up(projection.follower)
    killable.restore(tmp_path / "backup")
    engine.check()

    restored = projection.compared(end=end)
    killable.wipe()
    engine.check()
    wiped = projection.compared(end=end)

    assert restored == Comparison(compared=count, missing=count - before)
    assert wiped == Comparison(compared=count, missing=count)
    assert projection.compared(end=end) == Comparison(compared=count)


def test_numbers_that_an_engine_drops_in_silence_are_told_until_it_takes_them(
    mill: House, agent: Agent, tmp_path
):
    """Readings of months ago, and an engine that keeps one month and says success."""
    count = fill(mill, agent, hours=2)
    server = Server("victoria", tmp_path / "engine", flags=("-search.latencyOffset=0s",))
    try:
        engine = server.engine(SITE)
        projection = Projection(mill, engine, tmp_path)

        flags = [problem.values["flag"] for problem in engine.check()]
        dropped = projection.compared()
        server.kill()
        server.flags = ("-retentionPeriod=100y", "-dedup.minScrapeInterval=1ms", *server.flags)
        server.start()

        assert flags == ["retentionPeriod", "dedup.minScrapeInterval"]
        assert dropped == Comparison(compared=count, missing=count, refused=count)
        assert engine.check() == ()
        assert projection.compared() == Comparison(compared=count, missing=count)
        assert projection.compared() == Comparison(compared=count)
    finally:
        server.kill()


def test_readings_of_a_box_whose_clock_is_days_ahead_are_told_where_an_engine_drops_them(
    mill: House, agent: Agent, tmp_path
):
    """VictoriaMetrics takes two days of the future, and says success for all."""
    ahead = (datetime.now(UTC) - START) // timedelta(hours=1) + 72
    end = at(3600 * (ahead + 3))
    server = Server("victoria", tmp_path / "engine")
    try:
        projection = Projection(mill, server.engine(SITE), tmp_path)
        kept = fill(mill, agent, hours=2)
        dropped = fill(mill, agent, hours=2, first=ahead, received=end)
        catch_up(projection.follower)

        found = projection.compared(end=end)

        assert found == Comparison(compared=kept + dropped, missing=dropped, refused=dropped)
        assert projection.compared() == Comparison(compared=kept)
    finally:
        server.kill()
