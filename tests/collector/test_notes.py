"""What pollers learn outlives a restart, and what they read is told in the spool."""

from pathlib import Path

import pytest

from collector.births import birth_of
from collector.counting import EVERY_MS
from collector.notes import Notes
from collector.wire.counts import read_counts
from collector.wire.message import decode
from collector.wire.reading import stamp
from tests.collector.playing import device
from tests.collector.spooled import BIRTHS, METER, at, everything, meter, spool


class StandingClock:
    """It is always the same moment, until somebody moves it."""

    up = 0

    def now(self):
        return at(0)

    def boot(self) -> str:
        return "b0"

    def up_ms(self) -> int:
        return self.up


def notes(path: Path, *devices, clock: StandingClock | None = None) -> Notes:
    births = {one.name: birth_of(one) for one in devices}
    return Notes(clock or StandingClock(), births, path, lambda reading: None)


def test_what_a_device_refuses_is_known_after_a_restart(tmp_path: Path):
    one, path = device("a", 1, addresses=range(9)), tmp_path / "a.refused.json"
    before = notes(path, one)
    refusals = before.refusals(one)
    refusals.refuse("p7", "exception-2")
    refusals.walls.add(("holding", 4))
    refusals.hold(0)
    before.keep(before.learned())
    assert before.learned() is None

    after = notes(path, one)

    assert after.refusals(one).form() == refusals.form()
    assert after.unreadable == 1
    assert after.learned() is None


def test_a_device_that_is_another_now_refuses_nothing_yet(tmp_path: Path):
    one, other = device("a", 1, addresses=range(9)), device("a", 1, addresses=range(8))
    before = notes(tmp_path / "a.json", one)
    before.refusals(one).refuse("p7", "exception-2")
    before.refusals(one).hold(0)
    before.keep(before.learned())

    assert notes(tmp_path / "a.json", other).refusals(other).many == 0


@pytest.mark.parametrize("kept", [b"", b"{}", b"[1]", b'{"v":9,"devices":{}}', b"\xff\x00"])
def test_a_file_that_cannot_be_read_is_forgotten(tmp_path: Path, kept: bytes):
    (tmp_path / "a.json").write_bytes(kept)

    assert notes(tmp_path / "a.json", device("a", 1)).refusals(device("a", 1)).many == 0


def test_a_disk_that_takes_nothing_stops_nobody(tmp_path: Path):
    one = device("a", 1)
    path = tmp_path / "not there" / "a.json"
    kept = notes(path, one)
    kept.refusals(one).hold(0)

    kept.keep(kept.learned())

    assert not path.exists()


def test_counts_are_committed_with_the_window(tmp_path: Path):
    kept = Notes(StandingClock(), BIRTHS, tmp_path / "a.json", lambda reading: None)
    for number in range(3):
        kept.counting.scheduled(METER.device, 2, number)
        kept.take(meter(number), number)
    counts = kept.counting.closed(2 * EVERY_MS, 0)
    one = spool(tmp_path / "a.spool")

    one.commit([meter(0)], {METER.device: METER}, stamp(at(0)), None, counts)

    told = [decode(m.payload, None) for m in everything(one) if m.topic.endswith("/records")]
    bodies = [r.body for message in told for r in message.records if r.kind == "counts"]
    assert [read_counts(body) for body in bodies] == counts
    assert counts[0].devices[METER.device].good == 6
    one.close()


def test_a_slot_of_which_nothing_becomes_is_open_for_longer_and_longer(tmp_path: Path):
    clock, one, other = StandingClock(), device("a", 1), device("b", 2)
    taken = notes(tmp_path / "a.json", one, other, clock=clock)
    assert taken.longest_open_ms() == 0

    taken.schedule(one, 1, 0)
    taken.schedule(other, 1, 0)
    clock.up = 61_000
    taken.leave_out(other, 1, 0, "line-busy")

    assert taken.longest_open_ms() == 61_000
    taken.leave_out(one, 1, 0, "stopped")
    assert taken.longest_open_ms() == 0
