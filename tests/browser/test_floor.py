"""What a machine does is said as it is: how long it rests, and nothing where nobody knows."""

from pathlib import Path

from playwright.sync_api import Page

from collector.wire.reading import ClockState, Reading
from tests.api.given import at, world
from tests.api.test_alarms import watching
from tests.browser.conftest import go, shot
from tests.browser.serving import served
from tests.browser.test_any_reader import UNTRANSLATED


def test_a_machine_that_runs_no_batch_says_that_it_runs_and_a_silent_one_since_when(
    page: Page, tmp_path: Path
) -> None:
    mill = world(tmp_path / "config")
    mill.passes(0, 120)
    mill.closes_its_books()
    mill.clock[0] = at(125)  # jet-02's last batch ended at minute 70
    shown = {"batch_id": "", "machine_state": 2, "step_type": 0, "fabric_kg": 0}
    live = Reading("jet-01-plc", at(125), ClockState.SYNCHRONISED, "b0", 9, shown)
    mill.service.ears.live["jet-01-plc"] = live

    with served(mill) as address:
        go(page, address).wait_for_selector("[data-testid=machine]")
        running = page.locator("[data-machine=jet-01]")
        silent = page.locator("[data-machine=jet-02]")
        assert running.get_attribute("data-state") == "running"
        assert silent.get_attribute("data-state") == "silent"
        silent.get_by_test_id("resting-for").wait_for()
        shot(page, "hall-silent-desktop")
        assert silent.get_by_test_id("resting-for").inner_text() == "Silent for 5 min"
        assert running.get_by_test_id("resting-for").count() == 0
        assert page.locator("[data-kind=silent] .out-text").inner_text() == "Silent for 5 min"
        assert not UNTRANSLATED.search(page.locator("body").inner_text())
    mill.close()


def test_an_idle_machine_says_since_its_last_batch(page: Page, address: tuple[str, str]) -> None:
    go(page, address).wait_for_selector("[data-testid=machine]")

    idle = page.locator("[data-machine=jet-02] [data-testid=resting-for]")
    assert idle.inner_text() == "Idle for 50 min"


def test_a_click_that_the_server_declines_is_told(page: Page, tmp_path: Path) -> None:
    mill = world(tmp_path / "alarmed")
    watching(mill)
    mill.passes(0, 30)
    mill.closes_its_books()
    mill.service.watch.look()

    with served(mill) as (origin, _):
        key = mill.books.keys.make("wall", "certifier", mill.clock[0])
        go(page, (origin, key)).get_by_test_id("seen").first.click()
        page.get_by_test_id("refusal").wait_for()
        shot(page, "hall-refused-desktop")
    mill.close()
