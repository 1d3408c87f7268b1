"""The plant's files, as far as they tell of networks, trees of meters, effluent and the roof."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from api import plant as plant_files
from api.calendar import spans
from api.ledger import networks
from api.ledger.meter import Meter
from api.ledger.plant import Network, Plant
from collector.toml_files import say
from collector.wire.problem import Refused
from tests.api.given import PLANT, START

STEAM = """
[networks.steam]
basis = "heat"
pressure = "header.pressure_kpa_abs"
temperature = "header.temperature_c"
pressure_kpa_abs = 800
dryness = 0.97
feed_heat = "subtract"
feed_kj_per_kg = 83.74
"""
WORKS = """
[utilities.works]
makes = "water"
uses = { steam = "works.mass_kg" }
"""
EFFLUENT = """
[utilities.wwtp]
takes = "wastewater"
output = "wwtp.volume_m3"
uses = { electricity = "wwtp.energy_kwh" }
treatment = "aerobic"
cod_in = "wwtp.cod_in_mg_l"
cod_out = "wwtp.cod_out_mg_l"
nitrogen_in = "wwtp.tn_in_mg_l"
cod_of = { "jet-01.waste_m3" = "jet-01.cod_mg_l" }
"""
ROOF = """
[supplies.roof-pv]
carrier = "electricity"
source = "solar"
meter = "pv-1.energy_kwh"
export_meter = "main-1.energy_export_kwh"
"""
TREE = """
[meters."hall.energy_kwh"]
behind = "main-1.energy_import_kwh"
class = "0.5S"
unmetered = "share"
[meters."jet-01-power.energy_import_kwh"]
behind = "hall.energy_kwh"
"""


def read(tmp_path: Path, text: str) -> Plant:
    path = tmp_path / "2026-03-01.toml"
    path.write_text(text, encoding="utf-8")
    return plant_files.read(path)


def refused(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    """Codes of what is wrong, with their words in English."""
    with pytest.raises(Refused) as fault:
        read(tmp_path, text)
    return [(problem.code, say(problem, "en")) for problem in fault.value.problems]


def test_a_steam_network_is_read_with_all_that_decides_its_heat(tmp_path: Path):
    (network,) = read(tmp_path, PLANT + STEAM).networks

    assert network.heat is not None
    assert (network.heat.pressure_kpa_abs, network.heat.dryness) == (800, Decimal("0.97"))
    assert (network.heat.feed_heat, network.heat.feed_kj_per_kg) == ("subtract", Decimal("83.74"))


def test_a_network_that_only_buys_has_a_window_of_its_own(tmp_path: Path):
    bought = '[supplies.park]\ncarrier = "hot_water"\nmeter = "park.volume_m3"\n'
    one = read(tmp_path, PLANT + bought + '[networks.hot_water]\nbalance_over = "1h"\n')

    assert len(spans(one, START, START + timedelta(hours=3))["hot_water"]) == 3


def test_a_network_of_mass_needs_no_more_than_its_terms(tmp_path: Path):
    one = read(tmp_path, PLANT + '[networks.steam]\nlosses = "overhead"\n')

    assert one.networks == (Network("steam", "overhead"),)


def test_utilities_that_feed_each_other_take_the_window_that_one_of_them_declares(tmp_path: Path):
    one = read(tmp_path, PLANT + WORKS)

    assert [utility.balance_over for utility in one.utilities] == [timedelta(minutes=30)] * 2


def test_two_windows_in_one_set_are_refused(tmp_path: Path):
    ((code, words),) = refused(tmp_path, PLANT + WORKS + 'balance_over = "1d"\n')

    assert code == "two-windows-in-one-set"
    assert "boiler-1, works" in words


def test_an_effluent_plant_is_balanced_by_the_calendar_month(tmp_path: Path):
    text = PLANT.replace("steam = ", 'wastewater = "jet-01.waste_m3"\nsteam = ', 1) + EFFLUENT
    one = read(tmp_path, text)

    works = one.utilities[1]
    assert (works.makes, works.balance_over) == ("wastewater", None)
    assert works.treatment is not None
    assert works.treatment.cod_of == (("jet-01.waste_m3", "jet-01.cod_mg_l"),)
    ((start, end),) = spans(one, START, START + timedelta(hours=1))["wwtp"]
    assert (end - start).days == 31
    assert networks.gauges(one)[:2] == ("wwtp.cod_in_mg_l", "wwtp.cod_out_mg_l")


def test_a_roof_and_a_tree_of_meters_are_read(tmp_path: Path):
    one = read(tmp_path, PLANT + ROOF + TREE)

    roof = one.supplies[-1]
    assert (roof.source, roof.export_meter) == ("solar", "main-1.energy_export_kwh")
    hall = Meter(
        "hall.energy_kwh",
        accuracy=Decimal("0.005"),
        accuracy_class="0.5S",
        behind="main-1.energy_import_kwh",
        unmetered="share",
    )
    assert one.meters[0] == hall
    assert one.carrier_of()["hall.energy_kwh"] == "electricity"


COAL = """
[supplies.coal]
carrier = "bituminous_coal"
meter = "belt.coal_kg"
[utilities.boiler-2]
makes = "steam"
uses = { bituminous_coal = "belt.coal_kg" }
"""


def test_a_boiler_may_burn_coal(tmp_path: Path):
    assert read(tmp_path, PLANT + COAL).utilities[1].uses == (("bituminous_coal", "belt.coal_kg"),)


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        (STEAM.replace("pressure_kpa_abs = 800\n", ""), "wrong-value", "pressure_kpa_abs"),
        (STEAM.replace("pressure_kpa_abs\"", "pressure_kpa_gauge\""), "wrong-value", "absolute"),
        (STEAM.replace("= 800", "= 0.1"), "wrong-value", "0.612"),
        (STEAM.replace("0.97", "1.1"), "wrong-value", "dryness"),
        (STEAM.replace('"subtract"', '"half"'), "wrong-value", "half"),
        (STEAM.replace("feed_kj_per_kg = 83.74\n", ""), "wrong-value", "feed_kj_per_kg"),
        (STEAM.replace('"subtract"', '"ignore"'), "wrong-value", "feed_kj_per_kg"),
        (STEAM.replace("networks.steam", "networks.water"), "wrong-value", "only steam"),
        (STEAM.replace("networks.steam", "networks.staem"), "unknown-carrier", "staem"),
        ('[networks.steam]\nlosses = "nobody"\n', "wrong-value", "nobody"),
        ('[networks.steam]\nbasis = "volume"\n', "wrong-value", "volume"),
        ('[networks.steam]\nbalance_over = "1h"\n', "wrong-value", "utilities"),
        (ROOF.replace('"solar"', '"wind"'), "wrong-value", "wind"),
        (ROOF.replace('source = "solar"\n', ""), "wrong-value", "own generation"),
        (ROOF.replace("energy_export_kwh", "energy_import_kwh"), "meter-in-two-places", "main-1"),
        (EFFLUENT.replace('"aerobic"', '"magic"'), "wrong-value", "magic"),
        (EFFLUENT.replace("cod_in_mg_l", "cod_in"), "wrong-value", "_mg_l"),
        (EFFLUENT.replace("takes", "makes"), "wrong-value", "only what takes"),
        ('[utilities.nothing]\nuses = {}\n', "wrong-value", "either makes"),
        (TREE.replace("behind = \"main-1.energy_import_kwh\"", 'behind = "nowhere.energy_kwh"'),
         "meter-behind-nothing", "nowhere"),
        (TREE.replace("behind = \"main-1.energy_import_kwh\"",
                      'behind = "jet-02-power.energy_import_kwh"'),
         "meter-behind-nothing", "jet-02"),
        (TREE.replace("behind = \"main-1.energy_import_kwh\"",
                      'behind = "boiler-1-gas.volume_m3_0c"'),
         "meter-behind-nothing", "hall"),
        (TREE.replace("behind = \"main-1.energy_import_kwh\"", 'behind = "hall.energy_kwh"'),
         "meter-behind-nothing", "hall"),
        (TREE.replace("0.5S", "0"), "wrong-value", "0"),
        (TREE.replace('"share"', '"hide"'), "wrong-value", "hide"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(tmp_path: Path, text, code, word):
    found = refused(tmp_path, PLANT + text)

    assert code in {one for one, _ in found}
    assert any(word in words for _, words in found), found
