"""Pages in a browser: the first paint of a first visit, and what it fetches."""

import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.bench.pages import MACHINES, hall
from tests.bench.row import Effort, Row
from tests.browser.serving import served

_MOST_MS, _MOST_KB = 1000.0, 400.0
_TILES = "[data-testid=machine]"
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


@dataclass(frozen=True, slots=True)
class _Visit:
    """A first visit: until something was there, and what travelled."""

    paint_ms: float
    kb: float


def measure(effort: Effort) -> list[Row]:
    """First paint and weight of a first visit."""
    machines = effort.pick(MACHINES, 10)
    with tempfile.TemporaryDirectory() as name, _browser() as browser:
        mill = hall(Path(name) / "hall", machines)
        with served(mill) as address:
            visits = [_visited(browser, address) for _ in range(effort.pick(5, 1))]
        mill.close()
    what = f"a first visit to a hall of {machines} machines"
    return [
        Row(f"{what}: first paint", statistics.median(one.paint_ms for one in visits), "ms",
            "what it may take", _MOST_MS, len(visits)),
        Row(f"{what}: fetched, as it travels", statistics.median(one.kb for one in visits), "kB",
            "what it may be", _MOST_KB, len(visits)),
    ]  # fmt: skip


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def _visited(browser: Browser, address: tuple[str, str]) -> _Visit:
    """By a browser that was never there."""
    origin, key = address
    context = browser.new_context()
    page, travelled = context.new_page(), [0.0]
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.on("Network.loadingFinished", lambda one: travelled.append(one["encodedDataLength"]))
    page.goto(f"{origin}/#/?key={key}")
    page.wait_for_selector(_TILES)
    found = _Visit(float(page.evaluate(_PAINT)), sum(travelled) / 1000)
    context.close()
    return found
