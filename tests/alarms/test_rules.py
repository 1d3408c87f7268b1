"""What each rule finds, and what it says that it costs."""

from datetime import timedelta
from decimal import Decimal

from api.alarms import Heard
from api.alarms.rules import idle, intensity, kinds, residual, silent
from api.golden import WHOLE, Golden
from tests.alarms.given import at, facts, heard, load, passed, standing

GOLDEN = {("cotton", WHOLE): Golden("B2300", Decimal(2), 40)}


def test_the_kinds_of_rules_are_the_files_of_their_folder():
    assert kinds() == ("idle", "intensity", "residual", "silent")


def test_a_batch_above_its_limit_costs_what_is_above_it():
    rule = intensity.Rule(limit_kgco2e_per_kg=Decimal(2))

    (found,) = rule.find("limit", facts(load("2.5")))

    assert (found.subject, found.problem.code) == ("B2409", "alarm-above-limit")
    assert found.problem.values["is"] == "2.500"
    assert (found.cost.kgco2e, found.cost.kwh) == (Decimal(200), Decimal(20))


def test_a_batch_at_its_limit_is_within_it():
    assert intensity.Rule(limit_kgco2e_per_kg=Decimal("2.5")).find("x", facts(load("2.5"))) == []


def test_a_batch_is_measured_against_the_golden_one_of_its_article_with_a_margin():
    rule = intensity.Rule(above_golden=Decimal("0.2"))

    assert rule.find("x", facts(load("2.4"), golden=GOLDEN)) == []
    (found,) = rule.find("x", facts(load("2.5"), golden=GOLDEN))
    assert found.problem.code == "alarm-above-golden"
    assert (found.problem.values["golden"], found.problem.values["limit"]) == ("B2300", "2.400")


def test_without_a_golden_batch_nobody_is_above_it():
    assert intensity.Rule(above_golden=Decimal("0.2")).find("x", facts(load("99"))) == []


def test_a_process_is_measured_by_what_the_batch_carries_of_it_and_named_by_its_machine():
    rule = intensity.Rule(of="process", limit_kgco2e_per_kg=Decimal(1), process="dyeing-exhaust")

    (found,) = rule.find("x", facts(load("2.5"), load("9", machine="st-1", process="drying")))

    assert (found.subject, found.cost.kgco2e) == ("jet-07", Decimal(100))


def test_a_machine_is_measured_by_what_the_batch_carries_of_it():
    rule = intensity.Rule(of="machine", limit_kgco2e_per_kg=Decimal(1), machine="jet-07")

    (found,) = rule.find("x", facts(load("2.5"), load("9", machine="st-1")))

    assert found.subject == "jet-07"


def test_a_silent_meter_costs_what_flowed_before_as_if_it_went_on():
    (found,) = silent.Rule().find("x", facts(heard(30)))

    assert (found.subject, found.cost.kwh, found.cost.kgco2e) == (
        "jet-07-power",
        Decimal(30),
        Decimal(15),
    )
    assert silent.Rule().find("x", facts(heard(15))) == []
    assert silent.Rule(devices=("main-1",)).find("x", facts(heard(30))) == []


def test_a_meter_that_never_spoke_is_silent_and_nobody_knows_what_it_costs():
    (found,) = silent.Rule().find("x", facts(heard(None)))

    assert (found.cost.kgco2e, found.problem.values["since"]) == (None, "-")


def test_a_meter_is_waited_for_before_it_is_called_silent():
    new = Heard("jet-07-power", None, awaited=at(-10))

    assert silent.Rule().find("x", facts(new)) == []
    (found,) = silent.Rule(after=timedelta(minutes=5)).find("x", facts(new))
    assert found.subject == "jet-07-power"


def test_a_machine_that_stands_costs_all_that_it_took_since_then():
    (found,) = idle.Rule(after=timedelta(minutes=45)).find("x", facts(standing(90, "12")))

    assert (found.cost.kwh, found.cost.kgco2e) == (Decimal(12), Decimal(6))
    assert found.problem.values["minutes"] == "90"


def test_a_machine_that_is_switched_off_or_has_just_stopped_is_not_idle():
    rule = idle.Rule(after=timedelta(minutes=45), least_kw=Decimal(2))

    assert rule.find("x", facts(standing(90, "2.9"))) == []
    assert rule.find("x", facts(standing(45, "12"))) == []
    assert idle.Rule(machines=("jet-01",)).find("x", facts(standing(90, "12"))) == []


def test_what_has_no_price_costs_kilowatt_hours_and_nobody_knows_how_many_kilograms():
    (found,) = idle.Rule().find("x", facts(standing(90, "12"), prices={}))

    assert (found.cost.kwh, found.cost.kgco2e) == (Decimal(12), None)


def test_a_residual_is_too_large_in_both_directions():
    rule = residual.Rule(share=Decimal("0.15"))

    assert rule.find("x", facts(passed("100", "85"))) == []
    (more,) = rule.find("x", facts(passed("100", "80")))
    (less,) = rule.find("x", facts(passed("100", "120")))
    assert (more.problem.values["percent"], less.problem.values["percent"]) == ("20", "-20")
    assert (more.cost.kwh, more.cost.kgco2e) == (Decimal(20), Decimal(10))
    assert rule.find("x", facts(passed("0", "5"))) == []
    assert residual.Rule(supplies=("gas",)).find("x", facts(passed("100", "5"))) == []
