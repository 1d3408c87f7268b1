"""Whatever happens around a page, it stays calm, right and safe."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from api.books import schema
from collector.wire.reading import unix_ms
from tests.api.given import START, World, world
from tests.api.test_alarms import watching
from tests.browser.axe import grave_faults
from tests.browser.conftest import DESKTOP, PHONE, go, overflow, shot
from tests.browser.serving import served

EMPTY = '[site]\nid = "keqiao"\ntimezone = "Asia/Shanghai"\nregion = "CN-ZJ"\n'
MANY = 100_000


def test_a_lost_connection_is_said_once_and_the_page_comes_back_by_itself(
    page: Page, address: tuple[str, str]
) -> None:
    go(page, address).wait_for_selector("[data-testid=machine]")

    page.context.set_offline(True)
    page.wait_for_selector("#lost")
    shot(page, "lost-desktop")
    assert page.locator("#lost").count() == 1
    assert page.locator("[data-testid=machine]").count() > 0

    page.context.set_offline(False)
    page.wait_for_selector("#lost", state="detached")


def test_the_browser_s_own_clock_says_nothing(page: Page, address: tuple[str, str]) -> None:
    page.add_init_script("Date.now = () => Date.UTC(2001, 0, 1);")
    go(page, address).wait_for_selector("[data-testid=machine]")

    assert page.locator("#site").inner_text().split()[-1].startswith("10:00")  # site time
    assert page.locator("[data-testid=age].warn-text").count() == 0


def test_a_batch_that_is_called_a_script_is_letters(page: Page, address: tuple[str, str]) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    for place in ("", "batches", "balance", "machines/jet-01?span=8h", "save"):
        go(page, address, place).wait_for_selector("h1")
        page.wait_for_timeout(400)
        assert page.locator("main script, main img, main iframe").count() == 0, place

    assert dialogs == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_empty_installation_leads_to_its_first_step(
    browser: Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    empty = world(tmp_path / "empty", EMPTY)
    with served(empty) as address:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        page = go(context.new_page(), address)
        page.get_by_role("link", name="First steps").click()

        page.wait_for_selector("[data-testid=step-card]")
        done = page.eval_on_selector_all(
            "[data-testid=step-card]", "cards => cards.map((card) => card.dataset.done)"
        )
        shot(page, f"start-{'phone' if size == PHONE else 'desktop'}")
        assert done == ["true", "false", "false", "false", "false"]
        assert page.locator("[aria-current=step] h2").inner_text().startswith("A meter is heard")
        assert grave_faults(page) == []
        for place in ("batches", "balance", "save", "health"):
            go(page, address, place).wait_for_selector("main .empty, main section")
            assert overflow(page) <= 0, place
        context.close()
    empty.close()


def test_a_hundred_thousand_batches_are_as_quick_as_ten(
    page: Page, tmp_path: Path, small: World
) -> None:
    mill = world(tmp_path / "many", past=small)
    long_name = "缸" * 20 + "-2026"
    rows = [
        {
            "machine": f"jet-0{1 + n % 2}",
            "start_ms": unix_ms(START - timedelta(minutes=10 * n + 20)),
            "end_ms": unix_ms(START - timedelta(minutes=10 * n + 11)),
            "batch": f"L{n:06}" if n else long_name,
            "process": "dyeing-exhaust",
            "going_on": False,
            "said": "",
            "run": f"r{n}",
            "source": "plc",
            "entered_by": "",
            "kg": None,
            "place": 0,
        }
        for n in range(MANY)
    ]
    with mill.books.engine.begin() as db:
        db.execute(schema.runs.insert(), rows)

    with served(mill) as address:
        go(page, address, "batches").locator("[data-testid=batch-row]").first.wait_for()
        assert page.locator("[data-testid=batch-row]").count() == 50
        assert overflow(page) <= 0

        page.fill("#find-q", "L09999")
        page.press("#find-q", "Enter")
        page.wait_for_selector("[data-batch=L099990]")
        found = page.eval_on_selector_all(
            "[data-testid=batch-row]", "rows => rows.map((row) => row.dataset.batch)"
        )
        assert found == [f"L09999{n}" for n in range(10)]
        page.fill("#find-q", "no such batch")
        page.press("#find-q", "Enter")
        page.wait_for_selector("[data-testid=none-found]")
    mill.close()


def test_an_alarm_is_on_the_hall_with_its_cost_until_somebody_has_seen_it(
    page: Page, tmp_path: Path
) -> None:
    mill = world(tmp_path / "alarmed")
    watching(mill)
    mill.passes(0, 30)
    mill.closes_its_books()
    mill.service.watch.look()

    with served(mill) as address:
        alarm = go(page, address).locator("[data-kind=alarm]", has_text="B2601").first
        alarm.wait_for()
        shot(page, "hall-alarm-desktop")
        assert "kgCO₂e" in alarm.inner_text()
        assert page.get_by_test_id("verdict").inner_text().startswith("1 alarm")
        assert grave_faults(page) == []

        alarm.get_by_test_id("seen").click()
        page.wait_for_selector("[data-kind=alarm].is-seen")
        assert "seen by page" in alarm.inner_text()
    mill.close()
