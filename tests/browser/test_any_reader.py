"""Whoever reads: either language, any screen, light or dark, with a key or without one."""

import json
import re
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from millprint.demo.stage import Stage
from tests.browser.conftest import DESKTOP, PHONE, Reader, overflow, shot
from tests.house.page_words import page_words

CHINESE = re.compile(r"[\u4e00-\u9fff]")
KINDS = "|".join(sorted({key.split(".")[0] for key in page_words("en") if "." in key}))
UNTRANSLATED = re.compile(rf"(?<![\w.-])({KINDS})\.[a-z]+\b")


def places(mill: Stage) -> dict[str, tuple[str, str]]:
    """Each place, and what is there once it is drawn."""
    batch, other = (one["id"] for one in mill.get("/batches")["batches"][:2])
    line = mill.get(f"/batches/{batch}/footprint")["runs"][0]["lines"][0]["id"]
    return {
        "hall": ("", "[data-testid=machine]"),
        "machine": ("machines/jet-01", "canvas"),
        "batches": ("batches", "[data-testid=batch-row]"),
        "batch": (f"batches/{batch}", "[data-testid=line]"),
        "explain": (f"batches/{batch}?line={line}", "[data-testid=register]"),
        "balance": ("balance", ".sankey"),
        "behind": ("balance?open=utility%3Aboiler-1", "#behind"),
        "meter": ("meters/jet-01-power.energy_import_kwh", "[data-testid=reading]"),
        "health": ("health", "[data-testid=health-meter]"),
        "compare": (f"compare/{batch}?with={other}", "canvas"),
        "save": ("save", "[data-testid=saving]"),
        "import": ("office/import", "#import-file"),
        "months": ("office/closing", "[data-testid=month-total]"),
        "start": ("start", "[data-testid=step-card]"),
    }


def crowded(page: Page) -> list[str]:
    """Pieces of the header whose letters run out of them or over their neighbour."""
    found: list[str] = page.evaluate(
        """() => {
          const all = [...document.querySelector(".top-right").children];
          const pieces = all.filter((one) => one.offsetParent);
          const boxes = pieces.map((one) => one.getBoundingClientRect());
          const over = (n) => n > 0 && boxes[n].left < boxes[n - 1].right - 1;
          const out = (one) => one.scrollWidth > one.clientWidth + 1;
          return pieces.filter((one, n) => out(one) || over(n)).map((one) => one.id);
        }"""
    )
    return found


@pytest.mark.parametrize(
    ("size", "scheme", "locale"),
    [
        pytest.param(PHONE, "light", "en-GB", marks=pytest.mark.long),
        (PHONE, "dark", "zh-CN"),
        pytest.param(DESKTOP, "dark", "en-GB", marks=pytest.mark.long),
        pytest.param(DESKTOP, "light", "zh-CN", marks=pytest.mark.long),
    ],
    ids=["phone-light-en", "phone-dark-zh", "desktop-dark-en", "desktop-light-zh"],
)
def test_no_place_is_wider_than_the_screen_or_complains(
    come: Callable[..., Reader], mill: Stage, size: tuple[int, int], scheme: str, locale: str
) -> None:
    reader = come(size, locale=locale, color_scheme=scheme)
    device = "phone" if size == PHONE else "desktop"

    for name, (place, there) in places(mill).items():
        page = reader.open(place)
        page.locator(there).first.wait_for()
        shot(page, f"{name}-{device}-{scheme}-{locale[:2]}")
        assert overflow(page) <= 0, name
        assert crowded(page) == [], name
        assert not UNTRANSLATED.search(page.locator("body").inner_text()), name
        labels = page.locator("nav, #health, h1, h2, th, dt").all_inner_texts()
        assert bool(CHINESE.search(" ".join(labels))) == (locale == "zh-CN"), name

    assert reader.seen.errors == []
    assert reader.violations() == []
    assert reader.abroad() == []


def test_the_language_is_turned_and_stays(reader: Reader) -> None:
    page = reader.open()
    page.wait_for_selector("[data-testid=machines]")
    assert page.locator("html").get_attribute("lang") == "en"

    page.click("#language")
    page.wait_for_selector("html[lang=zh-CN]")
    page.reload()
    page.wait_for_selector("[data-testid=machines]")

    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert CHINESE.search(page.locator("#summary").inner_text())


def test_the_theme_is_turned_and_stays(reader: Reader) -> None:
    page = reader.open()
    page.wait_for_selector("[data-testid=machines]")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.click("#theme")
    page.click("#theme")
    page.reload()
    page.wait_for_selector("[data-testid=machines]")

    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_the_key_does_not_stay_in_the_address(reader: Reader, mill: Stage) -> None:
    page = reader.page
    page.goto(f"{reader.origin}/#key={mill.key}")
    page.wait_for_selector("[data-testid=machines]")

    assert mill.key not in page.url
    page.click("[data-testid=nav-batches]")
    page.wait_for_selector("#batches")
    page.go_back()
    page.wait_for_selector("[data-testid=machines]")
    assert mill.key not in page.url
    assert [url for url in reader.seen.requests if mill.key in url] == []


def test_without_a_key_the_page_asks_for_one_and_refuses_a_wrong_one(
    reader: Reader, mill: Stage
) -> None:
    page = reader.page
    page.goto(reader.origin)
    page.wait_for_selector("#key-form")
    assert page.locator("[data-testid=machines]").count() == 0

    page.fill("#key", "mp_wrong")
    page.press("#key", "Enter")
    page.wait_for_selector("#key-refused")
    shot(page, "key-refused-desktop")
    assert page.locator("#key-refused").inner_text() == "This key is not accepted."

    page.fill("#key", mill.key)
    page.press("#key", "Enter")
    page.wait_for_selector("[data-testid=machines]")
    assert page.locator("#key-form").count() == 0


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src=x onerror=alert(1)>",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "..%2F..%2F..%2Fdocs",
        "%2e%2e",
        "javascript:alert(1)",
        "%00",
        "%E0%A4%A",
        "x%22%20onfocus%3Dalert(1)%20autofocus%3D%22",
        "__proto__",
        "a" * 5000,
    ],
    ids=lambda text: text[:24],
)
def test_a_hostile_batch_id_in_the_address_does_nothing_bad(reader: Reader, hostile: str) -> None:
    page = reader.open(f"batches/{hostile}")

    page.locator("[data-testid=refusal]").wait_for()
    assert page.locator("h1").count() == 1
    assert page.locator("main img, main script, main iframe, [onerror], [onfocus]").count() == 0
    assert reader.seen.dialogs == []
    assert reader.violations() == []
    assert reader.abroad() == []
    assert overflow(page) <= 0
    asked = [url for url in reader.seen.requests if "/api/v1/" in url]
    assert all(
        re.search(
            r"/api/v1/(site|session|health|batches/[^/]+/((footprint|revisions)\?view=footprint|words))$",
            url,
        )
        for url in asked
    ), asked
    # A refusal is logged by the browser itself; nothing of ours may fail.
    assert [said for said in reader.seen.errors if "Failed to load resource" not in said] == []


def test_the_reference_lists_every_route_and_loads_nothing_from_elsewhere(reader: Reader) -> None:
    page = reader.page
    page.goto(f"{reader.origin}/docs")
    shot(page, "docs-desktop")

    with urllib.request.urlopen(f"{reader.origin}/openapi.json", timeout=10) as answer:
        paths = json.load(answer)["paths"]
    routes = [f"{method.upper()} {path}" for path, calls in paths.items() for method in calls]
    assert len(routes) > 10
    assert page.locator("h2").all_inner_texts() == routes
    assert reader.abroad() == []
    assert reader.seen.errors == []
    assert reader.violations() == []
    assert overflow(page) <= 0
