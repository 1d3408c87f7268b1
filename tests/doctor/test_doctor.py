"""The doctor finds every planted fault, and nothing where nothing is wrong."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from collector.wire.reading import ClockState, stamp
from millprint.broker import free_port, mosquitto, wait_for_port
from millprint.children import Child
from millprint.enrolment import authority, register
from tests.doctor.conftest import SoundSite
from tests.enrolment.conftest import millprint

HOUR = timedelta(hours=1)


def signs_again(site: SoundSite, *, ago: timedelta) -> None:
    """The collector's certificate as if it had been made some time ago, for the same key."""
    tls = site.folder / "var/tls"
    key = authority.read_key(tls / "dyehouse-a.key").public_key()
    signer = authority.load(tls)
    made, _ = signer.sign(key, "dyehouse-a", register.COLLECTOR, datetime.now(UTC) - ago)
    (tls / "dyehouse-a.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))


def other_key(site: SoundSite) -> None:
    key, _ = authority.new_request("a")
    (site.folder / "var/tls/dyehouse-a.key").write_bytes(authority.pem_of(key))


def other_authority(site: SoundSite) -> None:
    elsewhere = site.folder.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    pem = authority.make(elsewhere, "shaoxing", datetime.now(UTC)).pem
    (site.folder / "var/other-ca.pem").write_bytes(pem)
    site.edits("collector.toml", "var/tls/ca.pem", "var/other-ca.pem")


def damaged_journal(site: SoundSite) -> None:
    copied(site, "journal.db", "damaged.db").close()
    path = site.folder / "var/damaged.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 3)
        file.write(os.urandom(size // 2))
    site.edits("gateway.toml", "journal.db", "damaged.db")


def later_books(site: SoundSite) -> None:
    with closing(copied(site, "books.db", "later.db")) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.commit()
    site.edits("api.toml", "books.db", "later.db")


def copied(site: SoundSite, name: str, to: str) -> sqlite3.Connection:
    target = site.folder / "var" / to
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(site.folder / "var" / name)) as old:
        old.execute("VACUUM INTO ?", (str(target),))
    return sqlite3.connect(target)


def writes(file: str, text: str) -> Callable[[SoundSite], None]:
    """On the machine."""

    def write(site: SoundSite) -> None:
        (site.machine / file).parent.mkdir(parents=True, exist_ok=True)
        (site.machine / file).write_text(text)

    return write


def edits(file: str, old: str, new: str) -> Callable[[SoundSite], None]:
    return lambda site: site.edits(file, old, new)


def moves_port(file: str) -> Callable[[SoundSite], None]:
    def move(site: SoundSite) -> None:
        port = site.broker_port if file == "gateway.toml" else site.http_port
        site.edits(file, str(port), str(free_port()))

    return move


def mode(file: str, octal: int) -> Callable[[SoundSite], None]:
    return lambda site: (site.folder / file).chmod(octal)


def in_the_clear(site: SoundSite) -> None:
    site.edits("api.toml", "hsts_days", 'host = "0.0.0.0"\nhsts_days')
    for line in ('cert_file = "var/tls/pages.pem"\n', 'key_file = "var/tls/pages.key"\n'):
        site.edits("api.toml", line, "")


OPEN_1883 = "  sl  local_address rem_address   st\n   0: 00000000:075B 00000000:0000 0A\n"
FAULTS: dict[str, tuple[Callable[[SoundSite], None], set[str]]] = {
    "a key that nobody reads": (edits("api.toml", "hsts_days", "hsts_day"), {"unknown-key"}),
    "an eMMC past nine tenths of its life": (
        writes("sys/block/mmcblk0/device/life_time", "0x02 0x0a\n"),
        {"disk-worn"},
    ),
    "errors of a file system": (
        writes("sys/fs/ext4/mmcblk0p2/errors_count", "7\n"),
        {"disk-errors"},
    ),
    "hardly any memory": (writes("proc/meminfo", "MemAvailable:   21000 kB\n"), {"memory-short"}),
    "a certificate that ran out": (
        lambda site: signs_again(site, ago=authority.LIFE + HOUR),
        {"tls-expired", "broker-unreachable"},
    ),
    "a certificate that soon ends": (
        lambda site: signs_again(site, ago=authority.LIFE - timedelta(days=9)),
        {"tls-ends-soon"},
    ),
    "a key of another certificate": (
        other_key,
        {"tls-of-another-key", "broker-unreachable"},
    ),
    "an authority that signed nothing here": (
        other_authority,
        {"tls-of-another-authority", "broker-unreachable"},
    ),
    "a collector of another name than its certificate": (
        edits("collector.toml", '"dyehouse-a"', '"dyehouse-b"'),
        {"tls-of-another-name"},
    ),
    "a key that others may read": (mode("var/tls/gateway.key", 0o644), {"secret-open"}),
    "a configuration that anybody may change": (mode("api.toml", 0o666), {"configuration-open"}),
    "water that run hours divide": (
        edits("plant/2026-01-01.toml", "[supplies.grid]", '[shared.hall]\ncarrier = "water"\n'
              'meter = "main-1.volume_m3"\nmachines = ["jet-01"]\ndrivers = ["run-hours"]\n'
              '[supplies.well]\ncarrier = "water"\nmeter = "main-1.volume_m3"\n[supplies.grid]'),
        {"water-by-run-hours", "unknown-point"},  # no meter of water is on this line
    ),
    "a damaged journal": (damaged_journal, {"database-damaged"}),
    "books of a later version": (later_books, {"books-of-a-later-version"}),
    "a meter that was never read": (
        edits("collector.toml", "[devices.main-1]", '[devices.main-2]\nbus = "line"\nunit = 3\n'
              'profile = "eastron-sdm630"\nevery = "10s"\n[devices.main-1]'),
        {"meter-never-read"},
    ),
    "a broker that is not there": (moves_port("gateway.toml"), {"broker-unreachable"}),
    "a broker's file that somebody edited": (
        edits("var/broker/millprint.conf", "allow_anonymous false", "allow_anonymous true"),
        {"broker-file-edited"},
    ),
    "a server that is not there": (moves_port("api.toml"), {"server-silent"}),
    "pages in the clear": (in_the_clear, {"pages-in-the-clear", "server-silent"}),
    "a broker in the clear, for the whole network": (
        writes("proc/net/tcp", OPEN_1883),
        {"plain-broker-listens"},
    ),
    "no backup": (lambda site: (site.folder / "var/last-backup").unlink(), {"backup-missing"}),
    "a backup of last year": (
        lambda site: (site.folder / "var/last-backup").write_text(
            stamp(datetime.now(UTC) - timedelta(days=365))
        ) and None,
        {"backup-old"},
    ),
    "seals that nobody else holds": (
        lambda site: site.edits("api.toml", f'"{site.held}"', ""),
        {"seal-held-by-nobody"},
    ),
}  # fmt: skip


def test_where_nothing_is_wrong_nothing_is_found(site: SoundSite) -> None:
    assert site.codes() == set()


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(site: SoundSite, name: str) -> None:
    plant, expected = FAULTS[name]

    with site.as_it_was_afterwards():
        plant(site)
        found = site.codes()

    for left in ("sys", "var/other-ca.pem"):
        shutil.rmtree(site.machine / left, ignore_errors=True)
    assert found == expected


def test_a_clock_that_nobody_keeps_is_found(site: SoundSite) -> None:
    premises = site.premises(clock=ClockState.INFORMATIVE)

    assert site.codes(premises) == {"clock-unsynchronised"}


def test_a_clock_that_is_behind_its_readings_is_found(site: SoundSite) -> None:
    assert site.codes(site.premises(datetime.now(UTC) - HOUR)) == {"clock-behind"}


def test_meters_that_fell_silent_are_found(site: SoundSite) -> None:
    assert site.codes(site.premises(datetime.now(UTC) + HOUR)) == {"meter-not-heard"}


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"state": "up", "waiting": 9000}, "backlog-waits"),
        ({"state": "lost"}, "collector-away"),
    ],
)
def test_a_backlog_and_a_lost_collector_are_found(
    site: SoundSite, state: dict[str, object], code: str
) -> None:
    site.says(**state)

    found = site.codes()

    site.says(state="up", waiting=0)
    assert found == {code}


def test_a_file_that_belongs_to_somebody_else_is_found(site: SoundSite) -> None:
    books = site.folder / "var/books.db"
    os.chown(books, 1, 1)

    found = site.codes()

    os.chown(books, 0, 0)
    assert found == {"data-of-another-owner"}


def test_a_broker_that_lets_anybody_in_is_found(site: SoundSite, tmp_path: Path) -> None:
    program, port, tls = mosquitto(), free_port(), site.folder / "var/broker"
    assert program
    conf = tmp_path / "open.conf"
    conf.write_text(
        f"user root\nlistener {port} 127.0.0.1\ncertfile {tls}/broker.pem\n"
        f"keyfile {tls}/broker.key\ncafile {tls}/ca.pem\nallow_anonymous true\n"
    )
    child = Child("broker", [program, "-c", str(conf)], tmp_path / "log")
    child.start()
    wait_for_port(port)
    with site.as_it_was_afterwards():
        site.edits("collector.toml", str(site.broker_port), str(port))
        found = site.codes()

    assert child.process
    child.process.kill()
    child.process.wait()
    assert found == {"broker-lets-anyone-in"}


@pytest.mark.parametrize(
    ("options", "code"), [("size=8m", "disk-nearly-full"), ("size=900m,ro", "disk-read-only")]
)
def test_a_disk_that_takes_nothing_more_is_found(
    site: SoundSite, tmp_path: Path, options: str, code: str
) -> None:
    """A disk of its own, in a namespace that ends with the child process."""
    config = tmp_path / "config"
    look = (
        "from datetime import datetime, UTC\nfrom pathlib import Path\n"
        "from collector.wire.reading import ClockState\n"
        "from millprint.doctor.premises import look\n"
        "from millprint.doctor.examinations import disk\n"
        f"found = look(Path({str(config)!r}), datetime.now(UTC), ClockState.SYNCHRONISED)\n"
        "print(*[one.code for one in disk.examine(found) if one.where.startswith('/tmp')])\n"
    )
    var = config / "var"
    plain = options.replace(",ro", "")
    script = (
        f"mount -t tmpfs -o {plain} none {var} && cp {site.folder}/var/*.db {var}/ && "
        f"cp -r {site.folder}/var/tls {var}/ && mount -o remount,{options} {var} && "
        '"$0" -c "$1"'
    )
    config.mkdir()
    for path in site.folder.glob("*.toml"):
        shutil.copy(path, config)
    var.mkdir()

    command = ["unshare", "-m", "sh", "-c", script, sys.executable, look]
    said = subprocess.run(command, capture_output=True, text=True, check=True)

    assert said.stdout.split() == [code]


def test_the_command_says_each_finding_with_its_remedy_in_both_languages(site: SoundSite) -> None:
    with site.as_it_was_afterwards():
        (site.folder / "var/last-backup").unlink()
        english = millprint("doctor", "--config", str(site.folder))
        chinese = millprint("doctor", "--config", str(site.folder), "--lang", "zh")

    assert english.returncode == chinese.returncode == 1
    assert "Make one, on another disk: millprint backup" in english.stderr
    assert "请备份到另一磁盘" in chinese.stderr
