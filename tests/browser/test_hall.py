"""The hall: every machine, what it does, and what it costs."""

import re
from collections.abc import Callable

import pytest

from millprint.demo.stage import Stage
from tests.browser.conftest import Hall, Reader, shot

MACHINES = {"jet-01", "jet-02", "stenter-1"}


def test_every_machine_is_there_with_its_state_and_gauges(hall: Hall) -> None:
    assert set(hall.cards) == MACHINES
    for name, card in hall.cards.items():
        assert card.state in ("running", "idle"), name
        assert card.said == card.state.capitalize()
        assert re.fullmatch(r"[\d.,]+ kW", card.gauges["power"]), name
        assert card.cut == [], name


def test_a_machine_that_runs_says_its_step_and_what_the_batch_costs_so_far(hall: Hall) -> None:
    jets = [hall.cards[name] for name in ("jet-01", "jet-02")]
    running = [card for card in jets if card.state == "running"]

    assert running
    for card in running:
        assert card.step
        assert set(card.gauges) >= {"power", "steam_flow", "water_flow", "bath_temperature"}
    assert any(re.search(r"[\d.,]+ kgCO₂e", card.so_far) for card in running)


def test_a_running_mill_is_counted_and_well(hall: Hall) -> None:
    running = sum(card.state == "running" for card in hall.cards.values())

    assert re.match(rf"Running\s+{running} of 3\b", hall.summary)
    assert hall.health == "ok"


def test_a_running_mill_shows_without_error_and_asks_nobody_else(hall: Hall) -> None:
    assert hall.seen.errors == []
    assert hall.abroad == []
    assert hall.violations == []
    assert hall.seen.dialogs == []


def test_a_finished_mill_idles_and_says_what_that_costs(reader: Reader, mill: Stage) -> None:
    page = reader.open()
    page.wait_for_selector("[data-testid=stands-out]")
    shot(page, "hall-finished-desktop")

    states = page.eval_on_selector_all(
        "[data-testid=machine]", "cards => cards.map((card) => card.dataset.state)"
    )
    assert states == ["idle"] * 3
    costs = page.get_by_test_id("idle-cost").all_inner_texts()
    assert all(re.fullmatch(r"¥[\d.,]+\s+/h", cost) for cost in costs), costs
    assert re.search(r"¥[\d.,]+/h", page.get_by_test_id("waste").inner_text())
    last = page.get_by_test_id("last-batch").first.locator("a").inner_text()
    assert last in [one["id"] for one in mill.get("/batches")["batches"]]


def test_what_stands_out_comes_the_costliest_first(reader: Reader, mill: Stage) -> None:
    page = reader.open()
    page.wait_for_selector("[data-testid=stands-out]")

    idle = page.locator("[data-kind=idle] [data-testid=money-per-hour]").all_inner_texts()
    costs = [float(text.removeprefix("¥").removesuffix("/h").replace(",", "")) for text in idle]
    said = [float(one["per_hour"]["money"]) for one in mill.get("/machines")["machines"]]
    assert costs == sorted(costs, reverse=True)
    assert costs == sorted((cost for cost in said if cost > 0), reverse=True)


@pytest.mark.long
def test_a_collector_that_has_gone_is_told(come: Callable[..., Reader]) -> None:
    page = come().open()
    page.wait_for_selector("#health[data-status=warn]")

    page.click("#health")
    failing = page.locator(".check-bad").first
    failing.wait_for()
    assert re.search("stopped|lost", failing.inner_text())
