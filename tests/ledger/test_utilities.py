"""A utility's inputs go to those who took what it made; nothing is left over."""

from decimal import Decimal

import pytest

from tests.ledger.given import SITE, Mill, boiler, charged, machine, plant, run

GAS, POWER, OUT = "boiler.gas_m3_0c", "boiler.energy_kwh", "boiler.mass_kg"
ONE, TWO = "jet-01.mass_kg", "jet-02.mass_kg"


def steam(*runs, taken=(30, 10), made=40, gas=80, power=4, windows=((0, 60, True),), **changed):
    """Two jets that take steam over an hour, and the boiler that makes it."""
    registers = {
        GAS: [(0, 0), (60, gas)],
        POWER: [(0, 0), (60, power)],
        ONE: [(0, 0), (60, taken[0])],
        TWO: [(0, 0), (60, taken[1])],
    }
    if made is not None:
        registers[OUT] = [(0, 0), (60, made)]
    else:
        changed["output"] = None
    jets = [machine("jet-01", steam=ONE), machine("jet-02", steam=TWO)]
    return Mill(
        plant(*jets, utilities=[boiler(**changed)]),
        runs or (run("B1"), run("B2", machine="jet-02")),
        registers,
        windows={"boiler-1": windows},
    )


def test_inputs_are_shared_by_what_was_taken():
    found = steam().attribution()

    assert charged(found, GAS) == {"run B1": 60, "run B2": 20}
    assert charged(found, POWER) == {"run B1": 3, "run B2": 1}
    assert {charge.rule for charge in found.charges} == {"utility"}


def test_what_was_made_and_reached_nobody_is_a_line_of_its_own():
    found = steam(made=50).attribution()

    assert charged(found, GAS, "utility") == {"run B1": 48, "run B2": 16}
    assert charged(found, GAS, "distribution-loss") == {"run B1": 12, "run B2": 4}


def test_consumers_that_show_more_than_was_made_make_no_negative_loss():
    found = steam(made=30).attribution()

    assert charged(found, GAS) == {"run B1": 60, "run B2": 20}


def test_without_an_output_meter_there_is_no_loss_to_tell():
    found = steam(made=None).attribution()

    assert charged(found, GAS) == {"run B1": 60, "run B2": 20}
    assert found.windows[0].output is None
    assert found.windows[0].lost == 0


def test_input_without_any_consumer_is_overhead_and_no_division_by_zero():
    found = steam(taken=(0, 0), made=5).attribution()

    assert charged(found, GAS) == {f"overhead {SITE}": 80}
    assert {charge.rule for charge in found.charges} == {"utility-standby"}


def test_a_boiler_that_used_nothing_charges_nobody():
    assert steam(gas=0, power=0).attribution().charges == ()


def test_steam_taken_while_idle_is_charged_to_the_standby():
    found = steam(run("B1", 30, 60), run("B2", machine="jet-02")).attribution()

    assert charged(found, GAS) == {"standby B1": 30, "run B1": 30, "run B2": 20}


def test_steam_of_a_batch_that_nobody_could_name_is_charged_to_what_is_held():
    found = steam(run(""), run("B2", machine="jet-02")).attribution()

    assert charged(found, GAS) == {"held jet-01": 60, "run B2": 20}


@pytest.mark.parametrize("made", [None, 40, 41, 53, 30])
@pytest.mark.parametrize("taken", [(30, 10), (1, 3), (7, 0), (0, 0)])
def test_what_is_charged_adds_up_to_what_was_used_exactly(taken, made):
    found = steam(taken=taken, made=made, gas=81.123456789, power=0.333333333).attribution()

    assert sum(charged(found, GAS).values()) == Decimal("81.123456789")
    assert sum(charged(found, POWER).values()) == Decimal("0.333333333")


def test_a_utilitys_own_meters_wait_in_its_account():
    assert steam().carried(GAS) == {"utility boiler-1": 80}


def test_a_window_says_what_went_in_what_came_out_and_what_was_taken():
    (window,) = steam(made=50).attribution().windows

    assert window.inputs == {GAS: 80, POWER: 4}
    assert (window.output, window.taken, window.lost) == (50, 40, 10)


HALVES = ((0, 30, True), (30, 60, False))


def test_an_open_window_is_priced_by_the_last_closed_one():
    one = steam(windows=HALVES)
    one.registers = {**one.registers, GAS: [(0, 0), (30, 60), (60, 61)]}

    found = one.attribution()

    assert charged(found, GAS, "utility") == {"run B1": 45, "run B2": 15}
    assert charged(found, GAS, "utility-last-window") == {"run B1": 45, "run B2": 15}


def test_a_closed_window_in_which_nothing_was_taken_prices_nothing():
    one = steam(windows=((0, 30, True), (30, 45, True), (45, 60, False)))
    flat = [(0, 0), (30, 15), (45, 15), (60, 30)]
    one.registers = {**one.registers, ONE: flat, TWO: [(0, 0), (60, 0)], GAS: [(0, 0), (60, 60)]}

    found = one.attribution()

    assert charged(found, GAS, "utility-last-window") == {"run B1": 30}
    assert charged(found, GAS, "utility-standby") == {f"overhead {SITE}": 15}


def test_a_first_window_that_is_open_is_shared_by_what_is_known_so_far():
    found = steam(windows=((0, 60, False),)).attribution()

    assert charged(found, GAS) == {"run B1": 60, "run B2": 20}


def test_windows_are_taken_in_order_of_time():
    one = steam(windows=tuple(reversed(HALVES)))

    assert {charge.rule for charge in one.attribution().charges} == {
        "utility",
        "utility-last-window",
    }


def test_two_boilers_on_one_main_are_both_shared_by_what_was_taken():
    one = steam(made=None)
    second = boiler(id="boiler-2", output=None, uses=(("natural_gas", "second.gas_m3_0c"),))
    one.plant = plant(*one.plant.machines, utilities=[*one.plant.utilities, second])
    one.registers = {**one.registers, "second.gas_m3_0c": [(0, 0), (60, 8)]}
    one.windows = dict.fromkeys(("boiler-1", "boiler-2"), ((0, 60, True),))

    found = one.attribution()

    assert charged(found, GAS) == {"run B1": 60, "run B2": 20}
    assert charged(found, "second.gas_m3_0c") == {"run B1": 6, "run B2": 2}
