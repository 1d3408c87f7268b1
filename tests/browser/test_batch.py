"""A batch opened: its total, its lines, and where each number comes from."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page

from millprint.demo.stage import Stage
from tests.browser.conftest import Reader, shot


def number(text: str) -> Decimal:
    """What a figure of the page says."""
    return Decimal(text.replace(",", "").removeprefix("= ").strip())


def rounded(exact: str, digits: int = 4) -> Decimal:
    """A number of the API with so many significant digits, whole where it is large."""
    value = Decimal(exact)
    places = min(0, value.adjusted() - digits + 1)
    return value.quantize(Decimal(1).scaleb(places))


def first_batch(mill: Stage) -> str:
    return str(mill.get("/batches")["batches"][0]["id"])


def lines(footprint: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for run in footprint["runs"] for line in run["lines"]]


def opened(reader: Reader, batch: str) -> Page:
    page = reader.open("batches")
    page.locator(f"[data-testid=batch-row][data-batch='{batch}'] a").click()
    page.wait_for_selector("[data-testid=line]")
    return page


def test_a_batch_opened_from_the_list_has_the_total_of_the_api(reader: Reader, mill: Stage) -> None:
    batch = first_batch(mill)

    page = opened(reader, batch)

    shot(page, "batch-desktop")
    total = mill.get(f"/batches/{batch}/footprint")["total"]
    assert page.url.endswith(f"#/batches/{batch}")
    assert number(page.get_by_test_id("total-kgco2e").inner_text()) == rounded(total["kgco2e"])
    per_kg = page.get_by_test_id("total-per-kg").inner_text()
    assert number(per_kg) == rounded(total["kgco2e_per_kg"])
    assert reader.seen.errors == []
    assert reader.violations() == []


def test_a_batch_shows_each_line_of_the_api_and_its_meter(reader: Reader, mill: Stage) -> None:
    batch = first_batch(mill)

    page = opened(reader, batch)

    footprint = mill.get(f"/batches/{batch}/footprint")
    shown = page.eval_on_selector_all(
        "[data-testid=run] [data-testid=line]",
        "rows => rows.map((row) => [row.dataset.line, row.dataset.carrier, row.dataset.from])",
    )
    said = lines(footprint)
    assert shown == [[line["id"], line["carrier"], line["from"]] for line in said]
    assert {"electricity", "steam", "water", "natural_gas"} == {line["carrier"] for line in said}
    for what in ("by_process", "by_carrier"):
        parts = sum(Decimal(one["kgco2e"]) for one in footprint[what] if one["kgco2e"])
        assert parts == Decimal(footprint["total"]["kgco2e"]), what


@pytest.mark.parametrize("carrier", ["electricity", "steam", "water", "natural_gas"])
def test_a_number_is_the_difference_of_its_register(
    reader: Reader, mill: Stage, carrier: str
) -> None:
    batch = first_batch(mill)
    said = lines(mill.get(f"/batches/{batch}/footprint"))
    line = next(one for one in said if one["carrier"] == carrier)
    page = opened(reader, batch)

    row = page.locator(f"[data-testid=run] [data-line='{line['id']}']")
    row.get_by_test_id("line-amount").click()

    dialog = page.locator("#explain")
    dialog.get_by_test_id("register").first.wait_for()
    if carrier == "steam":
        shot(page, "explain-desktop")
    differences = dialog.get_by_test_id("difference").all_inner_texts()
    assert sum(number(text) for text in differences) == Decimal(line["amount"])
    ends = [
        number(text)
        for text in dialog.locator("[data-testid=register-end] .exact").all_inner_texts()
    ]
    starts = [
        number(text.replace("−", ""))
        for text in dialog.locator("[data-testid=register-start] .exact").all_inner_texts()
    ]
    assert sum(ends) - sum(starts) == Decimal(line["amount"])
    assert line["from"] in dialog.inner_text().replace("\u200b", "")


def test_the_dialog_closes_and_the_back_button_works(reader: Reader, mill: Stage) -> None:
    batch = first_batch(mill)
    page = opened(reader, batch)
    page.get_by_test_id("line-amount").first.click()
    page.wait_for_selector("#explain[open]")

    page.keyboard.press("Escape")
    page.wait_for_selector("#explain", state="detached")
    page.go_back()

    page.wait_for_selector("#batches")
    assert page.url.endswith("#/batches")


def test_the_inventory_is_another_account_with_its_own_total(reader: Reader, mill: Stage) -> None:
    batch = first_batch(mill)
    page = opened(reader, batch)
    before = page.get_by_test_id("total-kgco2e").inner_text()

    page.get_by_test_id("view-inventory").click()
    page.wait_for_function(
        "old => { const now = document.querySelector('[data-testid=total-kgco2e]');"
        " return now && now.innerText !== old; }",
        arg=before,
    )

    total = mill.get(f"/batches/{batch}/footprint?view=inventory")["total"]["kgco2e"]
    assert number(page.get_by_test_id("total-kgco2e").inner_text()) == rounded(total)


def test_a_problem_says_what_and_what_to_do(reader: Reader, mill: Stage) -> None:
    batch = first_batch(mill)
    problems = mill.get(f"/batches/{batch}/footprint")["problems"]

    page = opened(reader, batch)

    text = page.locator("main").inner_text()
    for problem in problems:
        assert problem["text_en"] in text
        assert problem["do_en"] in text


def test_every_meter_closes_with_difference_0(reader: Reader) -> None:
    page = reader.open("balance")
    page.locator("[data-testid=meter]").first.wait_for()
    shot(page, "balance-desktop")

    differences = page.get_by_test_id("meter-difference").all_inner_texts()
    assert len(differences) == 13
    assert {number(text) for text in differences} == {Decimal(0)}
    assert "difference 0" in page.locator("#verdict").inner_text()
