"""The physics of the demo: formulas against published figures, machines against balances."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from millprint.demo import mill_file
from millprint.demo.boiler import Boiler
from millprint.demo.floor import flows_in, flows_of
from millprint.demo.jet import Jet
from millprint.demo.machine import Flow
from millprint.demo.orders import Batch, Numbers, Orders
from millprint.demo.physics import efficiency_at, heat_kj, mixed_c
from tests.demo.watching import Nobody

MILL = mill_file.load(mill_file.SHIPPED_MILL)
BLEACH = MILL.programmes["cotton-bleach-98"]


class OneBatch(Orders):
    """Orders for a single batch of round numbers."""

    def __init__(self) -> None:
        super().__init__(MILL, MILL.jets["jet-01"], Numbers(), seed=1, most=1)
        self._batch: Iterator[Batch] = iter(
            [Batch("B1", 400.0, 8.0, BLEACH, 1, load_factor=0.8, pace=1.0, moisture=0.5)]
        )

    def next(self) -> Batch:
        self._left = 0
        return next(self._batch)


def dyed_once() -> tuple[Jet, dict[str, Flow], float]:
    """A jet after one batch, its flows, and its bath's degrees times seconds above ambient."""
    flows = flows_of("jet-01", flows_in(MILL))
    done: list[Batch] = []
    jet = Jet(
        MILL.jets["jet-01"], MILL, flows, OneBatch(), Nobody(), lambda batch, _: done.append(batch)
    )
    warm_c_s, second = 0.0, 0
    while not done:
        stride, before_c = jet.left_s, jet.bath_c
        jet.take(stride)
        second += stride
        jet.go_on(second)
        if flows["steam"].per_second:
            warm_c_s += stride * ((before_c + jet.bath_c) / 2 - MILL.site.ambient_c)
    return jet, flows, warm_c_s


def test_a_bath_heated_as_in_the_rule_of_thumb_takes_the_steam_of_the_rule_of_thumb():
    # (liquor x 1.0 + fabric x 0.4) x dT / latent: at 1:8, 30 to 98 °C, 1.16 to 1.2 kg per kg.
    steam_kg_per_kg = heat_kj(8.0, 1.0, 98 - 30) / (484.5 * 4.19)

    assert 1.14 < steam_kg_per_kg < 1.21


def test_mixing_keeps_the_heat():
    capacity_kj_per_c = 400 * 1.7 + 1000 * 4.19

    mixed = mixed_c(capacity_kj_per_c, 98.0, 2200.0, 18.0)

    before = capacity_kj_per_c * 98.0 + 2200 * 4.19 * 18.0
    assert abs(mixed * (capacity_kj_per_c + 2200 * 4.19) - before) < 1e-6


def test_a_burner_is_best_at_full_load_and_no_better_beyond_it():
    assert efficiency_at(0, 0.87, 0.93) == 0.87
    assert efficiency_at(1, 0.87, 0.93) == efficiency_at(1.5, 0.87, 0.93) == 0.93


def test_a_batch_takes_the_water_of_its_two_baths_and_its_rinse():
    _, flows, _ = dyed_once()

    bath_l, kept_l, rinse_l = 400 * 8.0, 400 * 2.5, 8 * 380.0
    assert abs(flows["water"].total * 1000 - (bath_l + (bath_l - kept_l) + rinse_l)) < 1e-6


def test_the_steam_of_a_batch_is_the_heat_of_its_bath_and_what_the_walls_lost():
    _, flows, warm_c_s = dyed_once()

    # Filled at 18 °C onto fabric at 24 °C, heated to 98 °C; then the coil cools without steam.
    filled_c = mixed_c(400 * 1.7, 24.0, 3200.0, 18.0)
    bath_kj = heat_kj(3200.0, 400.0, 98.0 - filled_c)
    lost_kj = MILL.jets["jet-01"].loss_kw_per_c * warm_c_s
    latent = MILL.boilers["boiler-1"].latent_kj_per_kg
    assert abs(flows["steam"].total * latent / (bath_kj + lost_kj) - 1) < 0.005


def test_nothing_flows_but_standby_around_the_edges_of_a_run():
    jet, flows, _ = dyed_once()

    assert flows["steam"].per_second == flows["water"].per_second == 0.0
    assert flows["electricity"].per_hour == MILL.jets["jet-01"].idle_kw
    assert jet.batch is None


@given(st.floats(0, 1.2))
def test_a_boiler_puts_no_more_heat_into_steam_than_its_gas_holds(taken_kg: float):
    flows, taken = flows_of("boiler-1", flows_in(MILL)), Flow()
    boiler = Boiler(MILL.boilers["boiler-1"], flows, (taken,))

    taken.pass_by(taken_kg, 1)
    boiler.take(1)

    spec = boiler.spec
    steam_kj = flows["steam"].per_second * (spec.steam_kj_per_kg - spec.feed_kj_per_kg)
    gas_kj = flows["natural_gas"].per_second * spec.gas_kj_per_m3_0c
    assert steam_kj < 0.93 * gas_kj
    assert flows["steam"].per_second > taken_kg
    assert flows["water"].per_second * 1000 > flows["steam"].per_second
