"""Office → Import: last month's batches from Excel, as an accountant would bring them in."""

from pathlib import Path

from playwright.sync_api import Page

from tests.api.given import World
from tests.api.importing.sending import workbook
from tests.api.importing.test_factors_in import LETTER, table
from tests.browser.conftest import go, shot

HEAD = ("缸号", "品名", "颜色", "订单号", "净重(kg)")


def test_a_table_is_seen_before_it_counts_and_undone_with_a_reason(
    page: Page, small: World, address: tuple[str, str], tmp_path: Path
) -> None:
    wrong, right = tmp_path / "wrong.xlsx", tmp_path / "march.xlsx"
    wrong.write_bytes(workbook([HEAD, ("B2601", "jersey", "navy", "SO-1", "heavy")]))
    right.write_bytes(workbook([HEAD, ("B2601", "jersey", "navy", "SO-1", 478.5)]))
    go(page, address, "office/import")

    page.set_input_files("#import-file", wrong)
    page.get_by_test_id("bad-row").wait_for()
    assert page.locator("#import-enter").is_disabled()
    page.set_input_files("#import-file", right)
    page.get_by_test_id("bad-row").wait_for(state="detached")
    page.get_by_test_id("import-row").wait_for()
    assert small.books.batches.entered("B2601") is None
    page.click("#import-enter")
    page.locator("#imported-now").wait_for()
    assert small.books.batches.kg(["B2601"]) == {"B2601": "478.5"}

    page.get_by_test_id("undo").click()
    page.fill(".undo-form input", "the wrong month")
    page.click(".undo-form .main")
    page.get_by_text("Undone by").wait_for()
    assert small.books.batches.entered("B2601") is None


def test_a_factor_comes_in_with_the_letter_that_proves_it(
    page: Page, small: World, address: tuple[str, str], tmp_path: Path
) -> None:
    file, letter = tmp_path / "factors.xlsx", tmp_path / "letter.pdf"
    file.write_bytes(table())
    letter.write_bytes(LETTER)
    accountant = small.books.keys.make("page", "accountant", small.clock[0])
    go(page, (address[0], accountant), "office/import")

    page.select_option("#import-kind", "factors")
    page.set_input_files("#import-file", file)
    page.locator("[data-code=import-factor-unproved]").wait_for()
    page.set_input_files("#import-proof", letter)
    page.get_by_test_id("proof-kept").wait_for()
    page.get_by_test_id("bad-row").wait_for(state="detached")
    shot(page, "factors-seen")
    page.click("#import-enter")

    page.locator("#imported-now").wait_for()
    assert "own-grid" in small.service.bookkeeper.factors.standing()


def test_masses_that_look_like_tonnes_are_asked_about(
    page: Page, address: tuple[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "tonnes.csv"
    file.write_text("缸号,净重\nA1,0.4785\nA2,0.465\nA3,0.47\n", encoding="gbk")
    go(page, address, "office/import")
    page.set_input_files("#import-file", file)

    page.get_by_test_id("unit-t").click()

    page.get_by_test_id("import-row").first.wait_for()
    assert "478.5" in page.locator("#import-rows").inner_text()


def test_a_bill_is_entered_and_explained_on_the_health_page(
    page: Page, small: World, address: tuple[str, str]
) -> None:
    go(page, address, "health?month=2026-03")
    page.get_by_text("Enter a bill").first.click()
    said = {"supply": "grid", "first_day": "2026-03-01", "last_day": "2026-03-31"}
    for field, text in {**said, "amount": "182340", "unit": "kWh"}.items():
        page.fill(f"#bill-{field}", text)
    page.click("#bill-form .main")

    bill = page.get_by_test_id("bill")
    bill.wait_for()
    assert bill.get_attribute("data-state") == "not-metered"
    assert len(small.books.said.standing("bill")) == 1
