"""What came into the mill is what batches, idling, overhead, losses, exports and others carry."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from api.ledger.plant import Network, Supply
from api.ledger.solar import SOLAR
from tests.ledger.given import boiler, so_many
from tests.ledger.oracle import SLOT
from tests.ledger.test_oracle import registers
from tests.ledger.test_tree import MAIN, SUN, mill_of, trees

GAS, POWER, STEAM, WATER = "b.gas_m3_0c", "b.energy_kwh", "b.steam_kg", "b.water_m3"
WELL, PUMP, PARK = "w.steam_kg", "w.energy_kwh", "park.mass_kg"
FACTORS = {
    "electricity": Decimal("0.5777"),
    SOLAR: Decimal("0.0520"),
    "natural_gas": Decimal("2.16219"),
    "steam": Decimal("0.396"),
}


@st.composite
def mills(draw):
    """A tree of meters, perhaps a roof, a boiler and water works that feed each other."""
    tree = draw(trees())
    mill = mill_of(tree)
    jets = []
    for place, jet in enumerate(mill.plant.machines):
        taken = draw(st.lists(st.sampled_from(["steam", "water"]), unique=True))
        own = tuple((c, f"{jet.id}.{c}_{'kg' if c == 'steam' else 'm3'}") for c in taken)
        jets.append(replace(jet, meters=(*jet.meters, *own)))
        assert place < 3
    uses = [("natural_gas", GAS), ("electricity", POWER)]
    uses += [("water", WATER)] if draw(st.booleans()) else []
    well = [("electricity", PUMP), *([("steam", WELL)] if draw(st.booleans()) else [])]
    made = draw(st.sampled_from([None, STEAM]))
    utilities = (
        boiler(id="boiler", uses=tuple(uses), output=made),
        boiler(id="works", makes="water", uses=tuple(well), output=None),
    )
    park = (Supply("park", "steam", (PARK,)),) if draw(st.booleans()) else ()
    losses = draw(st.sampled_from(["consumers", "overhead"]))
    mill.plant = replace(
        mill.plant,
        machines=tuple(jets),
        utilities=utilities,
        supplies=(*mill.plant.supplies, Supply("gas", "natural_gas", (GAS,)), *park),
        networks=(Network("steam", losses),),
    )
    new = {m for jet in jets for _, m in jet.meters} | {m for _, m in (*uses, *well)}
    new |= {made} if made else set()
    new |= {PARK} if park else set()
    shown = {meter: draw(registers()) for meter in sorted(new - set(mill.registers))}
    mill.registers = {
        **mill.registers,
        **{meter: [(t, v / 100) for t, v in found] for meter, found in shown.items()},
    }
    cut = SLOT * draw(st.integers(1, tree.scene.minutes // SLOT))
    edges = sorted({0, cut, tree.scene.minutes})
    spans = [(a, b, True) for a, b in pairwise(edges)]
    mill.windows = {"boiler": spans, "works": spans}
    return mill


@settings(max_examples=so_many(60))
@given(mills())
def test_the_mills_emissions_are_those_of_all_accounts_together_exactly(mill):
    found = mill.attribution()

    carried = defaultdict(Decimal)
    for one in found.postings:
        handed_on = one.account.kind == "utility" or (
            one.rule == "unmetered-share" and one.account.run is None
        )
        if not handed_on and one.carrier in FACTORS and one.carrier != "steam":
            carried[one.carrier] += one.amount
    for one in found.charges:
        if one.carrier in FACTORS:
            carried[one.carrier] += one.amount
        assert one.carrier in FACTORS or one.carrier in ("electricity", "water")
    measured = mill.measured()
    shown = {
        carrier: sum((p.amount for p in measured[meter].slices), Decimal(0))
        for carrier, meter in (
            ("electricity", MAIN), (SOLAR, SUN), ("natural_gas", GAS), ("steam", PARK)
        )
        if meter in measured
    }  # fmt: skip
    emitted = sum(amount * FACTORS[carrier] for carrier, amount in shown.items())
    assert sum(amount * FACTORS[carrier] for carrier, amount in carried.items()) == emitted
    for carrier, amount in shown.items():
        assert carried[carrier] == amount, carrier
    assert all(p.amount >= 0 for p in found.postings if p.account.kind != "unmetered")
