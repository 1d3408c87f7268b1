"""Each kind of number on each page, and the readings that it comes from: at most two clicks."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from millprint.demo.stage import Stage
from tests.api.given import world
from tests.browser.conftest import Reader, go, shot
from tests.browser.serving import served
from tests.browser.test_any_reader import places

LINE = "[data-testid=line-meter]"
REGISTER = "#explain [data-testid=register-readings]"
CHART = "[data-testid=chart-source]"
MACHINE = "[data-testid=machine] h3 a"
BEHIND = "#behind [data-testid=meter-link]"
METER = "[data-testid=meter] [data-testid=meter-link]"
HERE: tuple[str, ...] = ()  # the readings themselves

WAYS: dict[str, dict[str, tuple[str, ...]]] = {
    "hall": dict.fromkeys(
        ("money-per-hour", "kgco2e-per-hour", "idle-cost", "gauge", "#summary"), (MACHINE, CHART)
    ),
    "machine": {"chart": (CHART,)},
    "batches": {"batch-row": ("[data-testid=batch-row] a", LINE)},
    "batch": {
        "line-amount": ("[data-testid=line-amount]", REGISTER),
        "line-kgco2e": ("[data-testid=line-kgco2e]", REGISTER),
        "input": ("[data-testid=input] [data-testid=line-meter]",),
        "accepted-kg": ("#total [data-testid=line-meter]",),
        "revision": ("[data-testid=revision] a", LINE),
    }
    # What these are made of are the lines below them.
    | dict.fromkeys(("total-per-kg", "total-kgco2e", "metered-share", "primary-share"), (LINE,))
    | dict.fromkeys(("bar", "#exempted", "#by-supply", "#by-gas", "environment"), (LINE,)),
    "balance": {"node": ("[data-node='utility:boiler-1']", BEHIND)}
    | dict.fromkeys(("exact", "meter", "account"), (METER,)),
    "behind": {"node": (BEHIND,), "exact": (BEHIND,)}
    | dict.fromkeys(("meter", "account"), (METER,)),
    "meter": {"reading": HERE},
    "health": {"health-meter": ("[data-testid=health-meter] a",)},
    "compare": {
        "twin": ("[data-testid=twin] h2 a", LINE),
        "difference-row": ("[data-testid=difference-line]", REGISTER),
        "chart": ("[data-testid=twin] h2 a", LINE),
    },
    "save": dict.fromkeys(("save-sum", "saving"), ("[data-testid=evidence]", LINE)),
    "start": {},
}
NO_MEASURE = {
    "shown-period",  # times
    "#timeline",
    "#flows",
    "run",
    "#mass-balance",  # what people entered: the office lists it, import by import
    "factor",  # from a publisher, whose document it names and links
}
_KINDS = """
() => [...new Set([...document.querySelectorAll("main .figure, main .node-size")].map((one) => {
  const place = one.closest("[data-testid], [id]");
  return place.dataset.testid || `#${place.id}`;
}))]
"""


@pytest.mark.parametrize("name", WAYS)
def test_each_number_of_a_place_leads_to_its_readings(
    reader: Reader, mill: Stage, name: str
) -> None:
    place, there = places(mill)[name]
    page = reader.open(place)
    page.locator(there).first.wait_for()

    kinds = set(page.evaluate(_KINDS)) - NO_MEASURE

    assert kinds <= set(WAYS[name])
    for clicks in {WAYS[name][kind] for kind in kinds}:
        assert len(clicks) <= 2
        page = reader.open(place)
        for one in clicks:
            page.locator(one).first.click()
        page.locator("[data-testid=reading]").first.wait_for()
        qualities = page.locator("[data-testid=reading] td:nth-child(3)").all_inner_texts()
        assert set(qualities) <= {"good", "uncertain"}, clicks
    if name in ("compare", "batch"):
        page = reader.open(place)
        page.locator(there).first.wait_for()
        shot(page, f"{name}-sources-desktop")
    assert reader.seen.errors == []


def test_a_factor_names_the_document_that_it_comes_from(reader: Reader, mill: Stage) -> None:
    page = reader.open(places(mill)["batch"][0])

    page.get_by_test_id("factor-link").first.click()

    source = page.locator(".factor.wanted a[target=_blank]")
    assert str(source.get_attribute("href")).startswith("https://")


def test_what_a_running_batch_carries_leads_to_its_readings(page: Page, tmp_path: Path) -> None:
    mill = world(tmp_path / "config")
    mill.passes(0, 30)
    mill.closes_its_books()

    with served(mill) as address:
        go(page, address).get_by_test_id("so-far").first.wait_for()
        page.locator("[data-machine=jet-01] [data-testid=machine-batch]").click()
        page.locator(LINE).first.click()
        page.locator("[data-testid=reading]").first.wait_for()
    mill.close()
