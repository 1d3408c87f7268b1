"""Pages in a browser: the first paint, what a first visit fetches, how soon a change is seen."""

import statistics
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser

from collector.wire.reading import instant
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from tests.bench.pages import MACHINES, hall
from tests.bench.restless import METER, restless_site
from tests.bench.row import Effort, Row
from tests.browser.serving import served
from tests.chromium import browsing

_MOST_MS, _MOST_KB, _LATEST_S = 1000.0, 400.0, 2.0
_LOOKS_MS = 500.0
_HALF_A_DIGIT = 0.0501
"""Of the last one that a page shows. [kW]"""
_TILES = "[data-testid=machine]"
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
_WATCH = """() => {
  const figure = () => document.querySelector("[data-quantity=power] dd").innerText;
  let shown = figure();
  window.changes = [];
  const look = () => {
    if (figure() !== shown) window.changes.push([shown = figure(), Date.now()]);
  };
  new MutationObserver(look).observe(
    document.body, {subtree: true, childList: true, characterData: true});
}"""


@dataclass(frozen=True, slots=True)
class _Visit:
    """A first visit: until something was there, and what travelled."""

    paint_ms: float
    kb: float


def measure(effort: Effort) -> list[Row]:
    """First paint and weight of a first visit; the time from a poll to the page."""
    machines = effort.pick(MACHINES, 10)
    with tempfile.TemporaryDirectory() as name, browsing() as browser:
        mill = hall(Path(name) / "hall", machines)
        with served(mill) as address:
            visits = [_visited(browser, address) for _ in range(effort.pick(5, 1))]
        mill.close()
        late = sorted(_lateness_s(browser, Path(name) / "site", effort.pick(15, 1)))
    what = f"a first visit to a hall of {machines} machines"
    return [
        Row(f"{what}: first paint", statistics.median(one.paint_ms for one in visits), "ms",
            "what it may take", _MOST_MS, len(visits)),
        Row(f"{what}: fetched, as it travels", statistics.median(one.kb for one in visits), "kB",
            "what it may be", _MOST_KB, len(visits)),
        Row("a register that changed, on the hall page after its poll, the latest of "
            f"{len(late)}", late[-1], "s", "how late it may be", _LATEST_S, 1),
    ]  # fmt: skip


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


def _lateness_s(browser: Browser, folder: Path, changes: int) -> list[float]:
    """Of every change of a meter's power on a page, how old its reading was by then. [s]"""
    with restless_site(folder) as (origin, key):
        page = browser.new_page()
        page.goto(f"{origin}/#/?key={key}")
        page.wait_for_selector("[data-quantity=power] dd")
        page.evaluate(_WATCH)
        while page.evaluate("window.changes.length") <= changes:
            page.wait_for_timeout(_LOOKS_MS)
        seen = page.evaluate("window.changes")[1:]  # before, the site may still have been starting
        page.close()
    journal = Reader(Sqlite(folder / "var" / "journal.db"))
    return [_age_s(journal, float(text.split()[0]), instant(at)) for text, at in seen]


def _age_s(journal: Reader, figure: float, shown: datetime) -> float:
    """Since the newest reading of the value that was shown. [s]"""
    read = [
        one.at
        for one in journal.readings(METER, shown - timedelta(minutes=2), shown)
        if abs(float(one.values.get("power_kw", -1)) - figure) <= _HALF_A_DIGIT
    ]
    assert read, f"{figure} was shown, which nobody read"
    return (shown - read[-1]).total_seconds()
