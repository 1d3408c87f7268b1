"""An oracle: the rules of attribution, minute by minute in Fractions. Slow, obvious, independent.

It shares no code with the ledger. Amounts are Fractions of quanta (billionths of a unit).
A scene's edges all lie on whole minutes, so that nothing happens inside one.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

SLOT = 15
QUANTA = 10**9


@dataclass
class Jet:
    """A machine: its own meters by carrier, and who carries its idling."""

    meters: dict[str, str]
    idle_to: str
    idle_longest: int


@dataclass
class Stay:
    """A batch on a machine, from minute to minute; without a name nobody could read it."""

    machine: str
    batch: str
    start: int
    end: int


@dataclass
class Scene:
    """A mill and what happened in it, in minutes and hundredths of units."""

    minutes: int
    jets: dict[str, Jet]
    stays: list[Stay]
    registers: dict[str, list[tuple[int, int]]]
    known_until: int
    hall: str | None = None
    hall_jets: list[str] = field(default_factory=list)
    hall_ladder: list[str] = field(default_factory=list)
    hall_longest: int = 240
    masses: dict[str, int] = field(default_factory=dict)
    rated: dict[str, int] = field(default_factory=dict)
    boiler: dict[str, str] = field(default_factory=dict)  # carrier: meter
    boiler_out: str | None = None
    windows: list[tuple[int, int, bool]] = field(default_factory=list)
    main: str | None = None


def register(scene, meter, minute):
    """What a register showed at a minute, cut to whole quanta, halves to even."""
    shown = scene.registers[meter]
    if minute <= shown[0][0]:
        return round(Fraction(shown[0][1], 100) * QUANTA)
    for (t0, v0), (t1, v1) in pairwise(shown):
        if t0 <= minute <= t1:
            exact = Fraction(v0) + Fraction(v1 - v0) * Fraction(minute - t0, t1 - t0)
            return round(exact / 100 * QUANTA)
    return round(Fraction(shown[-1][1], 100) * QUANTA)


def used(scene, meter, minute):
    """What a meter counted in the minute that begins then."""
    if meter not in scene.registers:
        return 0
    return register(scene, meter, minute + 1) - register(scene, meter, minute)


def stay_on(scene, machine, minute):
    for stay in scene.stays:
        if stay.machine == machine and stay.start <= minute < stay.end:
            return stay
    return None


def account_of(stay):
    kind = "run" if stay.batch else "held"
    return (kind, stay.machine, stay.batch, stay.start)


def idle_account(scene, machine, minute):
    jet = scene.jets[machine]
    if jet.idle_to == "overhead":
        return ("overhead", machine)
    coming = [s for s in scene.stays if s.machine == machine and s.start > minute]
    if coming:
        following = min(coming, key=lambda stay: stay.start)
        if minute >= following.start - jet.idle_longest:
            return ("standby", machine, following.batch, following.start)
        return ("overhead", machine)
    if minute + 1 <= scene.known_until - jet.idle_longest:
        return ("overhead", machine)
    return ("standby", machine, None, None)


def hall_weights(scene, stays, rung):
    if rung == "mass":
        weights = []
        for stay in stays:
            all_of_it = sum(
                s.end - s.start
                for s in scene.stays
                if (s.machine, s.batch) == (stay.machine, stay.batch)
            )
            if not scene.masses.get(stay.batch):
                return None
            weights.append(Fraction(scene.masses[stay.batch], all_of_it))
        return weights
    if rung == "rated-run-hours":
        if any(stay.machine not in scene.rated for stay in stays):
            return None
        return [Fraction(scene.rated[stay.machine]) for stay in stays]
    return [Fraction(1) for _ in stays]  # run-hours and equal: all are on for the whole minute


def hall_shares(scene, minute, site):
    stays = [s for s in (stay_on(scene, name, minute) for name in scene.hall_jets) if s]
    for rung in [*scene.hall_ladder, "equal"]:
        weights = hall_weights(scene, stays, rung)
        if weights is not None:
            break
    if sum(weights) == 0:
        return hall_idle(scene, minute, stays, site)
    shares = defaultdict(Fraction)
    for stay, weight in zip(stays, weights, strict=True):
        shares[account_of(stay)] += weight / sum(weights)
    return shares


def hall_idle(scene, minute, present, site):
    """Whose it is while nobody counts: those there, else those who come first, else nobody's."""
    coming = [s for s in scene.stays if s.machine in scene.hall_jets and s.start > minute]
    first = min((stay.start for stay in coming), default=None)
    takers = present or [stay for stay in coming if stay.start == first]
    if not takers:
        known = minute + 1 <= scene.known_until - scene.hall_longest
        return {("overhead", site) if known else ("standby", "hall", None, None): Fraction(1)}
    if not present and minute < first - scene.hall_longest:
        return {("overhead", site): Fraction(1)}
    shares = defaultdict(Fraction)
    for stay in takers:
        shares["standby", "hall", stay.batch, stay.start] += Fraction(1, len(takers))
    return shares


def carriers(scene):
    own = [jet.meters.items() for jet in scene.jets.values()]
    found = {meter: carrier for meters in own for carrier, meter in meters}
    if scene.hall:
        found[scene.hall] = "electricity"
    return found


def posted(scene, site):
    """Amount by (slot, meter, account)."""
    amounts = defaultdict(Fraction)
    for minute in range(scene.minutes):
        slot = minute // SLOT
        for name, jet in scene.jets.items():
            stay = stay_on(scene, name, minute)
            account = account_of(stay) if stay else idle_account(scene, name, minute)
            for meter in jet.meters.values():
                amounts[slot, meter, account] += used(scene, meter, minute)
        if scene.hall:
            for account, share in hall_shares(scene, minute, site).items():
                amounts[slot, scene.hall, account] += share * used(scene, scene.hall, minute)
        for meter in scene.boiler.values():
            amounts[slot, meter, ("utility", "boiler-1")] += used(scene, meter, minute)
        if scene.main:
            behind = [m for m, carrier in carriers(scene).items() if carrier == "electricity"]
            behind += [m for carrier, m in scene.boiler.items() if carrier == "electricity"]
            left = used(scene, scene.main, minute) - sum(used(scene, m, minute) for m in behind)
            amounts[slot, scene.main, ("unmetered", "grid")] += left
    return amounts


def steam_taken(scene, minutes):
    taken = defaultdict(Fraction)
    for name, jet in scene.jets.items():
        if "steam" in jet.meters:
            for minute in minutes:
                stay = stay_on(scene, name, minute)
                account = account_of(stay) if stay else idle_account(scene, name, minute)
                taken[account] += used(scene, jet.meters["steam"], minute)
    return taken


def charged(scene):
    """Amount by (window, input meter, account), losses included."""
    amounts = defaultdict(Fraction)
    last = None
    for start, end, closed in sorted(scene.windows):
        minutes = range(start, end)
        taken = steam_taken(scene, minutes)
        whole = sum(taken.values())
        for meter in scene.boiler.values():
            amount = sum(used(scene, meter, minute) for minute in minutes)
            own = closed or last is None
            if own and not whole:
                amounts[start, meter, ("overhead", "site")] += amount
                continue
            per_unit = Fraction(amount) / whole if own else last[meter]
            for account, part in taken.items():
                amounts[start, meter, account] += per_unit * part
        if closed and whole:
            last = {
                meter: Fraction(sum(used(scene, meter, minute) for minute in minutes)) / whole
                for meter in scene.boiler.values()
            }
    return amounts
