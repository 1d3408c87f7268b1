"""The door and the office: people come in, let others in, and see who did what."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from tests.api.given import World, at, world
from tests.api.test_session import somebody
from tests.browser.axe import grave_faults
from tests.browser.conftest import DESKTOP, PATIENCE_MS, PHONE, overflow, shot
from tests.browser.serving import served

GOOD = "four words not together"
METER = "main-1.energy_import_kwh"

Come = Callable[..., Page]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A mill that wants four eyes."""
    one = world(tmp_path_factory.mktemp("office") / "config")
    object.__setattr__(one.service, "four_eyes", frozenset({"corrections"}))
    one.passes(0, 60)
    one.closes_its_books()
    yield one
    one.close()


@pytest.fixture(scope="module")
def origin(office: World) -> Iterator[str]:
    with served(office) as (address, _):
        yield address


@pytest.fixture
def come(browser: Browser) -> Iterator[Come]:
    """Somebody comes with a browser of his own."""
    contexts = []

    def one(size: tuple[int, int] = DESKTOP, **more: str) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, **more)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield one
    for context in contexts:
        context.close()


def signs_in(page: Page, origin: str, name: str, place: str = "") -> None:
    page.goto(f"{origin}/#/{place}")
    page.fill("#sign-in-name", name)
    page.fill("#sign-in-password", GOOD)
    page.press("#sign-in-password", "Enter")
    page.wait_for_selector("#who")


def test_the_first_admin_comes_in_by_a_code_and_lets_a_second_person_in(
    office: World, origin: str, come: Come
) -> None:
    now = office.clock[0]
    first = office.books.people.add("Li Na", "admin", None, "box", now)
    code = office.books.people.code(first.id, now)
    page = come()
    page.goto(f"{origin}/#/office/people")
    page.wait_for_selector("#by-code")
    shot(page, "door-desktop")
    assert grave_faults(page) == []

    page.fill("#by-code-code", code)
    page.fill("#by-code-new", GOOD)
    page.press("#by-code-new", "Enter")
    page.fill("#people-name", "Wang Wei")
    page.select_option("#people-role", "certifier")
    page.fill("#people-reason", "audit of March")
    page.click("#new-people button")
    page.locator("#new-people .warn-text").wait_for()
    page.fill("#people-until", "2026-12-31")
    page.click("#new-people button")

    shown = page.locator("#shown-once code").inner_text()
    assert office.books.people.of_code(shown, now) is not None
    page.get_by_test_id("person").nth(1).wait_for()
    shot(page, "office-people-desktop")
    assert grave_faults(page) == []
    assert page.locator("#who").inner_text().startswith("Li Na (admin)")

    page.get_by_test_id("office-account").click()
    page.fill("#account-old", GOOD)
    page.fill("#account-new", "another four words apart")
    page.click("#change-password button")
    page.locator("#account .good-text").wait_for()
    page.get_by_test_id("office-people").click()
    page.get_by_test_id("person").first.wait_for()


def test_who_signs_out_is_asked_who_he_is(office: World, origin: str, come: Come) -> None:
    somebody(office, "Out")
    page = come()
    signs_in(page, origin, "Out")
    page.get_by_test_id("machine").first.wait_for()

    page.click("#leave")

    page.wait_for_selector("#sign-in")
    page.reload()
    page.wait_for_selector("#sign-in")
    assert page.get_by_test_id("machine").count() == 0


def test_a_wrong_password_is_refused_in_a_word(origin: str, come: Come) -> None:
    page = come(PHONE, locale="zh-CN", color_scheme="dark")
    page.goto(f"{origin}/#/")
    page.fill("#sign-in-name", "nobody")
    page.fill("#sign-in-password", "nothing")
    page.press("#sign-in-password", "Enter")

    assert page.locator("#sign-in-refused").inner_text() == "信息不正确。"
    shot(page, "door-phone-zh")
    assert overflow(page) <= 0
    assert grave_faults(page) == []


def test_a_change_waits_until_another_person_confirms_it_and_stands_in_the_log(
    office: World, origin: str, come: Come
) -> None:
    somebody(office, "Ana")
    somebody(office, "Bo", "accountant")
    ana, bo = come(), come(PHONE, locale="zh-CN")
    signs_in(ana, origin, "Ana", f"meters/{METER}")
    ana.fill("#swap-at", (at(30) + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S"))
    ana.fill("#swap-old_last", "50090")
    ana.fill("#swap-new_first", "0")
    ana.fill("#swap-why", "changed")
    ana.press("#swap-why", "Enter")
    ana.wait_for_selector("#swap-waits")

    signs_in(bo, origin, "Bo", "office/reviews")
    bo.get_by_test_id("review").wait_for()
    shot(bo, "office-reviews-phone-zh")
    assert grave_faults(bo) == []
    bo.fill(".because input", "see the protocol")
    bo.get_by_test_id("confirm").click()
    bo.get_by_test_id("decided").wait_for()
    assert [one.by for one in office.books.entries.of("swap")] == ["Ana"]

    bo.get_by_test_id("office-audit").click()
    bo.get_by_test_id("audit-line").first.wait_for()
    assert METER in bo.locator("#audit").inner_text().replace("\u200b", "")
    shot(bo, "office-audit-phone-zh")
    assert overflow(bo) <= 0
    assert grave_faults(bo) == []
    ana.goto(f"{origin}/#/office/audit")
    ana.get_by_test_id("refusal").wait_for()
    assert ana.get_by_test_id("office-people").count() == 0
