"""The simulator of a replay: one meter whose counter shows what a recording counted.

``python -m millprint.replay.meter PLAN``. Prints one JSON line with its endpoint, then runs until
SIGTERM. What is recorded becomes visible when its interval ends.
"""

import argparse
import asyncio
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from collector.profile_files import load as load_profile
from collector.toml_files import SHIPPED
from collector.wire.reading import instant, stamp, unix_ms
from millprint.demo.counters import Counter
from millprint.demo.meters import Meter, Moment
from millprint.demo.modbus_server import serve_tcp
from millprint.demo.simulator import run
from millprint.replay.recording import Recording

BUS, UNIT = "line", 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What a simulator needs to know, as it stands in a file.

    Attributes:
        profile: The meter's model.
        point: The counter.
        ats: When the recording says something. [ms since 1970]
        totals: What had been counted by then, decimals in the point's unit.
    """

    profile: str
    point: str
    ats: tuple[int, ...]
    totals: tuple[str, ...]


def write_plan(path: Path, recording: Recording, *, profile: str, point: str) -> None:
    """Write what the simulator will read."""
    body = {
        "profile": profile,
        "point": point,
        "ats": [unix_ms(at) for at, _ in recording.marks],
        "totals": [str(total) for _, total in recording.marks],
    }
    path.write_bytes(orjson.dumps(body))


class Recorded:
    """What has been counted up to the simulated now, exactly."""

    def __init__(self, plan: Plan) -> None:
        self._ats, self._totals = plan.ats, [Fraction(total) for total in plan.totals]
        self.total = self._totals[0]

    def reach(self, now_ms: int) -> None:
        """Let time pass up to that instant."""
        self.total = self._totals[max(0, bisect_right(self._ats, now_ms) - 1)]


class Scene:
    """One meter at one simulated instant; time passes only by `advance`."""

    def __init__(self, plan: Plan) -> None:
        profile = load_profile(plan.profile, (SHIPPED / "profiles",), "--profile")
        point = profile.point(plan.point)
        assert point is not None, "who wrote the plan has looked"
        self._flow = Recorded(plan)
        self.start_ms = self.now_ms = plan.ats[0]
        counter = Counter(point, Fraction(0), self._flow, 1 / point.to_stored)
        self.meter = Meter(
            profile, {plan.point: counter}, dict, lambda: Moment(self.now_ms // 1000, 0)
        )

    def advance(self, until_ms: int) -> None:
        """Let time pass up to that instant; never back. Behind the end nothing more flows."""
        self.now_ms = max(self.now_ms, until_ms)
        self._flow.reach(self.now_ms)

    def truth(self) -> Mapping[str, Any]:
        """How far it has come."""
        return {"now": stamp(instant(self.now_ms))}


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser(prog="millprint.replay.meter", description=__doc__)
    parser.add_argument("plan", type=Path)
    body = orjson.loads(parser.parse_args().plan.read_bytes())
    plan = Plan(body["profile"], body["point"], tuple(body["ats"]), tuple(body["totals"]))
    scene = Scene(plan)
    asyncio.run(run(scene, {BUS: partial(serve_tcp, {UNIT: scene.meter})}, speed=0))


if __name__ == "__main__":
    main()
