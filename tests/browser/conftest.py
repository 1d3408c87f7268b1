"""A real demo and a real browser: the mill plays a short scenario, and pages look at it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from millprint.demo.mill_file import SHIPPED_MILL, load
from millprint.demo.play import until_final
from millprint.demo.stage import Casting, Stage
from millprint.installation import opened
from tests.api.given import World, world
from tests.browser.serving import served
from tests.chromium import browsing

SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"
DESKTOP = (1280, 800)
PHONE = (360, 740)
PATIENCE_MS = 20_000
_WATCH_CSP = """
window.violations = [];
addEventListener("securitypolicyviolation", (e) => window.violations.push(e.violatedDirective));
"""


@dataclass
class Seen:
    """What a page did that nobody sees."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


class Reader:
    """Somebody at a page of the mill."""

    def __init__(self, context: BrowserContext, stage: Stage) -> None:
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(_WATCH_CSP)
        self.seen = Seen()
        self.origin = f"http://127.0.0.1:{stage.port}"
        self.page: Page = context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda fault: self.seen.errors.append(str(fault)))
        self.page.on("request", lambda request: self.seen.requests.append(request.url))
        self.page.on("dialog", self._asked)
        self._key = stage.key

    def open(self, place: str = "", *, key: str | None = None) -> Page:
        """A place such as ``batches``, with the mill's key or another."""
        mark = "&" if "?" in place else "?"
        self.page.goto(f"{self.origin}/#/{place}{mark}key={self._key if key is None else key}")
        return self.page

    def abroad(self) -> list[str]:
        """Requests that went elsewhere."""
        return [url for url in self.seen.requests if not url.startswith((self.origin, "data:"))]

    def violations(self) -> list[str]:
        """What the content security policy stopped."""
        return list(self.page.evaluate("window.violations"))

    def _said(self, message: object) -> None:
        if getattr(message, "type", "") in ("error", "warning"):
            self.seen.errors.append(str(getattr(message, "text", "")))

    def _asked(self, dialog: object) -> None:
        self.seen.dialogs.append(str(getattr(dialog, "message", "")))
        getattr(dialog, "dismiss")()  # noqa: B009 - any kind of dialog


def shot(page: Page, name: str) -> None:
    """Keep a picture for people."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def overflow(page: Page) -> int:
    """By how much the page is wider than the screen. [px]"""
    root = "document.documentElement"
    return int(page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))


def go(page: Page, address: tuple[str, str], place: str = "") -> Page:
    """A place of a mill at an address, with its key."""
    origin, key = address
    page.goto(f"{origin}/#/{place}{'&' if '?' in place else '?'}key={key}")
    return page


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with browsing() as one:
        yield one


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The shipped mill with one batch a jet and shorter steps, from its first minute."""
    folder = tmp_path_factory.mktemp("demo")
    text = SHIPPED_MILL.read_text(encoding="utf-8")
    text = re.sub(r"batches_per_jet = \d+", "batches_per_jet = 1", text)
    text = re.sub(r"minutes = \d\d", "minutes = 4", text)
    path = folder / "short.toml"
    path.write_text(text, encoding="utf-8")
    casting = Casting(mill_file=path, mill=load(path), seed=11, speed=0, once=True)
    with opened(Stage(folder / "stage", casting)) as running:
        yield running


@dataclass(frozen=True)
class Card:
    """A machine on the Hall while it runs."""

    state: str
    said: str
    gauges: dict[str, str]
    cut: list[str]  # gauges whose figures do not fit their place
    step: str
    so_far: str


@dataclass(frozen=True)
class Hall:
    """The Hall while the mill runs."""

    cards: dict[str, Card]
    summary: str
    health: str
    seen: Seen
    abroad: list[str]
    violations: list[str]


@pytest.fixture(scope="package")
def hall(stage: Stage, browser: Browser) -> Hall:
    """What one sees at a moment when a machine runs a batch."""
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
    reader = Reader(context, stage)
    page = reader.open()
    page.wait_for_selector("[data-testid=machine][data-state=running] [data-testid=so-far]")
    page.wait_for_selector("#health[data-status=ok]")  # one that lags for a moment is no fault
    shot(page, "hall-running-desktop")
    found = page.evaluate(_CARDS)
    hall = Hall(
        cards={one.pop("id"): Card(**one) for one in found},
        summary=page.locator("#summary").inner_text(),
        health=page.locator("#health").get_attribute("data-status") or "",
        seen=reader.seen,
        abroad=reader.abroad(),
        violations=reader.violations(),
    )
    context.close()
    return hall


_CARDS = """
() => [...document.querySelectorAll("[data-testid=machine]")].map((card) => {
  const said = (id) => card.querySelector(`[data-testid=${id}]`)?.innerText ?? "";
  const gauges = [...card.querySelectorAll("[data-testid=gauge]")];
  return {
    id: card.dataset.machine, state: card.dataset.state, said: said("state"), step: said("step"),
    so_far: said("so-far"),
    cut: gauges.filter((one) => one.querySelector("dd").scrollWidth > one.clientWidth)
      .map((one) => one.dataset.quantity),
    gauges: Object.fromEntries(
      gauges.map((one) => [one.dataset.quantity, one.querySelector("dd").innerText])),
  };
})
"""


@pytest.fixture(scope="package")
def mill(stage: Stage, hall: Hall) -> Stage:
    """The same mill when every batch is final; its collector has stopped, so nothing moves."""
    assert hall.cards
    for _ in until_final(stage):
        pass
    collector = stage.child("collector").process
    assert collector
    collector.terminate()
    collector.wait()
    return stage


@pytest.fixture
def come(mill: Stage, browser: Browser) -> Iterator[Callable[..., Reader]]:
    """Somebody comes: ``come(PHONE, locale="zh-CN", color_scheme="dark")``."""
    contexts: list[BrowserContext] = []

    def one(size: tuple[int, int] = DESKTOP, **more: str) -> Reader:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, **more)  # type: ignore[arg-type]
        contexts.append(context)
        return Reader(context, mill)

    yield one
    for context in contexts:
        context.close()


@pytest.fixture
def reader(come: Callable[..., Reader]) -> Reader:
    """Somebody at a desk, who reads English in the light."""
    return come()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two hours of a mill, one of whose batches has a hostile id."""
    one = world(tmp_path_factory.mktemp("small") / "config")
    one.passes(0, 120)
    one.closes_its_books()
    yield one
    one.close()


@pytest.fixture(scope="module")
def address(small: World) -> Iterator[tuple[str, str]]:
    """Where its pages are, and a key to them."""
    with served(small) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on a desk, still empty."""
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()
