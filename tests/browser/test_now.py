"""The Now page: every machine, what it does, and what it costs."""

import re
from collections.abc import Callable

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

    assert hall.summary.startswith(f"{running} of 3 machines running")
    assert hall.health == "ok"


def test_a_running_mill_shows_without_error_and_asks_nobody_else(hall: Hall) -> None:
    assert hall.seen.errors == []
    assert hall.abroad == []
    assert hall.violations == []
    assert hall.seen.dialogs == []


def test_a_finished_mill_lists_its_batches_under_idle_machines(reader: Reader, mill: Stage) -> None:
    page = reader.open()
    page.wait_for_selector("[data-testid=batch-row]")
    shot(page, "now-finished-desktop")

    states = page.eval_on_selector_all(
        "[data-testid=machine]", "cards => cards.map((card) => card.dataset.state)"
    )
    assert states == ["idle"] * 3
    rows = page.eval_on_selector_all(
        "[data-testid=batch-row]",
        "rows => rows.map((row) => [row.dataset.batch, row.dataset.status])",
    )
    said = mill.get("/batches")["batches"]
    assert rows == [[one["id"], "final"] for one in said]


def test_a_collector_that_has_gone_is_told(come: Callable[..., Reader]) -> None:
    page = come().open()
    page.wait_for_selector("#health[data-status=warn]")

    assert re.search("stopped|lost", page.locator("#health").inner_text())
