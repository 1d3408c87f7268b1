"""Pieces of the pages, tried by themselves in a real browser."""

import pytest
from playwright.sync_api import Page


@pytest.mark.parametrize(
    ("zone", "said", "meant"),
    [
        ("Asia/Shanghai", "2026-03-02T11:12", "2026-03-02T03:12:00.000Z"),
        ("Asia/Shanghai", "2026-03-02T11:12:30", "2026-03-02T03:12:30.000Z"),
        # Clocks go forward at 02:00 and back at 03:00.
        ("Europe/Berlin", "2026-03-29T01:30", "2026-03-29T00:30:00.000Z"),
        ("Europe/Berlin", "2026-03-29T10:00", "2026-03-29T08:00:00.000Z"),
        ("Europe/Berlin", "2026-10-25T10:00", "2026-10-25T09:00:00.000Z"),
        ("America/New_York", "2026-03-08T10:00", "2026-03-08T14:00:00.000Z"),
        ("Europe/Berlin", "no such time", None),
        ("Europe/Berlin", "2026-03-29", None),
    ],
)
def test_what_a_site_s_clock_shows_is_an_instant_also_when_clocks_change(
    page: Page, address: tuple[str, str], zone: str, said: str, meant: str | None
) -> None:
    page.goto(address[0])

    found = page.evaluate(
        """async ([zone, said]) => {
          const { setZone, siteInstant } = await import("/i18n/times.js");
          setZone(zone);
          const at = siteInstant(said);
          return at === null ? null : new Date(at).toISOString();
        }""",
        [zone, said],
    )
    assert found == meant


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        ("2026-03-29", "2026-03-28T23:00:00.000Z"),
        ("2026-03-30", "2026-03-29T22:00:00.000Z"),
        ("2026-3-30", None),
    ],
)
def test_a_day_of_the_site_begins_at_its_own_midnight(
    page: Page, address: tuple[str, str], day: str, begins: str | None
) -> None:
    page.goto(address[0])

    found = page.evaluate(
        """async (day) => {
          const { dayStart, setZone } = await import("/i18n/times.js");
          setZone("Europe/Berlin");
          const at = dayStart(day);
          return at === null ? null : new Date(at).toISOString();
        }""",
        day,
    )
    assert found == begins


def test_what_is_to_be_asked_again_soon_is_asked_by_one_timer_that_stops(
    page: Page, address: tuple[str, str]
) -> None:
    page.goto(address[0])

    times = page.evaluate(
        """async () => {
          const { Poll } = await import("/server/polling.js");
          let times = 0;
          let full = null;
          const enough = new Promise((done) => { full = done; });
          const poll = new Poll(async () => {
            times += 1;
            if (times === 4) full();
            return times < 4 ? 1 : undefined;
          }, 3600000, () => {});
          poll.start();
          const patience = (ms) => new Promise((done) => { setTimeout(done, ms); });
          await Promise.race([enough, patience(5000)]);
          await patience(50);
          poll.stop();
          return times;
        }"""
    )
    assert times == 4
