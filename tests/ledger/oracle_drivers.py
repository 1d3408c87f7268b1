"""An oracle of division: drivers, several batches at once, standby; minute by minute in Fractions.

Slow, obvious, and shares no code with the ledger. All edges lie on whole minutes; gauges and
states are read every minute. Amounts are Fractions of quanta (billionths of a unit).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from tests.ledger.oracle import SLOT, used

BY_QUANTITY = ("length", "area", "pieces", "passes")
OF_BATCHES = ("equal", "mass", "mass-process", *BY_QUANTITY)


@dataclass
class Stay:
    """A batch on a machine, from minute to minute, doing a process."""

    machine: str
    batch: str
    process: str
    start: int
    end: int


@dataclass
class Idling:
    """Who carries what idles: ``next-batch``, ``shift`` or ``overhead``, and how far."""

    to: str
    longest: int


@dataclass
class Scene:
    """Machines, a meter before all of them, and one of each machine's own."""

    minutes: int
    known_until: int
    machines: dict[str, Idling]
    ladders: dict[str, list[str]]
    hall: list[str]
    hall_idling: Idling
    hall_ladder: list[str]
    stays: list[Stay]
    registers: dict[str, list[tuple[int, int]]]
    shifts: list[tuple[int, int]] = field(default_factory=list)
    masses: dict[str, int] = field(default_factory=dict)
    quantities: dict[str, dict[str, int]] = field(default_factory=dict)
    coefficients: dict[str, int] = field(default_factory=dict)
    passes: dict[str, int] = field(default_factory=dict)
    rated: dict[str, int] = field(default_factory=dict)
    beside: dict[str, int] = field(default_factory=dict)
    shares: dict[str, Fraction] = field(default_factory=dict)
    gauges: dict[tuple[str, str], list[int | None]] = field(default_factory=dict)


HALL = "hall.energy_kwh"


def own_meter(machine):
    return f"{machine}.energy_kwh"


def on(scene, machines, minute):
    found = []
    for name in machines:
        here = [s for s in scene.stays if s.machine == name and s.start <= minute < s.end]
        found += sorted(here, key=lambda stay: (stay.start, stay.end))
    return found


# What a stay counts for.


def per_hour(scene, stay, quantity):
    if quantity is None or quantity <= 0:
        return None
    same = [s for s in scene.stays if (s.machine, s.batch) == (stay.machine, stay.batch)]
    return Fraction(quantity) / sum(s.end - s.start for s in same)


def of_batch(scene, stay, rung):
    """What a batch counts for by a rung that tells batches of one machine apart."""
    if rung == "equal":
        return Fraction(1)
    if rung == "mass":
        return per_hour(scene, stay, scene.masses.get(stay.batch))
    if rung == "mass-process":
        mass = per_hour(scene, stay, scene.masses.get(stay.batch))
        coefficient = scene.coefficients.get(stay.process)
        return None if mass is None or coefficient is None else mass * coefficient
    quantity = scene.quantities.get(rung, {}).get(stay.batch)
    if quantity is None and rung == "passes":
        quantity = scene.passes.get(stay.process)
    return per_hour(scene, stay, quantity)


def of_machine(scene, machine, rung, span):
    """What a machine counts for in a slice, however many batches are on it."""
    if rung == "run-hours":
        return Fraction(1)
    if rung == "rated-run-hours":
        return scene.rated.get(machine)
    if rung == "fixed":
        return scene.shares.get(machine)
    if rung == "liquor":
        litres, _ = gauge(scene, machine, "liquor", span)
        _, rise = gauge(scene, machine, "temperature", span)
        return None if litres is None or rise is None else Fraction(litres, len(span)) * rise
    found = gauge(scene, machine, rung.partition(":")[2], span)[0]
    if rung.startswith("signal:"):
        return found
    rated = scene.rated.get(machine) if rung.startswith("rated-on-hours:") else 1
    beside = scene.beside.get(machine)
    if found is None or rated is None or beside is None:
        return None
    return found * rated + beside * len(span)


def gauge(scene, machine, name, span):
    """Sum over the minutes, and sum of the rises; nothing where a minute is not known."""
    shown = scene.gauges.get((machine, name))
    if shown is None or any(shown[minute] is None for minute in span):
        return None, None
    rises = 0
    for minute in span:
        later = shown[minute + 1]
        if later is not None:
            rises += max(0, later - shown[minute])
    return sum(shown[minute] for minute in span), rises


# How an amount is divided.


def among_batches(scene, stays, ladder):
    """Batches of one machine: the first rung that all of them have, else equally."""
    for rung in [*(rung for rung in ladder if rung in OF_BATCHES), "equal"]:
        weights = [of_batch(scene, stay, rung) for stay in stays]
        if None not in weights:
            return [weight / sum(weights) for weight in weights]
    raise AssertionError


def weigh(scene, stays, rung, span):
    if rung in OF_BATCHES:
        weights = [of_batch(scene, stay, rung) for stay in stays]
        return None if None in weights else weights
    weights = []
    for stay in stays:
        counts = of_machine(scene, stay.machine, rung, span)
        if counts is None:
            return None
        weights.append(counts * part_of_machine(scene, stays, stay))
    return weights


def part_of_machine(scene, stays, stay):
    own = [other for other in stays if other.machine == stay.machine]
    parts = among_batches(scene, own, scene.ladders[stay.machine])
    return next(part for other, part in zip(own, parts, strict=True) if other is stay)


def division(scene, stays, ladder, span):
    for rung in [*ladder, "equal"]:
        weights = weigh(scene, stays, rung, span)
        if weights is not None:
            return weights
    raise AssertionError


# Idling.


def idling(scene, machines, place, overhead, rule, minute, present):
    """Whose a minute is in which a machine, or a whole group, counts for nothing."""
    if rule.to == "overhead":
        return {("overhead", overhead): Fraction(1)}
    if rule.to == "shift":
        return to_shift(scene, machines, place, overhead, rule, minute)
    coming = [s for s in scene.stays if s.machine in machines and s.start > minute]
    first = min((stay.start for stay in coming), default=None)
    takers = present or [s for n in machines for s in coming if (s.machine, s.start) == (n, first)]
    if not takers:
        over = minute + 1 <= scene.known_until - rule.longest
        return {("overhead", overhead) if over else ("standby", place, None, None): Fraction(1)}
    if not present and minute < first - rule.longest:
        return {("overhead", overhead): Fraction(1)}
    count = len({stay.machine for stay in takers})
    shares = defaultdict(Fraction)
    for stay in takers:
        part = part_of_machine(scene, takers, stay) / count
        shares["standby", place, stay.batch, stay.start] += part
    return shares


def to_shift(scene, machines, place, overhead, rule, minute):
    shift = next((one for one in scene.shifts if one[0] <= minute < one[1]), None)
    if shift is None:
        return {("overhead", overhead): Fraction(1)}
    there = [
        s
        for s in scene.stays
        if s.machine in machines and s.start < shift[1] and shift[0] < s.end and s.start < s.end
    ]
    near = [s for s in there if s.start - rule.longest <= minute < s.end + rule.longest]
    if not near:
        over = scene.known_until >= shift[1]
        return {("overhead", overhead) if over else ("standby", place, None, None): Fraction(1)}
    hours = [min(s.end, shift[1]) - max(s.start, shift[0]) for s in there]
    shares = defaultdict(Fraction)
    for stay, length in zip(there, hours, strict=True):
        shares["standby", place, stay.batch, stay.start] += Fraction(length, sum(hours))
    return shares


# All of it.


def spans(scene, machines, rule):
    """The slices of a meter: slots, cut at the edges of its runs and of what idling depends on."""
    edges = set(range(0, scene.minutes + 1, SLOT))
    for stay in scene.stays:
        if stay.machine in machines:
            edges |= {stay.start, stay.end, stay.start - rule.longest}
            if rule.to == "shift":
                edges.add(stay.end + rule.longest)
    if rule.to == "shift":
        edges |= {edge for shift in scene.shifts for edge in shift}
    inside = sorted(edge for edge in edges if 0 <= edge <= scene.minutes)
    return [range(a, b) for a, b in pairwise(inside)]


def account_of(stay):
    return ("run" if stay.batch else "held", stay.machine, stay.batch, stay.start)


def shares_of(scene, machines, place, overhead, rule, ladder, span):
    """Who takes which part of a minute of a slice; the same for each of its minutes."""
    stays = on(scene, machines, span[0])
    if stays:
        weights = division(scene, stays, ladder, span)
        if sum(weights) > 0:
            shares = defaultdict(Fraction)
            for stay, weight in zip(stays, weights, strict=True):
                shares[account_of(stay)] += Fraction(weight) / sum(weights)
            return shares
    return idling(scene, machines, place, overhead, rule, span[0], stays)


def posted(scene, site):
    """Amount by (slot, meter, account)."""
    amounts = defaultdict(Fraction)
    places = [
        ([name], name, name, rule, scene.ladders[name], own_meter(name))
        for name, rule in scene.machines.items()
    ]
    places.append((scene.hall, "hall", site, scene.hall_idling, scene.hall_ladder, HALL))
    for machines, place, overhead, rule, ladder, meter in places:
        for span in spans(scene, machines, rule):
            shares = shares_of(scene, machines, place, overhead, rule, ladder, span)
            for minute in span:
                for account, share in shares.items():
                    amounts[minute // SLOT, meter, account] += share * used(scene, meter, minute)
    return amounts
