"""Division and standby against an oracle, over many mills; MILLPRINT_MILLS says how many."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from api.ledger.accounts import Run
from api.ledger.plant import Machine, Process, SharedMeter, Standby
from gateway.intervals import Curve
from tests.ledger import oracle_drivers as oracle
from tests.ledger.given import MINUTE, SITE, Mill, at, plant, samples, so_many
from tests.ledger.oracle import SLOT
from tests.ledger.oracle_drivers import HALL, Idling, Scene, Stay, own_meter
from tests.ledger.test_oracle import minute_of, quanta, registers, slot_of

BATCHES = ["B1", "B2", "B3", "B4", ""]
PROCESSES = ["dyeing-exhaust", "drying"]
OWN = ["mass", "mass-process", "length", "area", "pieces", "passes", "equal"]
SIGNALS = ["signal:motor_on", "power:motor_on", "rated-on-hours:motor_on", "liquor"]
RUNGS = [*OWN, "rated-run-hours", "run-hours", "fixed", *SIGNALS]
LIKELY = ["signal:motor_on", *SIGNALS, "mass", "fixed", *RUNGS]
SOME = st.dictionaries(st.sampled_from(BATCHES[:4]), st.integers(-1, 900), min_size=2)
STAYS = st.lists(
    st.tuples(
        st.integers(-30, 100),
        st.integers(1, 60),
        st.sampled_from(BATCHES),
        st.sampled_from(PROCESSES),
    ),
    max_size=4,
)
IDLING = st.builds(
    Idling,
    st.sampled_from(["next-batch", "next-batch", "shift", "overhead"]),
    st.integers(1, 4).map(lambda quarters: 15 * quarters),
)
SHIFTS = st.sampled_from(
    [[(-60, 60), (60, 180)], [(-60, 37), (37, 180)], [(0, 40), (50, 70)], [(-500, 500)], []]
)


@st.composite
def gauges(draw, minutes):
    """A gauge that steps up and down, with bad readings here and there."""
    steps = draw(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 3)), max_size=6))
    shown, level = [], draw(st.integers(0, 2))
    for length, value in steps:
        shown += [level] * length
        level = value
    shown = (shown + [level] * (minutes + 1))[: minutes + 1]
    for place in draw(st.sampled_from([[], [], [], [7], [20, 21]])):
        shown[place] = None
    return shown


@st.composite
def scenes(draw):
    """One to three machines behind one meter, several batches at once, every driver."""
    minutes = SLOT * draw(st.integers(2, 6))
    names = [f"m-{n}" for n in range(draw(st.integers(1, 3)))]
    meters = [HALL, *(own_meter(name) for name in names)]
    shares = draw(st.lists(st.integers(0, 4), min_size=len(names), max_size=len(names)))
    return Scene(
        minutes=minutes,
        known_until=SLOT * draw(st.integers(1, 12)),
        machines={name: draw(IDLING) for name in names},
        ladders={name: draw(st.lists(st.sampled_from(OWN), max_size=2)) for name in names},
        hall=draw(st.permutations(names)),
        hall_idling=draw(IDLING),
        hall_ladder=draw(st.lists(st.sampled_from(LIKELY), max_size=3, unique=True)),
        stays=[Stay(n, b, p, s, s + length) for n in names for s, length, b, p in draw(STAYS)],
        registers={meter: draw(registers()) for meter in meters},
        shifts=draw(SHIFTS),
        masses=draw(SOME),
        quantities={kind: draw(SOME) for kind in oracle.BY_QUANTITY},
        coefficients=draw(st.sampled_from([{}, {"drying": 2}, {"drying": 2, "dyeing-exhaust": 3}])),
        passes=draw(st.sampled_from([{}, {"drying": 1, "dyeing-exhaust": 2}])),
        rated=draw(st.dictionaries(st.sampled_from(names), st.integers(0, 90))),
        beside=draw(st.dictionaries(st.sampled_from(names), st.integers(0, 9))),
        shares={n: Fraction(s, 8) for n, s in zip(names, shares, strict=True) if s < 4},
        gauges={
            (name, gauge): draw(gauges(minutes))
            for name in names
            for gauge in ("motor_on", "liquor", "temperature")
            if draw(st.integers(0, 4))
        },
    )


def mill_of(scene: Scene) -> Mill:
    """The scene as the ledger sees it."""
    standby = {n: Standby(rule.to, rule.longest * MINUTE) for n, rule in scene.machines.items()}
    machines = [
        Machine(
            name,
            "dyeing-exhaust",
            meters=(("electricity", own_meter(name)),),
            standby=standby[name],
            drivers=tuple(scene.ladders[name]),
        )
        for name in scene.machines
    ]
    hall = SharedMeter(
        "hall",
        "electricity",
        HALL,
        tuple(scene.hall),
        tuple(scene.hall_ladder),
        Standby(scene.hall_idling.to, scene.hall_idling.longest * MINUTE),
        {
            name: Decimal(share.numerator) / share.denominator
            for name, share in scene.shares.items()
        },
    )
    processes = {
        name: Process(decimal(scene.coefficients.get(name)), decimal(scene.passes.get(name)), "")
        for name in PROCESSES
    }
    return Mill(
        replace(plant(*machines, shared=[hall]), processes=processes),
        [
            Run(s.machine, s.batch, s.process, at(s.start), at(s.end), said=s.batch)
            for s in scene.stays
        ],
        {m: [(t, v / 100) for t, v in shown] for m, shown in scene.registers.items()},
        {batch: str(kg) for batch, kg in scene.masses.items()},
        {name: str(kw) for name, kw in scene.rated.items()},
        until=scene.known_until,
        period=(0, scene.minutes),
        facts={
            "quantities": {
                kind: {batch: Decimal(number) for batch, number in by.items()}
                for kind, by in scene.quantities.items()
            },
            "curves": {
                key: Curve(samples(*enumerate(shown))) for key, shown in scene.gauges.items()
            },
            "work_shifts": [(at(a), at(b)) for a, b in scene.shifts],
            "beside_kw": {name: Decimal(kw) for name, kw in scene.beside.items()},
        },
    )


def decimal(number):
    return None if number is None else Decimal(number)


def account_of(account):
    if account.kind in ("run", "held"):
        return (account.kind, account.run.machine, account.run.batch, minute_of(account.run.start))
    if account.kind == "standby":
        one = account.run
        own = (one.batch, minute_of(one.start)) if one else (None, None)
        return ("standby", account.name, *own)
    return (account.kind, "site" if account.name == SITE else account.name)


def amounts(found):
    """Amount by (slot, meter, account), and how many postings it is made of."""
    by_account, parts = defaultdict(Fraction), defaultdict(int)
    for posting in found.postings:
        key = (minute_of(posting.start) // SLOT, posting.meter, account_of(posting.account))
        by_account[key] += quanta(posting.amount)
        parts[key] += 1
    return by_account, parts


@settings(max_examples=so_many(150))
@given(scenes())
def test_every_account_is_what_the_oracle_says_and_every_meter_closes(scene):
    mill = mill_of(scene)
    found = mill.attribution()

    expected = oracle.posted(scene, "site")
    by_account, parts = amounts(found)
    for key in expected.keys() | by_account.keys():
        assert abs(by_account[key] - expected[key]) <= parts[key], key
    closes(mill, found)
    for posting in found.postings:
        numbers = (posting.measured, posting.interpolated, posting.estimated)
        assert min(numbers) >= 0
        assert sum(numbers) == posting.amount


def closes(mill, found):
    posted, shown = defaultdict(Decimal), defaultdict(Decimal)
    for posting in found.postings:
        posted[posting.meter, slot_of(posting.start)] += posting.amount
    for meter, measured in mill.measured().items():
        for piece in measured.slices:
            shown[meter, slot_of(piece.start)] += piece.amount
    for key, amount in shown.items():
        assert posted[key] - amount == 0, key


NEW = {"B1": "zz-9", "B2": "缸号-7", "B3": "A", "B4": "0", "": ""}


@settings(max_examples=so_many(30))
@given(scenes())
def test_renaming_batches_changes_nothing_but_their_names(scene):
    renamed = replace(
        scene,
        stays=[replace(stay, batch=NEW[stay.batch]) for stay in scene.stays],
        masses={NEW[batch]: kg for batch, kg in scene.masses.items()},
        quantities={
            kind: {NEW[batch]: number for batch, number in by.items()}
            for kind, by in scene.quantities.items()
        },
    )

    before, after = (mill_of(one).attribution().postings for one in (scene, renamed))

    assert [told(one, NEW) for one in before] == [told(one, {}) for one in after]


def told(posting, names):
    account = posting.account
    batch = account.run and names.get(account.run.batch, account.run.batch)
    return (posting.meter, posting.start, posting.amount, posting.rule, account.kind, batch)


@settings(max_examples=so_many(30))
@given(scenes(), st.randoms())
def test_the_order_in_which_runs_came_moves_no_account_by_more_than_a_quantum_a_slice(
    scene, chance
):
    shuffled = replace(scene, stays=chance.sample(scene.stays, len(scene.stays)))

    (before, parts), (after, _) = (amounts(mill_of(s).attribution()) for s in (scene, shuffled))

    for key in before.keys() | after.keys():
        assert abs(before[key] - after[key]) <= parts[key], key


@settings(max_examples=so_many(30))
@given(scenes(), st.data())
def test_cutting_a_run_in_two_moves_no_batch_by_more_than_a_quantum_a_slice(scene, data):
    """Signals apart: what they say of a slot is asked piece by piece where it is cut."""
    scene.hall_ladder = [r for r in scene.hall_ladder if r not in ("liquor", "signal:motor_on")]
    long = [place for place, stay in enumerate(scene.stays) if stay.end - stay.start > 1]
    cut = list(scene.stays)
    for place in data.draw(st.sets(st.sampled_from(long))) if long else ():
        stay = scene.stays[place]
        middle = data.draw(st.integers(stay.start + 1, stay.end - 1))
        cut[place] = replace(stay, end=middle)
        cut.append(replace(stay, start=middle))

    before, _ = by_batch(scene)
    after, parts = by_batch(replace(scene, stays=cut))

    for key in before.keys() | after.keys():
        assert abs(before[key] - after[key]) <= 2 * parts[key] + 2, key


def by_batch(scene):
    """Amount by slot, meter, kind and batch; the two halves of a run are one batch."""
    found, parts = amounts(mill_of(scene).attribution())
    merged, count = defaultdict(Fraction), defaultdict(int)
    for (slot, meter, account), amount in found.items():
        key = (slot, meter, account[:3])
        merged[key] += amount
        count[key] += parts[slot, meter, account]
    return merged, count
