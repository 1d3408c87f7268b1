"""The places: their main paths."""

import gzip
import re
import urllib.request
from collections.abc import Callable
from decimal import Decimal

import pytest

from millprint.demo.stage import Stage
from tests.browser.axe import grave_faults
from tests.browser.conftest import DESKTOP, PHONE, Reader, shot
from tests.browser.test_any_reader import places

MOST_BYTES = 400_000


def batches(mill: Stage) -> list[str]:
    return [str(one["id"]) for one in mill.get("/batches")["batches"]]


@pytest.mark.long
@pytest.mark.parametrize(
    ("size", "scheme", "locale"),
    [(DESKTOP, "light", "en-GB"), (PHONE, "dark", "zh-CN")],
    ids=["desktop-light-en", "phone-dark-zh"],
)
def test_no_place_shuts_anybody_out(
    come: Callable[..., Reader], mill: Stage, size: tuple[int, int], scheme: str, locale: str
) -> None:
    reader = come(size, locale=locale, color_scheme=scheme)

    for name, (place, there) in places(mill).items():
        page = reader.open(place)
        page.locator(there).first.wait_for()
        assert grave_faults(page) == [], name


def test_a_first_visit_is_light(reader: Reader) -> None:
    page = reader.open()
    page.wait_for_selector("[data-testid=machine]")

    own = {url for url in reader.seen.requests if "/api/" not in url and url.startswith("http")}
    sizes = {url: len(gzip.compress(urllib.request.urlopen(url).read())) for url in own}
    assert sum(sizes.values()) < MOST_BYTES, sizes
    assert not [url for url in own if "vendor" in url]


def test_savings_come_the_costliest_first(reader: Reader) -> None:
    page = reader.open("save")
    page.get_by_test_id("saving").first.wait_for()
    shot(page, "save-desktop")

    costs = page.locator(".saving-money").all_inner_texts()
    worth = [Decimal(text.removeprefix("¥").replace(",", "")) for text in costs]
    assert worth == sorted(worth, reverse=True)


def test_the_diagram_s_bands_are_those_of_the_api(reader: Reader) -> None:
    page = reader.open("balance")
    page.locator(".sankey").wait_for()

    nodes = set(
        page.eval_on_selector_all(
            "[data-testid=node]", "nodes => nodes.map((node) => node.dataset.node)"
        )
    )
    assert {"supply:grid", "supply:gas", "utility:boiler-1", "process:dyeing-exhaust"} <= nodes
    page.get_by_test_id("of-steam").click()
    page.wait_for_selector("[data-testid=of-steam][aria-current]")
    bands = page.eval_on_selector_all(
        "[data-testid=band]", "bands => bands.map((band) => band.dataset.start)"
    )
    assert "utility:boiler-1" in bands
    assert "supply:grid" not in bands


def test_two_batches_beside_each_other_say_what_makes_the_difference(
    reader: Reader, mill: Stage
) -> None:
    page = reader.open("batches")
    page.get_by_test_id("choose").nth(0).check()
    page.get_by_test_id("choose").nth(1).check()
    page.get_by_test_id("compare").click()

    page.locator("canvas").first.wait_for()
    shot(page, "compare-desktop")
    said = page.get_by_test_id("verdict").inner_text()
    assert re.search(r"emitted [\d.]+ kgCO₂e/kg (more|less)", said)
    assert page.get_by_test_id("difference-row").count() > 3
    first, second = page.locator("[data-testid=twin] h2").all_inner_texts()
    assert {first, second} <= set(batches(mill))
    assert reader.seen.errors == []
    assert reader.violations() == []


def test_a_curve_is_zoomed_by_drawing_over_it_and_the_way_back_is_there(reader: Reader) -> None:
    page = reader.open("machines/jet-01?span=24h")
    plot = page.locator("[data-point='jet-01-power.power_kw'] .u-over")
    plot.wait_for()
    box = plot.bounding_box()
    assert box

    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.98, box["y"] + 60, steps=4)
    page.mouse.up()

    page.wait_for_url(re.compile(r"from=.*T"))
    shown = page.get_by_test_id("shown-period").inner_text()
    page.get_by_test_id("zoom-out").click()
    page.wait_for_function(
        "old => document.querySelector('[data-testid=shown-period]')?.innerText !== old", arg=shown
    )
    page.get_by_test_id("beside").click()
    page.wait_for_selector("[data-testid=beside].chosen")
    page.locator("canvas").first.wait_for()
    shot(page, "machine-beside-desktop")
    assert reader.seen.errors == []


def test_a_meter_s_swap_is_entered_and_a_wrong_one_refused(reader: Reader, mill: Stage) -> None:
    page = reader.open("health")
    page.locator("[data-testid=health-meter] a", has_text="stenter").first.click()
    page.wait_for_selector("#swap-form")

    page.fill("#swap-at", "2199-01-01T10:00:00")
    page.fill("#swap-old_last", "10")
    page.fill("#swap-new_first", "0")
    page.fill("#swap-why", "tried on")
    page.click("#swap-form button")
    page.wait_for_selector("#swap-refused")

    page.fill("#swap-at", "2026-03-01T10:00:00")  # before all readings: it changes nothing
    page.click("#swap-form button")
    page.wait_for_selector("#swap-entered")
    shot(page, "meter-swap-desktop")
    assert page.get_by_test_id("swap").count() == 1
