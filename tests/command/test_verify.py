"""`millprint verify`: what a certifier types, and the sentences that come back."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.command.conftest import PATIENCE_S, millprint
from tests.evidence.given import Site, build, change, edit_form, journal, take_out


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that lived a day and was sealed by the process that does that."""
    one: Site = build(tmp_path_factory.mktemp("sealed") / "site")
    one.lives(0)
    one.close()
    command = [sys.executable, "-m", "millprint.roots.sealer", "--config", str(one.folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (done.returncode, "is sealed" in done.stderr) == (0, True), done.stderr
    return one.folder


@pytest.fixture
def site(sealed: Path, tmp_path: Path) -> Path:
    """A copy of it, to be tampered with."""
    return Site.copied(sealed, tmp_path / "site")


def verify(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return millprint("verify", "--config", str(site), *words)


def test_a_sound_site_is_said_to_be_sound_with_what_was_not_asked(site: Path) -> None:
    done = verify(site)

    assert done.returncode == 0, done.stderr
    assert "Nothing was changed: 62 records of 1 epochs, and 1 seals" in done.stdout
    assert "--against" in done.stdout
    assert re.search(r"Public key of the seals: [A-Za-z0-9_-]{43}\n", done.stdout)


def test_a_held_seal_and_a_known_key_are_compared(site: Path) -> None:
    with closing(sqlite3.connect(site / "var" / "books.db")) as db:
        ((form,),) = db.execute("SELECT form FROM seals").fetchall()
    key = json.loads(form)["key"]
    held = str(site.parent / "certifier")

    done = verify(site, "--against", held, "--public-key", key)

    assert done.returncode == 0, done.stderr
    assert "1 seals that others hold were compared" in done.stdout


def test_a_finding_is_a_sentence_with_place_device_and_instant_and_exit_code_1(site: Path) -> None:
    edit_form(journal(site), 60, ".5", ".4")

    done = verify(site)

    assert done.returncode == 1
    assert "record-changed" in done.stderr
    assert "jet-02-power" in done.stderr
    assert "journal.db  dyehouse-a" in done.stderr
    assert "findings among 62 records" in done.stdout
    assert "Traceback" not in done.stderr


def test_findings_come_in_chinese_and_as_json(site: Path) -> None:
    take_out(journal(site), 62)

    done = verify(site, "--lang", "zh")
    assert done.returncode == 1
    assert re.search(r"第 62 至 62 条记录", done.stderr)
    assert "处问题" in done.stdout

    body = json.loads(verify(site, "--json").stdout)
    assert body["findings"][0]["code"] == "record-removed"
    assert body["findings"][0]["values"]["seq"] == "62"


def test_a_held_seal_that_the_books_do_not_know_is_said_with_its_day(site: Path) -> None:
    change(site / "var" / "books.db", "DELETE FROM seals")

    done = verify(site, "--against", str(site.parent / "certifier"))

    assert done.returncode == 1
    assert "seal-not-kept" in done.stderr


@pytest.mark.parametrize("lacking", ["journal", "books"])
def test_a_file_that_is_not_there_is_said_in_a_sentence_with_exit_code_2(
    site: Path, lacking: str
) -> None:
    for file in (site / "var").glob(f"{lacking}.db*"):
        file.unlink()

    done = verify(site)

    assert done.returncode == 2
    assert f"no-{lacking}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_new_key_is_shown_and_endorsed(site: Path) -> None:
    done = millprint("api", "new-seal-key", "--config", str(site))

    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", done.stdout.strip())
    assert verify(site).returncode == 0


def test_the_sealer_refuses_a_key_that_cannot_be_read_in_a_sentence(site: Path) -> None:
    (site / "var" / "seal.key").write_text("")
    command = [sys.executable, "-m", "millprint.roots.sealer", "--config", str(site)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert done.returncode == 2
    assert "seal-key-unreadable" in done.stderr
    assert "Traceback" not in done.stderr
