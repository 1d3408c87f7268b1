"""Works: a compressor, a softener, a heat recovery, an effluent plant; and the roof."""

import random
from collections.abc import Mapping
from datetime import timedelta
from math import pi, sin
from zoneinfo import ZoneInfo

from millprint.demo import mill
from millprint.demo.machine import Flow

_SUNRISE_H, _SUNSET_H = 6.0, 18.0


class Works:
    """A utility that follows what is taken, or given.

    Args:
        spec: What it can do.
        flows: Its flows by carrier; what it makes is one of them.
        consumers: Flows of that carrier of those who take, or give.
    """

    def __init__(
        self, spec: mill.Works, flows: Mapping[str, Flow], consumers: tuple[Flow, ...]
    ) -> None:
        self._spec, self._flows, self._consumers = spec, flows, consumers

    def take(self, seconds: int) -> None:
        """Let the seconds that the others have just had flow."""
        spec, flows = self._spec, self._flows
        made = sum(one.per_second for one in self._consumers) + spec.loss_per_h / 3600
        flows[spec.makes].pass_by(made, seconds)
        power_kw = spec.idle_kw + spec.kwh_per_unit * made * 3600
        flows["electricity"].pass_by(power_kw / 3600, seconds)
        if spec.water_per_unit:
            flows["water"].pass_by(made * spec.water_per_unit, seconds)


class Roof:
    """Solar modules: a half sine by day, and how clear the day is by the seed.

    Args:
        spec: What they can do.
        site: Where they are.
        flow: What they give.
        seed: What days are drawn by.
    """

    def __init__(self, spec: mill.Roof, site: mill.Site, flow: Flow, *, seed: int) -> None:
        self._spec, self._flow, self._seed = spec, flow, seed
        self._start = site.start.astimezone(ZoneInfo(site.timezone))
        self._day, self._clear = -1, 0.0

    def take(self, now_s: int, seconds: int) -> None:
        """Let the seconds from then on shine."""
        now = self._start + timedelta(seconds=now_s)
        if now.toordinal() != self._day:
            self._day = now.toordinal()
            draw = random.Random(f"{self._seed}/roof/{self._day}")
            self._clear = draw.uniform(*self._spec.clear)
        hour = now.hour + now.minute / 60
        share = max(0.0, sin(pi * (hour - _SUNRISE_H) / (_SUNSET_H - _SUNRISE_H)))
        self._flow.pass_by(self._spec.peak_kw * self._clear * share / 3600, seconds)
