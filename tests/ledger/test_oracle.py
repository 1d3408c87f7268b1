"""The ledger against an oracle that is slow, obvious and written apart from it."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from api.ledger.plant import SharedMeter, Standby, Supply
from collector.wire.reading import EPOCH
from tests.ledger import oracle
from tests.ledger.given import MINUTE, SITE, Mill, at, boiler, machine, plant, run, so_many
from tests.ledger.oracle import QUANTA, SLOT, Jet, Scene, Stay

BATCHES = ["B1", "B2", "B3", ""]
GAS, POWER, OUT = "boiler.gas_m3_0c", "boiler.energy_kwh", "boiler.mass_kg"
HALL, MAIN = "hall.energy_kwh", "main.energy_kwh"
MASSES = st.sampled_from(
    [{}, {"B1": 300}, {"B1": 0, "B2": 5, "B3": 7}] + 3 * [{"B1": 300, "B2": 125, "B3": 7}]
)
LADDERS = [["mass"], ["rated-run-hours", "mass"], ["mass", "run-hours"], ["run-hours"], []]


STEPS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 99_999)), max_size=5)


@st.composite
def registers(draw):
    """Readings of a counter that never falls, at any minutes, in hundredths of its unit."""
    time, shown = -20, 0
    readings = [(time, shown)]
    for gap, rise in draw(STEPS):
        time, shown = time + gap, shown + rise
        readings.append((time, shown))
    return readings[draw(st.integers(0, 1)) :] or readings


STAYS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 60), st.sampled_from(BATCHES)), max_size=5
)


@st.composite
def stays(draw, name):
    """Batches on a machine, one after the other, with gaps."""
    end, found = -30, []
    for gap, length, batch in draw(STAYS):
        start, end = end + gap, end + gap + length
        found.append(Stay(name, batch, start, end))
    return found


@st.composite
def scenes(draw):
    """A small mill: one to three machines, a boiler, a hall's meter, a main meter."""
    minutes = SLOT * draw(st.integers(2, 8))
    names = [f"jet-{n}" for n in range(draw(st.integers(1, 3)))]
    steam = draw(st.booleans())
    jets = {}
    for name in names:
        meters = {"electricity": f"{name}.energy_kwh"}
        if steam and draw(st.booleans()):
            meters["steam"] = f"{name}.mass_kg"
        to = draw(st.sampled_from(["next-batch", "next-batch", "overhead"]))
        jets[name] = Jet(meters, to, SLOT * draw(st.integers(1, 4)))
    scene = Scene(
        minutes,
        jets,
        [stay for name in names for stay in draw(stays(name))],
        {},
        known_until=SLOT * draw(st.integers(1, 12)),
        masses=draw(MASSES),
        rated=draw(st.sampled_from([{}, {"jet-0": 3}, {"jet-0": 3, "jet-1": 7, "jet-2": 0}])),
    )
    if steam:
        scene.boiler = {"natural_gas": GAS, "electricity": POWER}
        scene.boiler_out = draw(st.sampled_from([None, OUT]))
        cut = SLOT * draw(st.integers(1, minutes // SLOT - 1))
        scene.windows = [(0, cut, draw(st.booleans())), (cut, minutes, draw(st.booleans()))]
    if draw(st.booleans()):
        scene.hall, scene.hall_jets = HALL, draw(st.permutations(names))
        scene.hall_ladder = draw(st.sampled_from(LADDERS))
        scene.hall_longest = SLOT * draw(st.integers(1, 6))
    if draw(st.booleans()):
        scene.main = MAIN
    meters = [*oracle.carriers(scene), *scene.boiler.values()]
    meters += [one for one in (scene.boiler_out, scene.main) if one]
    scene.registers = {meter: draw(registers()) for meter in meters}
    return scene


def mill_of(scene: Scene) -> Mill:
    """The scene as the ledger sees it."""
    jets = [
        machine(name, to=jet.idle_to, longest=jet.idle_longest, **jet.meters)
        for name, jet in scene.jets.items()
    ]
    shared = SharedMeter(
        "hall",
        "electricity",
        HALL,
        tuple(scene.hall_jets),
        tuple(scene.hall_ladder),
        Standby("next-batch", scene.hall_longest * MINUTE),
    )
    maker = boiler(uses=tuple(scene.boiler.items()), output=scene.boiler_out)
    return Mill(
        plant(
            *jets,
            shared=[shared] if scene.hall else [],
            supplies=[Supply("grid", "electricity", (MAIN,))] if scene.main else [],
            utilities=[maker] if scene.boiler else [],
        ),
        [run(s.batch, s.start, s.end, machine=s.machine) for s in scene.stays],
        {m: [(t, v / 100) for t, v in shown] for m, shown in scene.registers.items()},
        {batch: str(kg) for batch, kg in scene.masses.items()},
        {name: str(kw) for name, kw in scene.rated.items()},
        until=scene.known_until,
        period=(0, scene.minutes),
        windows={"boiler-1": scene.windows},
    )


def minute_of(when):
    return round((when - at(0)).total_seconds() / 60)


def account_of(account, site="site"):
    """A ledger's account in the oracle's words."""
    if account.kind in ("run", "held"):
        return (account.kind, account.run.machine, account.run.batch, minute_of(account.run.start))
    if account.kind == "standby":
        one = account.run
        return (
            "standby",
            account.name,
            *((one.batch, minute_of(one.start)) if one else (None,) * 2),
        )
    return (account.kind, site if account.name == SITE else account.name)


def quanta(amount: Decimal) -> Fraction:
    return Fraction(amount) * QUANTA


@settings(max_examples=so_many(200))
@given(scenes())
def test_every_account_is_what_the_oracle_says_and_every_meter_closes(scene):
    mill = mill_of(scene)
    found = mill.attribution()

    accounts_agree(scene, found)
    charges_agree(scene, found)
    meters_close(mill, found)
    assert all(p.amount >= 0 for p in found.postings if p.account.kind != "unmetered")


def accounts_agree(scene, attribution):
    expected = oracle.posted(scene, "site")
    found, parts = defaultdict(Fraction), defaultdict(int)
    for posting in attribution.postings:
        key = (minute_of(posting.start) // SLOT, posting.meter, account_of(posting.account))
        found[key] += quanta(posting.amount)
        parts[key] += 1
    for key in expected.keys() | found.keys():
        shared = key[1] == HALL  # split by weight: cut to a quantum once a slice
        assert abs(found[key] - expected[key]) <= (parts[key] if shared else 0), key


def charges_agree(scene, attribution):
    expected = oracle.charged(scene)
    found = defaultdict(Fraction)
    for charge in attribution.charges:
        key = (minute_of(charge.start), charge.meter, account_of(charge.account))
        found[key] += quanta(charge.amount)
    for key in expected.keys() | found.keys():
        assert abs(found[key] - expected[key]) <= 2, key  # a quantum for use, one for loss


def meters_close(mill, attribution):
    """Per meter and slot, what is posted is the register's difference: the difference is 0."""
    posted, shown = defaultdict(Decimal), defaultdict(Decimal)
    for posting in attribution.postings:
        posted[posting.meter, slot_of(posting.start)] += posting.amount
    for meter, measured in mill.measured().items():
        for piece in measured.slices:
            shown[meter, slot_of(piece.start)] += piece.amount
    for meter, slot in shown:
        if meter == OUT:
            continue  # its amounts are the consumers' own meters' and the loss
        below = [m for m, s in posted if s == slot and m.endswith("kwh")] if meter == MAIN else []
        carried = sum((posted[m, slot] for m in {meter, *below}), Decimal(0))
        assert carried - shown[meter, slot] == 0


@settings(max_examples=so_many(50))
@given(scenes())
def test_per_window_and_input_the_charges_add_up_to_the_register_exactly(scene):
    scene.windows = [(start, end, True) for start, end, _ in scene.windows]
    mill = mill_of(scene)
    charges = defaultdict(Decimal)
    for charge in mill.attribution().charges:
        charges[charge.meter, charge.start, charge.end] += charge.amount

    measured = mill.measured()
    for start, end, _ in scene.windows:
        for meter in scene.boiler.values():
            inside = [
                p for p in measured[meter].slices if at(start) <= p.start and p.end <= at(end)
            ]
            whole = sum((piece.amount for piece in inside), Decimal(0))
            assert charges[meter, at(start), at(end)] == whole


NEW = {"B1": "zz-9", "B2": "缸号-7", "B3": "A", "": ""}


@settings(max_examples=so_many(50))
@given(scenes())
def test_renaming_batches_changes_nothing_but_their_names(scene):
    renamed = replace(
        scene,
        stays=[replace(stay, batch=NEW[stay.batch]) for stay in scene.stays],
        masses={NEW[batch]: kg for batch, kg in scene.masses.items()},
    )

    before, after = (mill_of(one).attribution() for one in (scene, renamed))

    assert told(before, NEW) == told(after, {})


def told(found, names):
    def account(one):
        words = account_of(one)
        return tuple(names.get(word, word) for word in words) if one.run else words

    return (
        [(p.meter, p.start, p.end, p.amount, p.rule, account(p.account)) for p in found.postings],
        [(c.meter, c.start, c.amount, c.rule, account(c.account)) for c in found.charges],
    )


def slot_of(when):
    return (when - EPOCH) // (at(SLOT) - at(0))
