"""Whether a mill file fits together: every name that it uses exists, every range can be drawn."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from zoneinfo import ZoneInfo

from collector.durations import milliseconds
from collector.toml_files import nearest
from collector.wire.problem import Problem
from millprint.demo.hours import span
from millprint.demo.mill import Device, Mill, Step

SITE = "site"
_CARRIERS = {
    "jets": ("electricity", "steam", "water"),
    "stenters": ("electricity", "natural_gas", "compressed_air"),
    "boilers": ("electricity", "natural_gas", "water", "steam"),
}


def sources(mill: Mill) -> tuple[str, ...]:
    """Every amount that flows in the mill, such as ``jet-01.steam``; the site's own last."""
    machines = {"jets": mill.jets, "stenters": mill.stenters, "boilers": mill.boilers}
    flows = [
        f"{name}.{carrier}"
        for kind, named in machines.items()
        for name in named
        for carrier in _CARRIERS[kind]
    ]
    flows += [f"{name}.{carrier}" for name, one in mill.ranges.items() for carrier in one.carriers]
    wet = [name for name, one in mill.ranges.items() if one.water_l_per_kg]
    flows += [f"{name}.wastewater" for name in (*mill.jets, *wet)]
    for name, one in mill.works.items():
        flows += [f"{name}.electricity", f"{name}.{one.makes}"]
        flows += [f"{name}.water"] if one.water_per_unit else []
    flows += [f"{name}.{one.carrier}" for name, one in mill.shared.items()]
    flows += ["roof.electricity", f"{SITE}.export"] if mill.roof else []
    return (*flows, *(f"{SITE}.{carrier}" for carrier in ("natural_gas", "water", "electricity")))


def plcs(mill: Mill) -> tuple[str, ...]:
    """Everything that a PLC can be at, such as ``jet-01.plc``."""
    return tuple(f"{name}.plc" for name in (*mill.jets, *mill.stenters, *mill.ranges))


def check(mill: Mill, place: str) -> list[Problem]:
    """What is wrong with a mill; `place` is its file."""
    return [
        *_site(mill, place),
        *_jets(mill, place),
        *_ranges_and_shared(mill, place),
        *_programmes(mill, place),
        *_devices(mill, place),
        *_ranges(mill, place),
    ]


def _site(mill: Mill, place: str) -> Iterator[Problem]:
    where = f"{place}  [site]"
    if mill.site.start.tzinfo is None:
        yield Problem("mill-start-without-zone", where)
    try:
        ZoneInfo(mill.site.timezone)
    except (KeyError, ValueError, OSError):
        yield Problem("mill-no-such-timezone", where, values={"timezone": mill.site.timezone})
    for kind, named in (("boilers", mill.boilers), ("works", mill.works)):
        for name, one in named.items():
            yield from _duration(one.balance_over, f"{place}  [{kind}.{name}] balance_over")
    for key, text in (("open", mill.site.open), ("lunch", mill.site.lunch)):
        try:
            span(text)
        except ValueError:
            yield _out_of_range(f"{where} {key}", text)
    if mill.once.batches_per_jet < 1:
        yield _out_of_range(f"{place}  [once] batches_per_jet", mill.once.batches_per_jet)


def _duration(text: str, where: str) -> Iterator[Problem]:
    try:
        if milliseconds(text) % 1000 or not milliseconds(text):
            yield _out_of_range(where, text)
    except ValueError:
        yield Problem("mill-no-duration", where, values={"value": text})


def _jets(mill: Mill, place: str) -> Iterator[Problem]:
    for jet in mill.jets.values():
        where = f"{place}  [jets.{jet.name}]"
        yield from _known(jet.steam_from, mill.boilers, f"{where} steam_from")
        if jet.then:
            yield from _known(jet.then, (*mill.stenters, *mill.ranges), f"{where} then")
        for programme in jet.programmes:
            yield from _known(programme, mill.programmes, f"{where} programmes")
        if not jet.programmes:
            yield _out_of_range(f"{where} programmes", "[]")


def _ranges_and_shared(mill: Mill, place: str) -> Iterator[Problem]:
    for one in mill.ranges.values():
        where = f"{place}  [ranges.{one.name}]"
        if one.steam_from or one.steam_per_kg:
            yield from _known(one.steam_from, mill.boilers, f"{where} steam_from")
        if one.then:
            yield from _known(one.then, (*mill.stenters, *mill.ranges), f"{where} then")
        for programme in one.programmes:
            yield from _known(programme, mill.programmes, f"{where} programmes")
    known = sources(mill)
    for shared in mill.shared.values():
        for machine in shared.machines:
            where = f"{place}  [shared.{shared.name}] machines"
            yield from _known(f"{machine}.{shared.carrier}", known, where)


def _programmes(mill: Mill, place: str) -> Iterator[Problem]:
    for programme in mill.programmes.values():
        for number, step in enumerate(programme.steps, start=1):
            if not _can_be_done(step):
                where = f"{place}  [programmes.{programme.name}] step {number}"
                yield Problem("mill-step-without-pace", where, values={"type": step.type})


def _can_be_done(step: Step) -> bool:
    if step.to_c is not None:
        return step.c_per_min > 0 and step.minutes >= 0
    return step.minutes > 0 or step.type in ("fill", "drain")


def _devices(mill: Mill, place: str) -> Iterator[Problem]:
    measurable = (*sources(mill), *plcs(mill))
    seen: dict[str, str] = {}
    for device in mill.devices.values():
        where = f"{place}  [devices.{device.name}]"
        yield from _known(device.bus, mill.buses, f"{where} bus")
        yield from _known(device.measures, measurable, f"{where} measures")
        yield from _duration(device.every, f"{where} every")
        if not 1 <= device.unit <= 247:
            yield _out_of_range(f"{where} unit", device.unit)
        for place_taken in (f"{device.bus} unit {device.unit}", device.measures):
            other = seen.setdefault(place_taken, device.name)
            if other != device.name:
                values = {"what": place_taken, "other": other}
                yield Problem("mill-taken-twice", where, values=values)
        yield from _pulses(device, where)


def _pulses(device: Device, where: str) -> Iterator[Problem]:
    for point, pulse in device.pulses.items():
        try:
            positive = float(pulse.each) > 0
        except ValueError:
            positive = False
        if not positive:
            yield _out_of_range(f"{where} pulses.{point} each", pulse.each)


def _ranges(mill: Mill, place: str) -> Iterator[Problem]:
    """Every number of a machine is a size, a rate or a share: none may be negative."""
    kinds: dict[str, Mapping[str, object]] = {
        "jets": mill.jets,
        "stenters": mill.stenters,
        "ranges": mill.ranges,
        "works": mill.works,
        "boilers": mill.boilers,
    }
    for kind, machines in kinds.items():
        for name, machine in machines.items():
            for key in fields(machine):  # type: ignore[arg-type]
                value = getattr(machine, key.name)
                if _wrong(key.name, value):
                    yield _out_of_range(f"{place}  [{kind}.{name}] {key.name}", value)


_MAY_BE_ZERO = (
    "air",
    "idle",
    "loss",
    "blowdown",
    "standing",
    "gap",
    "reel",
    "carry",
    "full_kw",
    "_per_kg",
    "_per_unit",
    "_per_h",
)


def _wrong(key: str, value: object) -> bool:
    match value:
        case (float() as low, float() as high):
            may_be_none = "min" in key or key in ("fabric_kg", "liquor_ratio")
            return not 0 <= low <= high or (high == 0 and not may_be_none)
        case float():
            least_open = not any(word in key for word in _MAY_BE_ZERO)
            return not (value > 0 if least_open else value >= 0)
        case _:
            return False


def _known(name: str, known: Iterable[str], where: str) -> Iterator[Problem]:
    known = sorted(known)
    if name not in known:
        values = {"name": name, "nearest": nearest(name, known), "known": ", ".join(known)}
        yield Problem("mill-unknown-name", where, values=values)


def _out_of_range(where: str, value: object) -> Problem:
    return Problem("mill-out-of-range", where, values={"value": str(value)})
