"""An accountant's month by clicks alone, from the mill's own Excel table to what comes late."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.api.given import PLANT, World, on, reading, world
from tests.api.importing.sending import workbook
from tests.api.recalculated import recalculated
from tests.api.test_session import somebody
from tests.browser.conftest import DESKTOP, PATIENCE_MS, shot
from tests.browser.serving import served
from tests.browser.test_office import signs_in
from tests.browser.test_tasks import COUNT, clicks

MARCH = "2026-03"
APRIL = datetime(2026, 4, 2, tzinfo=UTC)
HEAD = ("缸号", "品名", "颜色", "订单号", "净重(kg)")
ROWS = (
    ("B2601", "32s 单面", "藏青", "SO-0260317", 478.5),
    ("缸号-7", "32s 单面", "漂白", "SO-0260317", 455),
    (2409, "40s 罗纹", "黑", "SO-0260318", 250),
)
AS_SHOWN = {"A4": "000000"}
"""Excel made a number of 缸号 002409, and shows it with its zeros."""
FORMS = ("csv", "xlsx", "pdf")
LATE_METER = "jet-02-power"
_FILE_MS = 60_000  # a report is written while one waits
PLC = (("002409", 20, 70),)


@pytest.fixture
def mill(tmp_path: Path) -> Iterator[World]:
    """March is over; a jet's meter kept silent for twenty minutes, while a batch ended there."""
    few_windows = PLANT.replace('balance_over = "30min"', 'balance_over = "2h"')
    one = world(tmp_path / "config", few_windows)
    one.passes(0, 60, without=["jet-02-plc"])
    one.passes(61, 80, without=[LATE_METER, "jet-02-plc"])
    one.passes(81, 150, without=["jet-02-plc"])
    one.sends(*[reading("jet-02-plc", m, {"batch_id": on(PLC, m)}) for m in range(151)])
    one.clock[0] = APRIL
    one.service.bookkeeper.start()
    somebody(one, "Li Na", "accountant")
    yield one
    one.service.bookkeeper.stop()
    one.close()


@pytest.fixture
def page(mill: World, browser: Browser) -> Iterator[Page]:
    """Li Na at her desk, signed in."""
    size = {"width": DESKTOP[0], "height": DESKTOP[1]}
    context = browser.new_context(viewport=size, locale="zh-CN")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    one = context.new_page()
    one.add_init_script(COUNT)
    with served(mill) as (origin, _):
        signs_in(one, origin, "Li Na")
        one.get_by_test_id("machine").first.wait_for()
        yield one
        context.close()


def imports(page: Page, table: Path) -> None:
    """Last month's batches: looked at first, then taken in."""
    page.get_by_test_id("nav-office").click()
    page.set_input_files("#import-file", table)
    page.get_by_test_id("import-row").first.wait_for()
    shot(page, "accountant-1-import")
    page.click("#import-enter")
    page.get_by_test_id("to-months").click()
    page.locator("#month[data-state=open] #close-month").wait_for()
    shot(page, "accountant-2-open")


def corrects(page: Page, batch: str, kg: str, why: str) -> None:
    """A batch was weighed again."""
    page.get_by_test_id("month-batches").click()
    page.locator(f"[data-batch='{batch}'][data-status=final] .c-id a").click()
    page.locator("#words summary").click()
    page.fill("#correct-accepted_kg", kg)
    page.fill("#correct-reason", why)
    page.click("#correct-batch button")
    page.locator("#words .good-text").wait_for()
    shot(page, "accountant-3-corrected")


def closes(page: Page, why: str) -> None:
    """Nothing in it changes by itself any more."""
    page.get_by_test_id("nav-office").click()
    page.get_by_test_id("office-closing").click()
    page.locator("#close-month input").fill(why)
    page.get_by_test_id("do-close").click()
    page.locator("#month[data-state=closed]").wait_for()
    shot(page, "accountant-4-closed")


def posts(page: Page, why: str) -> None:
    """What came late is to count."""
    form = page.locator("[data-testid=restatement] form")
    form.locator("input").fill(why)
    form.get_by_test_id("do-post").click()
    page.get_by_test_id("none-waits").wait_for()
    page.get_by_test_id("month-waits").wait_for(state="detached")
    shot(page, "accountant-6-posted")


def total(page: Page) -> Decimal:
    return Decimal(page.get_by_test_id("month-total").inner_text())


def exported(page: Page, form: str, folder: Path) -> Path:
    with page.expect_download(timeout=_FILE_MS) as coming:
        page.get_by_test_id(f"export-{form}").click()
    path = folder / f"march.{form}"
    coming.value.save_as(path)
    return path


def in_file(path: Path) -> Decimal:
    """The month's total as a file says it."""
    if path.suffix == ".pdf":
        text = "".join(one.extract_text() for one in PdfReader(path).pages)
        return Decimal(re.findall(r"已存档月度总量 ([\d.]+) kgCO2e", text)[0])
    if path.suffix == ".xlsx":
        summary = recalculated(path)["汇总"]
        return Decimal(str(round(float(summary["最终批次排放量 [kgCO2e]"]), 6)))
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    return sum((Decimal(row["排放量 [kgCO2e]"]) for row in rows), Decimal(0))


def answered(page: Page, path: str) -> dict[str, Any]:
    """The same over HTTP."""
    answer = page.request.get(f"{page.url.partition('#')[0]}api/v1{path}")
    body: dict[str, Any] = answer.json()
    return body


def kept(page: Page) -> Decimal:
    """The month's total over HTTP."""
    return Decimal(answered(page, f"/periods/{MARCH}/totals")["batches_kgco2e"])


@pytest.mark.parametrize(
    "forms", [FORMS[:1], pytest.param(FORMS, marks=pytest.mark.long)], ids=["csv", "every form"]
)
def test_a_month_from_excel_to_what_comes_late_by_clicks_alone(
    mill: World, page: Page, tmp_path: Path, forms: tuple[str, ...]
) -> None:
    table = tmp_path / "三月.xlsx"
    table.write_bytes(workbook([HEAD, *ROWS], **AS_SHOWN))

    imports(page, table)
    corrects(page, "002409", "252.4", "复磅")
    closes(page, "三月账")

    closed = total(page)
    assert {in_file(exported(page, form, tmp_path)) for form in forms} == {closed} == {kept(page)}
    assert clicks(page) == 11 + len(forms)  # signing in is the first

    mill.sends(*[reading(LATE_METER, minute) for minute in range(61, 81)])
    page.get_by_test_id("month-waits").wait_for()
    shot(page, "accountant-5-late")
    assert total(page) == closed == in_file(exported(page, "csv", tmp_path)) == kept(page)

    posts(page, "补录")
    assert page.get_by_test_id("kept").first.inner_text().split()[0] == "4"
    assert {in_file(exported(page, form, tmp_path)) for form in forms} == {total(page)}
    assert total(page) == kept(page) != closed
    batch = answered(page, "/batches/002409/footprint")
    assert (batch["status"], batch["accepted_kg"], batch["reason"]) == (
        "final",
        "252.4",
        "late-data",
    )
