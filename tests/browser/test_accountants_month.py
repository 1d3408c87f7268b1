"""An accountant's month by clicks alone, from the mill's own Excel table to what comes late."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import openpyxl
import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.api.given import World, on, reading, world
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
LATE_METER = "jet-02-steam"
PLC = (("002409", 20, 70),)


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """March is over; the steam meter of a jet kept silent for twenty minutes of it."""
    one = world(tmp_path_factory.mktemp("month") / "config")
    one.passes(0, 15, without=["jet-02-plc"])
    one.passes(16, 35, without=[LATE_METER, "jet-02-plc"])
    one.passes(36, 150, without=["jet-02-plc"])
    shown = [reading("jet-02-plc", m, {"batch_id": on(PLC, m)}) for m in range(151)]
    one.sends(*shown)
    one.clock[0] = APRIL
    one.service.bookkeeper.start()
    somebody(one, "Li Na", "accountant")
    yield one
    one.service.bookkeeper.stop()
    one.close()


@pytest.fixture
def page(mill: World, browser: Browser, origin: str) -> Iterator[Page]:
    """Li Na at her desk, signed in."""
    size = {"width": DESKTOP[0], "height": DESKTOP[1]}
    context = browser.new_context(viewport=size, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    one = context.new_page()
    one.add_init_script(COUNT); one.on("console", lambda m: print("CONSOLE", m.text)); one.on("pageerror", lambda m: print("ERR", m))
    signs_in(one, origin, "Li Na")
    one.get_by_test_id("machine").first.wait_for()
    yield one
    context.close()


@pytest.fixture(scope="module")
def origin(mill: World) -> Iterator[str]:
    with served(mill) as (address, _):
        yield address


def imports(page: Page, table: Path) -> None:
    page.get_by_test_id("nav-office").click()
    page.set_input_files("#import-file", table)
    page.get_by_test_id("import-row").first.wait_for()
    shot(page, "accountant-1-import")
    page.click("#import-enter")
    page.locator("#imported-now").wait_for()


def corrects(page: Page, batch: str, kg: str, why: str) -> None:
    page.get_by_test_id("nav-batches").click()
    page.locator(f"[data-batch='{batch}'][data-status=final] .c-id a").click()
    page.locator("#words summary").click()
    page.fill("#correct-accepted_kg", kg)
    page.fill("#correct-reason", why)
    page.click("#correct-batch button")
    page.locator("#words .good-text").wait_for()


def closes(page: Page, why: str) -> None:
    page.get_by_test_id("nav-office").click()
    page.get_by_test_id("office-closing").click()
    page.locator("#close-month input").fill(why)
    page.get_by_test_id("do-close").click()
    page.locator("#month[data-state=closed]").wait_for()


def total(page: Page) -> Decimal:
    return Decimal(page.get_by_test_id("month-total").inner_text())


def exported(page: Page, form: str, folder: Path) -> Path:
    with page.expect_download() as coming:
        page.get_by_test_id(f"export-{form}").click()
    path = folder / f"march.{form}"
    coming.value.save_as(path)
    return path


def in_csv(path: Path) -> Decimal:
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    return sum((Decimal(row["排放量 [kgCO2e]"]) for row in rows), Decimal(0))


def in_pdf(path: Path) -> Decimal:
    text = "".join(one.extract_text() for one in PdfReader(path).pages)
    return Decimal(re.findall(r"总排放[^\d]*([\d.]+) kgCO2e", text)[0])


def test_a_month_from_excel_to_what_comes_late(mill: World, page: Page, tmp_path: Path) -> None:
    table = tmp_path / "三月.xlsx"
    table.write_bytes(workbook([HEAD, *ROWS], **AS_SHOWN))
    imports(page, table)
    corrects(page, "002409", "252.4", "复磅")
    closes(page, "三月账")
    shot(page, "accountant-2-closed")
    said = total(page)
    print("TOTAL", said, "clicks", clicks(page))
    for form in ("xlsx", "csv", "pdf"):
        exported(page, form, tmp_path)
    print(in_csv(tmp_path / "march.csv"))
    text = "\n".join(one.extract_text() for one in PdfReader(tmp_path / "march.pdf").pages)
    print(text[:3000])
    mill.sends(*[reading(LATE_METER, minute) for minute in range(16, 36)])
    page.get_by_test_id("restatement").wait_for()
    page.get_by_test_id("month-waits").wait_for()
    shot(page, "accountant-3-late")
    form = page.locator("[data-testid=restatement] form")
    form.locator("input").fill("气表读数补录")
    form.get_by_test_id("do-post").click()
    page.get_by_test_id("none-waits").wait_for()
    shot(page, "accountant-4-posted")
    print(total(page), clicks(page))
