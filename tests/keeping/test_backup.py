"""A site that was lost comes back as it was, or not at all."""

import io
import os
import shutil
import tarfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from api.app import application
from api.books import Books
from collector.spool import Spool
from collector.wire.problem import Refused
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from millprint.command import app
from millprint.enrolment import site as enrolment
from millprint.keeping import site
from millprint.keeping.backup import Manifest, back_up
from millprint.keeping.restore import restore
from millprint.verification import verify
from tests.api.given import COLLECTOR, SITE, Caller, World, at, serving, world

GATEWAY = """
site = "keqiao"
[mqtt]
url = "mqtt://127.0.0.1:1883"
[journal]
url = "sqlite:///journal.db"
"""
API = """
[http]
port = 8420
[books]
url = "sqlite:///books.db"
"""


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two and a half hours of a mill."""
    one = world(tmp_path_factory.mktemp("mill") / "config")
    (one.folder / "gateway.toml").write_text(GATEWAY, encoding="utf-8")
    (one.folder / "api.toml").write_text(API, encoding="utf-8")
    one.passes(0, 150)
    one.closes_its_books()
    (one.folder / "a.spool").rename(one.folder.parent / "a.spool")  # it is another machine's
    return one


@pytest.fixture(scope="module")
def backup(mill: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("disk") / "site.backup"
    backed_up(mill.folder, target)
    return target


def backed_up(folder: Path, target: Path, passphrase: str = "") -> Manifest:
    return back_up(folder, target, at(150), passphrase, lambda *_: None)


def put_back(backup: Path, folder: Path, passphrase: str = "", **how) -> tuple[Path, ...]:
    return restore(backup, folder, passphrase, lambda *_: None, **how)[1]


def codes(do: Callable[[], object]) -> set[str]:
    with pytest.raises(Refused) as refused:
        do()
    return {problem.code for problem in refused.value.problems}


def test_what_is_restored_answers_byte_for_byte_as_before(mill: World, backup: Path, tmp_path):
    folder = tmp_path / "config"

    put_back(backup, folder)

    books = Books(f"sqlite:///{folder}/books.db")
    key = books.keys.make("certifier", "engineer", mill.clock[0])
    service = serving(folder, books, mill.clock)
    again = Caller(application(service), {"Authorization": f"Bearer {key}"})
    batches = mill.caller().get("/batches").json()["batches"]
    assert {one["status"] for one in batches} >= {"final"}
    for one in batches:
        for path in ("footprint", "explain"):
            address = f"/batches/{quote(one['id'])}/{path}"
            before = mill.caller().get(address)
            assert before.status_code == 200
            assert again.get(address).content == before.content
    assert not verify(folder, (), (), lambda *_: None).findings
    books.close()


def test_every_file_comes_back_as_it_was_and_secrets_stay_secret(mill: World, backup, tmp_path):
    put_back(backup, tmp_path / "config")

    for part in site.parts(mill.folder):
        if not part.database:
            there = tmp_path / "config" / part.path.relative_to(mill.folder)
            assert there.read_bytes() == part.path.read_bytes()
    assert (tmp_path / "config" / "books.db").stat().st_mode & 0o077 == 0
    assert backup.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


def test_a_backup_that_is_taken_while_readings_come_is_of_one_moment(tmp_path: Path):
    mill = small_mill(tmp_path / "config")
    minute, stop = [6], threading.Event()

    def keep_on() -> None:
        while not stop.is_set():
            mill.passes(minute[0], minute[0])
            mill.closes_its_books()
            minute[0] += 1

    busy = threading.Thread(target=keep_on)
    busy.start()
    manifests = [backed_up(mill.folder, tmp_path / f"{n}.backup") for n in range(5)]
    stop.set()
    busy.join()

    assert minute[0] > 7, "nothing came meanwhile"
    for number, manifest in enumerate(manifests):
        folder = tmp_path / f"restored-{number}"
        put_back(tmp_path / f"{number}.backup", folder)
        (reach,) = manifest.reaches
        (chain,) = Reader(Sqlite(folder / "journal.db")).chains()
        assert chain.ack.through == reach.through > 0
        assert not chain.ack.missing
        found = verify(folder, (), (), lambda *_: None)
        assert (found.findings, found.records) == ((), reach.through)
    mill.close()


def test_a_file_that_grows_while_it_is_backed_up_is_packed_as_it_is_hashed(tmp_path: Path):
    mill, stop = small_mill(tmp_path / "config"), threading.Event()

    def keep_on() -> None:
        with (mill.folder / "notes.txt").open("ab", buffering=0) as notes:
            while not stop.is_set():
                notes.write(b"." * 4096)

    busy = threading.Thread(target=keep_on)
    busy.start()
    for n in range(3):
        backed_up(mill.folder, tmp_path / f"{n}.backup")
    stop.set()
    busy.join()

    for n in range(3):
        assert put_back(tmp_path / f"{n}.backup", tmp_path / f"restored-{n}")
    mill.close()


def test_what_came_after_the_backup_is_a_gap_that_is_reported(tmp_path: Path):
    mill = world(tmp_path / "config")
    (mill.folder / "gateway.toml").write_text(GATEWAY, encoding="utf-8")
    (mill.folder / "api.toml").write_text(API, encoding="utf-8")
    mill.spool.close()
    (mill.folder / "a.spool").unlink(missing_ok=True)
    mill.spool = Spool(tmp_path / "a.spool", site=SITE, collector=COLLECTOR, max_mb=100)
    mill.passes(0, 5)
    (reach,) = backed_up(mill.folder, tmp_path / "site.backup").reaches
    mill.passes(6, 7)
    lost = mill.spool.newest
    put_back(tmp_path / "site.backup", tmp_path / "again")
    again = restored(mill, tmp_path / "again")

    again.passes(8, 8)

    (chain,) = again.service.journal.chains()
    assert chain.ack.through == reach.through
    assert chain.ack.missing == ((reach.through + 1, lost),)
    health = again.caller().get("/health").json()["checks"]
    assert any("1 gaps" in one["text_en"] for one in health)
    again.close()


def restored(mill: World, folder: Path) -> World:
    """A mill that was put back, around a collector that lost nothing."""
    mill.writer.close()
    books = Books(f"sqlite:///{folder}/books.db")
    service = serving(folder, books, mill.clock)
    writer = Writer(Sqlite(folder / "journal.db"), site=SITE)
    return World(folder, mill.spool, writer, books, service, application(service), mill.clock)


def test_nothing_is_overwritten(mill: World, backup: Path, tmp_path: Path):
    put_back(backup, tmp_path / "config")
    with (tmp_path / "config" / "journal.db").open("ab") as journal:
        journal.write(b"it went on")
    before = sorted(tmp_path.rglob("*"))

    assert codes(lambda: put_back(backup, tmp_path / "config")) == {"restore-would-overwrite"}
    assert codes(lambda: backed_up(mill.folder, backup)) == {"backup-exists"}
    assert sorted(tmp_path.rglob("*")) == before


def test_a_dry_run_says_where_and_puts_nothing(backup: Path, tmp_path: Path):
    places = put_back(backup, tmp_path / "config", dry_run=True)

    assert tmp_path / "config" / "journal.db" in places
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60)
@given(data=st.data())
def test_a_backup_that_was_changed_or_cut_anywhere_is_refused(backup: Path, tmp_path_factory, data):
    whole = backup.read_bytes()
    folder = tmp_path_factory.mktemp("changed")
    changed = bytearray(whole)
    with tarfile.open(backup) as archive:
        # Behind a file's end tar fills up with zeros that say nothing.
        told = [one.offset_data + n for one in archive for n in range(0, one.size, 97)]
    changed[data.draw(st.sampled_from(told))] ^= 1 << data.draw(st.integers(0, 7))
    cut = data.draw(st.booleans())
    (folder / "b").write_bytes(whole[: len(whole) // 2] if cut else bytes(changed))

    assert codes(lambda: put_back(folder / "b", folder / "config")) <= {"backup-unreadable"}
    assert not list((folder / "config").glob("*"))


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/outside", "configuration/../../outside", "seals/folder/a/b"]
)
def test_a_name_that_leads_elsewhere_is_refused(backup: Path, tmp_path: Path, name: str):
    hostile = tmp_path / "hostile.backup"
    with tarfile.open(backup) as old, tarfile.open(hostile, "w") as new:
        for member in old:
            body = old.extractfile(member).read()
            if member.name == "manifest.json":
                body = body.replace(b'"configuration/api.toml"', f'"{name}"'.encode())
            member.name = name if member.name == "configuration/api.toml" else member.name
            member.size = len(body)
            new.addfile(member, io.BytesIO(body))

    with pytest.raises(Refused):
        put_back(hostile, tmp_path / "deep" / "config")

    assert not list(tmp_path.rglob("outside"))
    assert not list((tmp_path / "deep").rglob("*.db"))


def test_a_sealed_backup_opens_for_its_passphrase_alone(mill: World, tmp_path: Path):
    target = tmp_path / "sealed.backup"
    backed_up(mill.folder, target, "絲綢 and water")

    assert b"jet-01" not in target.read_bytes()
    for other in ("", "silk and water"):
        refused = codes(partial(put_back, target, tmp_path / "config", other))
        assert refused == {"backup-sealed"}
    body = target.read_bytes()
    (tmp_path / "cut").write_bytes(body[: len(body) // 2])
    assert codes(lambda: put_back(tmp_path / "cut", tmp_path / "config", "絲綢 and water")) == {
        "backup-sealed"
    }
    assert put_back(target, tmp_path / "config", "絲綢 and water")


def test_the_commands_back_up_and_put_back(mill: World, tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("loom\n", encoding="utf-8")
    file, folder = str(tmp_path / "b"), str(tmp_path / "config")
    run, sealed = CliRunner().invoke, ["--passphrase-file", str(secret)]

    made = run(app, ["backup", file, "--config", str(mill.folder), *sealed])
    refused = run(app, ["restore", file, "--config", folder])
    dry = run(app, ["restore", file, "--config", folder, "--dry-run", *sealed])
    done = run(app, ["restore", file, "--config", folder, *sealed])

    assert (made.exit_code, refused.exit_code, dry.exit_code, done.exit_code) == (0, 2, 0, 0)
    assert "proved" in made.stdout
    assert "--passphrase-file" in refused.stderr
    assert f"{folder}/journal.db" in dry.stdout
    assert Path(folder, "journal.db").is_file()


def test_a_key_in_the_configuration_comes_back_for_its_owner_alone(mill: World, tmp_path: Path):
    key = mill.folder / "tls.key"
    key.touch(mode=0o600)

    backed_up(mill.folder, tmp_path / "site.backup")
    key.unlink()
    put_back(tmp_path / "site.backup", tmp_path / "config")

    assert (tmp_path / "config" / "tls.key").stat().st_mode & 0o777 == 0o600


def test_the_authority_and_the_brokers_files_come_back_wherever_they_stand(tmp_path: Path):
    data, broker = tmp_path / "data/tls", tmp_path / "broker"
    mill = small_mill(tmp_path / "config", f'[enrolment]\nfolder = "{data}"\nbroker = "{broker}"\n')
    enrolment.found(mill.folder, (), at(5))
    names(mill.folder / "api.toml", "[http]", data / "pages.pem", data / "pages.key")
    names(mill.folder / "gateway.toml", "[mqtt]", data / "gateway.pem", data / "gateway.key")
    before = {path: path.read_bytes() for path in (*files(data), *files(broker))}
    backed_up(mill.folder, tmp_path / "site.backup")
    shutil.rmtree(data)
    shutil.rmtree(broker)

    put_back(tmp_path / "site.backup", tmp_path / "again")

    assert {path: path.read_bytes() for path in before} == before
    assert {data / "ca.key", data / "register.json", broker / "broker.key"} <= before.keys()
    assert (data / "ca.key").stat().st_mode & 0o777 == 0o600
    assert data.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_uid for path in files(broker)} == {broker.stat().st_uid}
    mill.close()


def test_what_is_there_already_and_the_same_is_left_alone(mill: World, backup: Path, tmp_path):
    plant, again = Path("plant/2026-01-01.toml"), tmp_path / "config"
    (again / "plant").mkdir(parents=True)
    shutil.copyfile(mill.folder / plant, again / plant)
    (again / "gateway.toml").write_text("another\n", encoding="utf-8")
    before = _as_written(again / plant)

    with pytest.raises(Refused) as refused:
        put_back(backup, again)
    (again / "gateway.toml").unlink()
    put_back(backup, again)

    assert [one.where for one in refused.value.problems] == [str(again / "gateway.toml")]
    assert _as_written(again / plant) == before
    assert (again / "journal.db").is_file()


def test_what_a_database_left_unfinished_is_never_read_into_the_restored_one(backup, tmp_path):
    (tmp_path / "journal.db-wal").write_bytes(b"of the database that was here before")

    assert codes(lambda: put_back(backup, tmp_path)) == {"restore-would-overwrite"}


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody but root gives files away")
def test_what_root_puts_back_belongs_to_who_owns_the_folder(backup: Path, tmp_path: Path):
    os.chown(tmp_path, 4711, 4712)

    put_back(backup, tmp_path)

    whose = {(path.stat().st_uid, path.stat().st_gid) for path in tmp_path.rglob("*")}
    assert whose == {(4711, 4712)}


def small_mill(folder: Path, more: str = "") -> World:
    """Five minutes of a mill; with `more` of api.toml."""
    mill = world(folder)
    (folder / "gateway.toml").write_text(GATEWAY, encoding="utf-8")
    (folder / "api.toml").write_text(API + more, encoding="utf-8")
    mill.passes(0, 5)
    return mill


def names(file: Path, table: str, certificate: Path, key: Path) -> None:
    """Have a file name a certificate and its key by their full paths."""
    said = f'{table}\ncert_file = "{certificate}"\nkey_file = "{key}"'
    file.write_text(file.read_text(encoding="utf-8").replace(table, said), encoding="utf-8")


def _as_written(file: Path) -> tuple[int, int, int]:
    """Which file it is and when it was written; that somebody looked at it is no change."""
    said = file.stat()
    return said.st_ino, said.st_mtime_ns, said.st_ctime_ns


def files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and path.name != ".lock"]
