"""The watched clock: what the wall shows is believed only where nothing speaks against it."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.anchors import WatchedClock
from collector.clock import SystemClock
from collector.wire.anchor import Anchor
from collector.wire.reading import ClockState

BOOTED = datetime(2026, 3, 2, tzinfo=UTC)
HOUR_MS = 3_600_000


class FakeClock:
    """A clock that a test sets: the wall apart from the time since boot."""

    def __init__(self, wall: datetime = BOOTED, *, synchronised: bool = False) -> None:
        self.wall, self.up, self.name = wall, 0, "b0"
        self.synchronised = synchronised

    def now(self) -> datetime:
        return self.wall

    def state(self) -> ClockState:
        return ClockState.SYNCHRONISED if self.synchronised else ClockState.INFORMATIVE

    def boot(self) -> str:
        return self.name

    def up_ms(self) -> int:
        return self.up

    async def until(self, up_ms: int) -> None:
        self.passes(up_ms - self.up)

    def passes(self, ms: int) -> None:
        self.up += ms
        self.wall += timedelta(milliseconds=ms)


def look(watched: WatchedClock) -> Anchor | None:
    """A look, and the anchor committed where there is one."""
    anchor = watched.look()
    if anchor:
        watched.made(anchor)
    return anchor


def test_a_clock_that_starts_in_1970_is_unknown() -> None:
    assert WatchedClock(FakeClock(datetime(1970, 1, 1, tzinfo=UTC))).state() is ClockState.UNKNOWN


def test_a_clock_before_the_newest_reading_is_unknown_until_it_has_passed_it() -> None:
    clock = FakeClock()
    watched = WatchedClock(clock)
    watched.not_before(BOOTED + timedelta(days=14))

    assert watched.state() is ClockState.UNKNOWN
    clock.passes(14 * 24 * HOUR_MS)
    assert watched.state() is ClockState.INFORMATIVE


def test_a_machine_that_nobody_synchronises_is_informative() -> None:
    assert WatchedClock(FakeClock()).state() is ClockState.INFORMATIVE


def test_a_synchronised_clock_is_believed_whatever_was_read_before() -> None:
    watched = WatchedClock(FakeClock(synchronised=True))
    watched.not_before(BOOTED + timedelta(days=365))

    assert watched.state() is ClockState.SYNCHRONISED


def test_no_anchor_is_made_before_the_time_is_known() -> None:
    assert look(WatchedClock(FakeClock())) is None


def test_a_boot_in_the_past_gets_its_anchor_when_the_time_comes() -> None:
    clock = FakeClock(BOOTED - timedelta(days=14))
    watched = WatchedClock(clock)
    watched.not_before(BOOTED)
    assert look(watched) is None
    taken_at_ms = clock.up_ms()

    clock.passes(20 * 60_000)
    clock.wall = BOOTED + timedelta(minutes=25)
    clock.synchronised = True
    anchor = look(watched)

    assert anchor is not None
    assert anchor.place(taken_at_ms) == BOOTED + timedelta(minutes=5)


@pytest.mark.parametrize("step_s", [-1_209_600, -2, 2, 31_536_000])
def test_a_step_is_told_and_anchored_anew(step_s: int, caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock(synchronised=True)
    watched = WatchedClock(clock)
    assert look(watched)

    clock.passes(5000)
    clock.wall += timedelta(seconds=step_s)
    anchor = look(watched)

    assert anchor is not None
    assert anchor.at == clock.wall
    assert f"the wall clock was set by {step_s:+.1f} s" in caplog.text


def test_a_clock_that_drifts_less_than_a_second_is_left_alone() -> None:
    clock = FakeClock(synchronised=True)
    watched = WatchedClock(clock)
    assert look(watched)

    clock.passes(5000)
    clock.wall += timedelta(milliseconds=900)

    assert look(watched) is None


def test_drift_that_adds_up_to_a_second_is_anchored_anew() -> None:
    clock = FakeClock(synchronised=True)
    watched = WatchedClock(clock)
    assert look(watched)

    made = 0
    for _ in range(4):
        clock.passes(HOUR_MS)
        clock.wall += timedelta(milliseconds=400)
        made += look(watched) is not None

    assert made == 1


def test_an_anchor_is_made_once_a_day_and_for_every_boot() -> None:
    clock = FakeClock(synchronised=True)
    watched = WatchedClock(clock)

    found = []
    for _ in range(49):
        found.append(look(watched) is not None)
        clock.passes(HOUR_MS)
    clock.name = "b1"

    assert [n for n, made in enumerate(found) if made] == [0, 24, 48]
    assert look(watched) is not None


@pytest.mark.parametrize(
    "wall",
    [datetime(2026, 12, 31, 23, 59, 58, tzinfo=UTC), datetime(2028, 2, 28, 23, 59, 58, tzinfo=UTC)],
)
def test_the_end_of_a_year_and_a_leap_day_are_no_steps(
    wall: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock(wall, synchronised=True)
    watched = WatchedClock(clock)
    assert look(watched)

    clock.passes(5000)

    assert look(watched) is None
    assert not caplog.text


def test_the_machines_own_clock_is_never_unknown_of_itself() -> None:
    assert SystemClock().state() in (ClockState.SYNCHRONISED, ClockState.INFORMATIVE)
