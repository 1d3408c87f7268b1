"""Debian's Chromium without a window: the same pages, for half of the processor time."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_PROGRAM = "chromium-headless-shell"


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser; `FileNotFoundError` where Debian's package is not installed."""
    program = shutil.which(_PROGRAM)
    if program is None:
        raise FileNotFoundError(f"{_PROGRAM} is missing: make test installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
