"""Two sites and their centre, each a process of its own, over real HTTP and PostgreSQL."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import SSLContext, create_default_context
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import Browser, Page
from typer.testing import CliRunner

from api.books import Books
from api.books.batches import BatchEntry
from api.sealing import key
from millprint.broker import free_port, wait_for_port
from millprint.children import python, start
from millprint.commands import group as commands
from millprint.enrolment import authority
from millprint.enrolment.authority import new_request
from millprint.enrolment.register import PAGES
from millprint.roots import sealer, upward
from millprint.verification import verify
from tests.api.given import PLANT, START, World, world
from tests.chromium import browsing
from tests.evidence.given import change
from tests.group.given import READER, hashed
from tests.postgres import Cluster

GATEWAY = """
site = "{site}"
[mqtt]
url = "mqtt://127.0.0.1:1883"
[journal]
url = "sqlite:///journal.db"
"""
API = """
[http]
port = {port}
[books]
url = "sqlite:///books.db"
[group]
url = "{centre}"
key_file = "group.key"
ca_file = "../authority/{ca}"
"""
NAMES = ("keqiao", "shaoxing")
PATIENCE_S = 60
DAY = timedelta(days=1)
NIGHT = datetime(2026, 3, 3, 16, 12, tzinfo=UTC)


@dataclass
class Site:
    """A mill's own machine: its configuration, and the processes that its calendar starts."""

    name: str
    folder: Path
    port: int
    sealing_key: str = ""
    push_key: str = ""
    reader: str = ""

    def seals(self, now: datetime = NIGHT) -> None:
        sealer.seal(self.folder, now)

    def sends(self) -> bool:
        return upward.send(self.folder)

    def sends_in_a_process(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            python("millprint.roots.upward", "--config", str(self.folder)),
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip

    def books(self) -> Books:
        return Books(f"sqlite:///{self.folder}/books.db")

    def fault(self) -> str:
        """Why the last seal was not taken."""
        books = self.books()
        failed = books.seals.failed_copies()
        books.close()
        return failed[0].fault if failed else ""


@dataclass
class Group:
    """What was started."""

    sites: dict[str, Site]
    centre: str
    folder: Path
    trusted: SSLContext

    def reads(self, path: str) -> httpx.Response:
        answer = httpx.get(
            f"{self.centre}/api/v1/group{path}",
            headers={"Authorization": f"Bearer {READER}"},
            verify=self.trusted,
        )
        assert answer.status_code == 200, answer.text
        return answer

    def asks(self, path: str) -> Any:
        return self.reads(path).json()

    def articles(self, name: str) -> dict[str, dict[str, Any]]:
        (mill,) = (one for one in self.asks("/mills")["mills"] if one["mill"] == name)
        return {one["article"]: one for one in mill["articles"]}


def lived(folder: Path, name: str) -> World:
    """Two hours of a mill whose batches are of articles."""
    mill = world(folder, PLANT.replace('"keqiao"', f'"{name}"'), site=name)
    mill.passes(0, 120)
    for batch, article in (("B2601", "40s poplin"), ("C1", "twill")):
        mill.books.batches.enter(BatchEntry(batch, article, "478.5"), "ana", START, [])
    mill.closes_its_books()
    return mill


def configured(site: Site, centre: str) -> None:
    """Its configuration names the centre; what the centre needs to know of it."""
    (site.folder / "gateway.toml").write_text(GATEWAY.format(site=site.name), encoding="utf-8")
    (site.folder / "api.toml").write_text(
        API.format(port=site.port, centre=centre, ca=authority.CERTIFICATE), encoding="utf-8"
    )
    site.push_key = types("new-key", str(site.folder / "group.key")).strip()
    site.sealing_key = key.load_or_make(site.folder / "var" / "seal.key").public


def types(*words: str) -> str:
    """`millprint group`, and what it says."""
    said = CliRunner().invoke(commands.app, words)
    assert said.exit_code == 0, said.output
    return said.output


def group_toml(sites: dict[str, Site], port: int, books: str) -> str:
    mills = "".join(
        f'[mills.{one.name}]\nseal_keys = ["{one.sealing_key}"]\npush_key = "{one.push_key}"\n'
        f'pages = "http://127.0.0.1:{one.port}"\n'
        for one in sites.values()
    )
    return (
        f'[http]\nport = {port}\ncert_file = "centre.pem"\nkey_file = "centre.key"\n'
        f'[books]\nurl = "{books}"\n'
        f'[readers]\noffice = "{hashed(READER)}"\n{mills}'
    )


def certified(folder: Path) -> Path:
    """The centre's certificate, of an authority that the sites are told of."""
    now = datetime.now(UTC)
    (folder / "authority").mkdir()
    made, (private, _) = authority.make(folder / "authority", "group", now), new_request("centre")
    certificate, _ = made.sign(private.public_key(), "centre", PAGES, now, ["127.0.0.1"])
    (folder / "centre.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "centre.key").write_bytes(authority.pem_of(private))
    return folder / "authority" / authority.CERTIFICATE


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    folder = tmp_path_factory.mktemp("group")
    port, ca = free_port(), certified(folder)
    sites = {name: Site(name, folder / name, free_port()) for name in NAMES}
    with ExitStack() as house:
        for site in sites.values():
            mill = lived(site.folder, site.name)
            site.reader = mill.books.keys.make("group", "engineer", mill.clock[0])
            mill.close()
            configured(site, f"https://127.0.0.1:{port}")
        cluster = Cluster()
        house.callback(cluster.close)
        books = cluster.emptied("centre")
        (folder / "group.toml").write_text(group_toml(sites, port, books), encoding="utf-8")
        assert "nothing is wrong" in types("check", "--config", str(folder))
        centre = start(python("millprint.roots.group", "--config", str(folder)))
        house.callback(centre.wait)
        house.callback(centre.terminate)
        wait_for_port(port)
        yield Group(sites, f"https://127.0.0.1:{port}", folder, create_default_context(cafile=ca))


def test_results_of_two_sites_arrive_signed_and_the_centre_says_what_they_come_to(group):
    for site in group.sites.values():
        site.seals()
        done = site.sends_in_a_process()
        assert done.returncode == 0, done.stderr

    for site in group.sites.values():
        books = site.books()
        seal, footprint = books.seals.last(), books.results.find("B2601", "footprint")
        books.close()
        article = group.articles(site.name)["40s poplin"]
        assert article["kgco2e"] == footprint.kgco2e
        assert article["seal"]["hash"] == seal.digest


def test_what_was_sent_already_is_not_sent_again_and_changes_nothing(group):
    before = group.asks("/mills")["mills"]

    assert group.sites["keqiao"].sends()
    assert group.asks("/mills")["mills"] == before


def test_the_centre_holds_seals_that_verify_takes_for_evidence(group, tmp_path):
    (tmp_path / "held.json").write_bytes(group.reads("/mills/keqiao/seals/1").content)

    verdict = verify(group.sites["keqiao"].folder, [tmp_path], [], lambda *_: None)

    assert (verdict.held, verdict.findings) == (1, ())


def seen(browser: Browser, group: Group) -> Page:
    """The group's page, opened with a reader's key that is typed."""
    page = browser.new_page(locale="en", ignore_https_errors=True)
    page.add_init_script(
        "window.stopped = [];"
        "addEventListener('securitypolicyviolation', (e) => stopped.push(e.violatedDirective));"
    )
    page.goto(group.centre)
    page.fill("#key", READER)
    page.click("#key-form button")
    page.wait_for_selector("[data-testid=article]")
    return page


def test_the_page_shows_both_mills_in_both_languages_and_leads_to_their_evidence(group):
    with browsing() as browser:
        page = seen(browser, group)
        mills = page.locator("[data-testid=mill]")
        assert [one.get_attribute("data-mill") for one in mills.all()] == list(NAMES)
        for name in NAMES:
            mill, known = page.locator(f"[data-mill={name}]"), group.articles(name)["40s poplin"]
            assert "Sealed through 2026-03-03: seal 1" in mill.inner_text()
            assert known["seal"]["hash"] in mill.inner_text()
            row = mill.locator("[data-testid=article]", has_text="40s poplin")
            assert f"{float(known['kgco2e_per_kg']):.3f}" in row.inner_text()
            row.locator("button").click()
            link = mill.locator("[data-testid=batch] a", has_text="B2601")
            port = group.sites[name].port
            assert link.get_attribute("href") == f"http://127.0.0.1:{port}/#/batches/B2601"
        page.click("#language")
        page.get_by_role("heading", name="集团各工厂").wait_for()
        assert "已封存至 2026-03-03：第 1 份" in mills.first.inner_text()
        assert page.evaluate("stopped") == []

        page.set_viewport_size({"width": 360, "height": 740})
        page.emulate_media(color_scheme="dark")
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0


def test_a_word_that_is_edited_after_its_seal_is_refused_until_it_is_as_it_was(group):
    site = group.sites["shaoxing"]
    books = site.books()
    books.batches.enter(BatchEntry("N1", "denim", "10"), "ana", NIGHT, [])
    books.close()
    site.seals(NIGHT + DAY)
    edit = "UPDATE entries SET body = replace(body, ?, ?) WHERE subject = 'N1'"
    change(site.folder / "books.db", edit, "denim", "linen")

    assert not site.sends()
    assert "409 The seal of 2026-03-04 does not name this row" in site.fault()

    change(site.folder / "books.db", edit, "linen", "denim")
    assert site.sends()
    assert site.fault() == ""


def test_the_command_says_how_far_each_mill_has_come(group):
    said = types("sites", "--config", str(group.folder))

    for name in NAMES:
        assert name in said


def test_a_site_that_was_set_back_is_told_so(group, tmp_path):
    site = group.sites["keqiao"]
    older = Site("keqiao", tmp_path / "older", site.port)
    shutil.copytree(site.folder, older.folder)
    shutil.copytree(group.folder / "authority", tmp_path / "authority")
    for table in ("seals", "seal_leaves", "seal_copies"):
        change(older.folder / "books.db", f"DELETE FROM {table}")
    older.seals(NIGHT - DAY)

    assert not older.sends()
    assert "they were set back" in older.fault()


def test_a_centre_that_cannot_be_reached_is_owed_the_seal_and_health_says_so(group, tmp_path):
    site = group.sites["keqiao"]
    alone = Site("keqiao", tmp_path / "alone", site.port)
    shutil.copytree(site.folder, alone.folder)
    api = alone.folder / "api.toml"
    said = api.read_text(encoding="utf-8")
    api.write_text(said.replace(group.centre, f"http://127.0.0.1:{free_port()}"), encoding="utf-8")
    shutil.copytree(group.folder / "authority", tmp_path / "authority")

    assert not alone.sends()
    assert "refused" in alone.fault()


def test_a_centre_that_nobody_vouches_for_is_sent_nothing(group, tmp_path):
    site = group.sites["keqiao"]
    alone = Site("keqiao", tmp_path / "alone", site.port)
    shutil.copytree(site.folder, alone.folder)
    certified(tmp_path)  # another authority of the same name

    assert not alone.sends()
    assert "certificate verify failed" in alone.fault()


@pytest.mark.long
def test_a_link_of_the_groups_page_opens_the_batch_at_the_mill(group):
    site = group.sites["shaoxing"]
    server = start(python("millprint.roots.server", "--config", str(site.folder), "--part", "api"))
    try:
        wait_for_port(site.port)
        found = group.asks("/mills/shaoxing/batches?article=40s poplin")["batches"]
        (batch,) = (one for one in found if one["batch"] == "B2601")
        with browsing() as browser:
            page = browser.new_page()
            page.goto(f"{batch['page']}?key={site.reader}")
            page.get_by_role("heading", name="B2601").wait_for()
    finally:
        server.terminate()
        server.wait()
