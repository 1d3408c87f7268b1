"""The whole demo mill at one simulated instant: machines, meters, and the truth about them."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from collector.profile_files import load as load_profile
from collector.profiles import Profile
from collector.toml_files import SHIPPED
from collector.wire.reading import instant, stamp, unix_ms
from millprint.demo.floor import Floor, flows_in, flows_of
from millprint.demo.machine import Flow
from millprint.demo.meters import Meter, Moment, Shown, counters_of
from millprint.demo.mill import Device, Mill
from millprint.demo.modbus_server import Unit
from millprint.demo.points import RATES, counter_of
from millprint.demo.truth import Truth

_PROFILES = (SHIPPED / "profiles",)
_STEADY: dict[str, float] = {
    "voltage_l1_v": 231.4,
    "voltage_l2_v": 230.8,
    "voltage_l3_v": 231.9,
    "frequency_hz": 50.02,
    "signal_quality": 92.0,
}
"""What hardly changes on any meter."""


class Scene:
    """A running demo mill; time passes only by `advance`.

    Args:
        mill: What there is.
        seed: What batches are drawn by; same seed, same mill, same second: same everything.
        once: Whether the orders end.
        tampered: By how much a meter's counters over-read, by device: 1.03 is 3 % too much.

    Raises:
        Refused: A device's profile does not exist or lacks a point that the mill file needs.
    """

    def __init__(
        self, mill: Mill, *, seed: int, once: bool, tampered: Mapping[str, Fraction] | None = None
    ) -> None:
        self.mill, self._seed = mill, seed
        self._zone = ZoneInfo(mill.site.timezone)
        self.start_ms = self.now_ms = unix_ms(mill.site.start)
        self._flows = flows_in(mill)
        self._truth = Truth(mill, self._flows)
        self._floor = Floor(mill, self._flows, self._truth, seed=seed, once=once)
        self._once = once
        self._moment = Moment(0, self._tariff())
        self._tampered = tampered or {}
        self._counted: dict[str, dict[str, Any]] = {}
        self._meters = {device.name: self._meter(device) for device in mill.devices.values()}

    def units(self) -> dict[str, dict[int, Unit]]:
        """Who answers on each bus, by unit id."""
        found: dict[str, dict[int, Unit]] = {bus: {} for bus in self.mill.buses}
        for device in self.mill.devices.values():
            found[device.bus][device.unit] = self._meters[device.name]
        return found

    def advance(self, until_ms: int) -> None:
        """Let time pass up to that instant, in whole seconds; never back. [unix ms]"""
        floor, truth = self._floor, self._truth
        until_s = (until_ms - self.start_ms) // 1000
        while floor.now_s < until_s:
            floor.pass_by(min(until_s, truth.next_edge_s) - floor.now_s)
            truth.passed(floor.now_s)
        self.now_ms = max(self.now_ms, until_ms)
        self._moment = Moment(floor.now_s, self._tariff())

    @property
    def finished(self) -> bool:
        """Whether the orders have ended and all of them are done."""
        return self._once and self._floor.done

    def truth(self) -> dict[str, Any]:
        """What really happened up to now, as JSON; amounts in stored units by meter point."""
        return {
            "now": stamp(instant(self.now_ms)),
            "finished": self.finished,
            "seed": self._seed,
            "batches": self._truth.batches(),
            "pending": self._truth.pending(),
            "utilities": self._truth.utilities(self._floor.now_s),
            "meters": {
                point: {**fixed, "flow": self._flows[fixed["measures"]].total}
                for point, fixed in self._counted.items()
            },
            "unmetered": self._truth.unmetered(),
        }

    def _tariff(self) -> int:
        local = instant(self.now_ms).astimezone(self._zone)
        return int(local.hour in self.mill.site.valley_hours)

    def _meter(self, device: Device) -> Meter:
        where = f"[devices.{device.name}]"
        profile = load_profile(device.profile, _PROFILES, where)
        flows = flows_of(device.machine, self._flows)
        factor = self._tampered.get(device.name, Fraction(1))
        counters = counters_of(device, profile, flows, factor=factor, where=where)
        if device.carrier != "plc":
            self._note(device, profile)
        return Meter(profile, counters, self._show(device, flows), lambda: self._moment)

    def _note(self, device: Device, profile: Profile) -> None:
        """Keep what the truth says of a meter: start and step of its register, stored units."""
        name = counter_of(device)
        pulses = device.pulses.get(name)
        shows = f"{pulses.input}_pulses" if pulses else name
        worth = Fraction(pulses.each) if pulses else Fraction(1)
        point = profile.point(shows)
        step = point.resolution if point else None
        to_stored = point.to_stored if point else Fraction(1)
        self._counted[f"{device.name}.{name}"] = {
            "measures": device.measures,
            "start_register": float(Fraction(str(device.registers.get(shows, 0))) * worth),
            "resolution": float(Fraction(step) * to_stored * worth) if step else None,
        }

    def _show(self, device: Device, flows: Mapping[str, Flow]) -> Callable[[], Shown]:
        if device.carrier == "plc":
            return self._show_plc(device)
        flow, rate = flows[device.carrier], RATES[device.carrier]
        sent = flows.get("export") if device.carrier == "electricity" else None
        boiler = self._floor.boilers.get(self._boiler_of(device))

        def show() -> Shown:
            net = flow.per_hour - (sent.per_hour if sent is not None else 0.0)
            values: dict[str, float | str] = {rate: net, **_STEADY}
            if boiler is not None and device.carrier == "steam":
                sag = 1 - 0.05 * min(1.0, boiler.load)
                values["pressure_kpa_gauge"] = boiler.spec.pressure_kpa_gauge * sag
                values["temperature_c"] = boiler.spec.steam_c - 40 * (1 - sag)
            return values

        return show

    def _boiler_of(self, device: Device) -> str:
        taker = self.mill.jets.get(device.machine) or self.mill.ranges.get(device.machine)
        return taker.steam_from if taker else device.machine

    def _show_plc(self, device: Device) -> Callable[[], Shown]:
        floor = self._floor
        machine = floor.machines[device.machine]
        start_s = self.start_ms // 1000
        return lambda: {**machine.plc(start_s), **machine.show()}
