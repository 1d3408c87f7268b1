"""The office: an article's declared value, and what a measure did."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.given import World, at
from tests.api.office import office
from tests.browser.axe import grave_faults
from tests.browser.conftest import PATIENCE_MS, PHONE, go, overflow, shot
from tests.browser.serving import served

ARTICLE = "office/articles?article=T-shirt"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A mill with two articles, and nobody has estimated what is left out."""
    one = office(tmp_path_factory.mktemp("office") / "config")
    yield one
    one.close()


@pytest.fixture(scope="module")
def address(desk: World) -> Iterator[tuple[str, str]]:
    """Where its pages are, and an accountant's key to them."""
    key = desk.key("accountant")["Authorization"].removeprefix("Bearer ")
    with served(desk) as (origin, _):
        yield origin, key


def test_a_refused_article_is_declared_once_what_is_left_out_is_estimated(
    page: Page, address: tuple[str, str]
) -> None:
    go(page, address, "office/articles")
    page.get_by_test_id("article").get_by_text("T-shirt").click()
    page.wait_for_selector("[data-testid=declared][data-status=refused]")
    assert "natural_gas" in page.get_by_test_id("problem").first.inner_text()
    shot(page, "office-article-refused")

    page.locator("details summary").click()
    for what, kgco2e in (("0", "0.2"), ("1", "0.01")):
        page.select_option("#estimate-what", what)
        page.fill("#estimate-kgco2e_per_unit", kgco2e)
        page.fill("#estimate-source", "made up")
        page.fill("#estimate-why", "for a test")
        page.locator("#estimate-form button").click()
        expect(page.locator("#estimate-source")).to_have_value("")

    page.wait_for_selector("[data-testid=declared][data-status=declared]")
    shot(page, "office-article-declared")
    said = page.get_by_test_id("declared").inner_text()
    answer = page.request.get(f"{address[0]}/api/v1/articles/T-shirt/declared",
                              headers={"Authorization": f"Bearer {address[1]}"})  # fmt: skip
    assert answer.json()["kgco2e_per_kg"] in said
    assert page.get_by_test_id("dot").count() == 2
    assert "not measured" in page.locator("[data-what=voc]").inner_text()
    assert grave_faults(page) == []


def test_a_measure_is_entered_and_its_before_and_after_lie_beside_each_other(
    page: Page, address: tuple[str, str]
) -> None:
    go(page, address, "office/improvements")
    page.fill("#improvement-what", "Heat of the waste water warms the fresh water")
    page.fill("#improvement-name", "jet-01")
    page.fill("#improvement-since", at(45 + 8 * 60).strftime("%Y-%m-%dT%H:%M"))  # in Shanghai
    page.fill("#improvement-why", "half of the heat went down the drain")
    page.locator("#improvement-form button").click()
    page.get_by_test_id("improvement").first.wait_for()
    shot(page, "office-improvements")

    page.get_by_test_id("improvement").locator("a").first.click()

    page.get_by_test_id("verdict").wait_for()
    shot(page, "office-comparison")
    assert re.search(r"[+−][\d.]+ kgCO₂e/kg", page.get_by_test_id("verdict").inner_text())
    assert page.get_by_test_id("carrier-change").count() >= 3
    assert grave_faults(page) == []


def test_the_office_fits_a_phone_and_speaks_chinese(
    browser: Browser, address: tuple[str, str]
) -> None:
    size = {"width": PHONE[0], "height": PHONE[1]}
    context = browser.new_context(viewport=size, locale="zh-CN")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()

    seen = {"office/articles": "article", ARTICLE: "declared", "office/improvements": "nav-office"}
    for place, there in seen.items():
        go(page, address, place)
        page.get_by_test_id(there).first.wait_for()
        shot(page, f"office-phone-zh-{there}")
        assert overflow(page) <= 0, place
        assert "办公室" in page.locator("nav").first.inner_text()
    context.close()
