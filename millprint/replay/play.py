"""Playing a recording: every row through Modbus and MQTT into the journal."""

import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from typing_extensions import override

from collector.profiles import Profile, ProfilePoint
from collector.wire.problem import Problem, Refused
from collector.wire.reading import Kind
from collector.wire.suffixes import stored_unit
from millprint.children import python
from millprint.installation import Installation
from millprint.replay.meter import BUS, UNIT, write_plan
from millprint.replay.recording import DEVICE, Recording

SITE = "replay"
_PATIENCE_S = 120.0  # while nothing moves
_LOOK_EVERY_S = 0.3
_COMMIT_EVERY = 32  # readings in a commit window
_CARRIERS = {"kWh": "electricity", "m3": "water", "kg": "steam", "m3_0c": "natural_gas"}


@dataclass(frozen=True, slots=True)
class Part:
    """What a recording replays through.

    Attributes:
        recording: The load.
        profile: The meter's model.
        point: Its counter.
        region: Of the plant.
        port: Of the pages; 0 for a free one.
        built_in_broker: Take the built-in broker even where Mosquitto is there.
    """

    recording: Recording
    profile: Profile
    point: ProfilePoint
    region: str = "CN"
    port: int = 0
    built_in_broker: bool = False


class Replay(Installation):
    """A replay that is running."""

    def __init__(self, folder: Path, part: Part) -> None:
        super().__init__(
            folder,
            site=SITE,
            start=part.recording.marks[0][0],
            port=part.port,
            built_in_broker=part.built_in_broker,
        )
        self.part = part

    @property
    def ref(self) -> str:
        """The point, as the journal knows it."""
        return f"{DEVICE}.{self.part.point.name}"

    @override
    def simulator(self) -> Sequence[str]:
        plan = self.folder / "plan.json"
        part = self.part
        write_plan(plan, part.recording, profile=part.profile.name, point=part.point.name)
        return python("millprint.replay.meter", str(plan))

    @override
    def configure(self, endpoints: Mapping[str, str], broker_url: str) -> None:
        part, every_ms = self.part, self.part.recording.poll_every_ms
        ratios = "ct = 1\n" if "ct" in part.point.ratios else ""  # its values are whole as they are
        (self.folder / "collector.toml").write_text(
            f'site = "{SITE}"\ncollector = "{DEVICE}"\n\n[mqtt]\nurl = "{broker_url}"\n\n'
            f'[spool]\npath = "var/replay.spool"\ncommit_every = "{_COMMIT_EVERY * every_ms}ms"\n\n'
            f'[buses.{BUS}]\nurl = "{endpoints[BUS]}"\n\n'
            f'[devices.{DEVICE}]\nbus = "{BUS}"\nunit = {UNIT}\nprofile = "{part.profile.name}"\n'
            f'every = "{every_ms}ms"\npoints = ["{part.point.name}"]\n{ratios}',
            encoding="utf-8",
        )
        carrier = _CARRIERS.get(stored_unit(part.point.name), "electricity")
        first = part.recording.marks[0][0] - timedelta(days=1)
        (self.folder / "plant").mkdir(exist_ok=True)
        (self.folder / "plant" / f"{first.date()}.toml").write_text(
            f'[site]\nid = "{SITE}"\ntimezone = "{part.recording.mapping.zone.key}"\n'
            f'region = "{part.region}"\n\n'
            f'[machines.{DEVICE}]\nprocess = "finishing"\n{carrier} = "{self.ref}"\n\n'
            f'[supplies.all]\ncarrier = "{carrier}"\nmeter = "{self.ref}"\n',
            encoding="utf-8",
        )

    @override
    def collector(self) -> Sequence[str]:
        return ("--commit-by-clock",)


def until_stored(replay: Replay, tell: Callable[[int], None]) -> None:
    """Wait until the journal holds every row; tells how many it holds.

    Raises:
        Refused: Nothing moved for a long time.
    """
    recording = replay.part.recording
    marks = [at for at, _ in recording.marks]
    last = marks[-1]
    behind = 2 * _COMMIT_EVERY * timedelta(milliseconds=recording.poll_every_ms)
    most, end, held = -1, 0.0, False
    while True:
        stored = _stored_until(replay)
        count = bisect_right(marks, stored) if stored else 0
        if count > most or not end:
            most, end = count, time.monotonic() + _PATIENCE_S
        tell(count)
        if stored and stored >= last:
            return
        if not held and datetime.fromisoformat(replay.truth()["now"]) >= last + behind:
            replay.hold()
            held = True
        _look_after(replay, end)
        time.sleep(_LOOK_EVERY_S)


def _look_after(replay: Replay, end: float) -> None:
    bad = replay.household.watch()
    if bad:
        raise replay.refusal(bad)
    if time.monotonic() > end:
        values = {"seconds": f"{_PATIENCE_S:g}"}
        raise Refused(Problem("demo-did-not-end", str(replay.folder), values=values))


def _stored_until(replay: Replay) -> datetime | None:
    """How far the service knows the meter, with nothing missing before."""
    try:
        now = datetime.fromisoformat(replay.get("/site")["now"])
    except OSError:
        return None  # it is starting, or was killed and starts again
    return now if now >= replay.part.recording.marks[0][0] else None


def counter_of(profile: Profile, name: str) -> ProfilePoint:
    """The counter of a model that is to be replayed; the first of energy taken, if not said.

    Raises:
        Refused: It has none, or none of that name.
    """
    counters = [point for point in profile.points if point.kind is Kind.COUNTER]
    by_name = {point.name: point for point in counters}
    for wanted in (name,) if name else ("energy_import_kwh", *by_name):
        if wanted in by_name:
            return by_name[wanted]
    values = {"point": name or "-", "profile": profile.name, "known": ", ".join(by_name) or "-"}
    raise Refused(Problem("replay-no-such-counter", f"--point {name}", values=values))
