"""Five tasks as somebody new does them, from the hall; how many clicks each takes."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page

from millprint.demo.stage import Stage
from tests.api.given import world
from tests.browser.conftest import Reader, go, shot
from tests.browser.serving import served

SILENT = "jet-02-steam"
_MONTH_MS = 60_000  # a month is reckoned while one waits
COUNT = """
window.clicks = 0;
addEventListener("click", (event) => { if (event.isTrusted) window.clicks += 1; }, true);
"""


def clicks(page: Page) -> int:
    """How often somebody has clicked since the page was opened."""
    return int(page.evaluate("window.clicks"))


def costliest_idle_machine(page: Page) -> str:
    """Its name: the hall says it first."""
    return page.locator("[data-kind=idle] .out-name").first.inner_text()


def why_twins_differ(page: Page) -> str:
    """The sentence that says what makes most of the difference."""
    page.get_by_test_id("nav-batches").click()
    page.get_by_test_id("choose").nth(0).click()
    page.get_by_test_id("choose").nth(1).click()
    page.get_by_test_id("compare").click()
    return page.locator("#verdict p").inner_text()


def silent_meter(page: Page) -> str:
    """Its name: the lamp leads to the meters, the silent ones first."""
    page.locator("#health.unwell").click()
    return page.locator("[data-silent=true] a").first.inner_text()


def enter_a_swap(page: Page) -> str:
    """What the page says of it."""
    page.locator("#health").click()
    page.locator("[data-testid=health-meter] a", has_text="stenter").nth(1).click()
    # Before all readings: what other tests look at stays as it is.
    for field, said in (("at", "2026-03-01T11:00:00"), ("old_last", "913.4"), ("new_first", "0")):
        page.fill(f"#swap-{field}", said)
    page.fill("#swap-why", "certificate expired")
    page.locator("#swap-form button").click()
    return page.locator("#swap-entered").inner_text()


def balance_of_the_month(page: Page) -> str:
    """That every meter closes."""
    page.get_by_test_id("nav-balance").click()
    page.locator(".sankey").wait_for()
    page.locator(".days [name=from]").fill("2026-03-01")
    page.locator(".days [name=to]").fill("2026-03-31")
    page.locator(".days button").click()
    page.wait_for_url(re.compile("from=2026-03-01&to=2026-03-31"))
    verdict = page.locator("#verdict")
    verdict.wait_for(timeout=_MONTH_MS)
    return verdict.inner_text()


@pytest.fixture
def hall_page(reader: Reader) -> Iterator[Page]:
    """Somebody stands before the hall."""
    reader.page.add_init_script(COUNT)
    page = reader.open()
    page.locator("[data-testid=machine]").first.wait_for()
    yield page
    assert reader.seen.errors == []
    assert reader.violations() == []


def test_the_costliest_idle_machine_is_seen_without_a_click(hall_page: Page, mill: Stage) -> None:
    found = costliest_idle_machine(hall_page)

    machines = mill.get("/machines")["machines"]
    assert found == max(machines, key=lambda one: Decimal(one["per_hour"]["money"]))["id"]
    assert clicks(hall_page) == 0


def test_why_twin_batches_differ_takes_four_clicks(hall_page: Page) -> None:
    said = why_twins_differ(hall_page)

    assert re.search(r"^Mostly .+: [\d.]+ % (more|less), [\d.]+ against [\d.]+ \S+/kg\.$", said)
    assert clicks(hall_page) == 4


def test_a_silent_meter_is_found_with_one_click_and_opened_with_two(
    page: Page, tmp_path: Path
) -> None:
    mill = world(tmp_path / "config")
    mill.passes(0, 60)
    mill.passes(61, 90, without=[SILENT])
    mill.closes_its_books()
    page.add_init_script(COUNT)

    with served(mill) as address:
        go(page, address).locator("[data-testid=machine]").first.wait_for()
        assert silent_meter(page) == f"{SILENT}.mass_kg"
        assert clicks(page) == 1
        shot(page, "health-silent-desktop")
        assert SILENT in page.locator(".check-bad").first.inner_text()
        page.locator("[data-silent=true] a").first.click()
        page.locator("h1", has_text=SILENT).wait_for()
        assert clicks(page) == 2
    mill.close()


def test_a_meter_swap_takes_three_clicks_and_four_fields(hall_page: Page) -> None:
    said = enter_a_swap(hall_page)

    assert said.startswith("Entered.")
    assert clicks(hall_page) == 3


def test_the_balance_of_a_month_takes_two_clicks_and_two_days(hall_page: Page) -> None:
    said = balance_of_the_month(hall_page)

    assert re.search(r"\d+ meters close with difference 0", said)
    assert clicks(hall_page) == 2


@pytest.mark.parametrize(
    ("place", "form", "name"),
    [
        ("batches", "xlsx", r"demo-mill-2026-03\.xlsx"),
        ("batches", "csv", r"demo-mill-2026-03-batches\.csv"),
        ("balance", "csv", r"demo-mill-.+-lines\.csv"),
    ],
)
def test_results_become_a_file_with_two_clicks(
    hall_page: Page, place: str, form: str, name: str
) -> None:
    hall_page.get_by_test_id(f"nav-{place}").click()
    with hall_page.expect_download() as kept:
        hall_page.get_by_test_id(f"export-{form}").click()

    assert re.fullmatch(name, kept.value.suggested_filename)
    assert kept.value.path().stat().st_size > 100
    assert clicks(hall_page) == 2
