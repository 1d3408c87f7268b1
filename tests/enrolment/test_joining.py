"""A collector joins by a one-time code: whom it trusts, what it is given, and what is refused."""

import os
import pwd
import socket
import stat
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from api.books import Books
from api.books.audit import Sought
from collector.wire.problem import Refused
from millprint.enrolment import authority, codes, joining, register, signing, site
from millprint.roots import registrar
from tests.api.given import SITE
from tests.enrolment.conftest import NOW, EnrolledSite, millprint, until, write

A_MINUTE = timedelta(minutes=1)


def refused(do: Callable[[], object]) -> str:
    with pytest.raises(Refused) as said:
        do()
    (problem,) = said.value.problems
    return problem.code


@given(
    st.binary(min_size=1), st.integers(0, 47), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
)
def test_a_code_is_read_as_it_was_written_and_no_slip_of_the_pen_is_another_code(
    of: bytes, place: int, letter: str
) -> None:
    code = codes.new(of)
    letters = code.text.replace("-", "")
    slip = letters[:place] + letter + letters[place + 1 :]

    assert codes.parse(code.text) == code
    assert codes.parse(letters.lower()) == code
    if slip != letters:
        with pytest.raises(ValueError, match="another one"):
            codes.parse(slip)


@given(st.text())
def test_whatever_is_typed_is_a_code_or_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        codes.parse(text)


def test_a_code_is_good_once(mill: EnrolledSite, tmp_path: Path) -> None:
    code = mill.invite("dyehouse-a")
    joining.join(tmp_path / "first", mill.url, code)

    assert (
        refused(lambda: joining.join(tmp_path / "second", mill.url, code)) == "enrol-code-unknown"
    )

    assert not (tmp_path / "second").exists()


def test_the_code_names_who_it_is_whatever_the_request_says(
    mill: EnrolledSite, tmp_path: Path
) -> None:
    code = codes.parse(mill.invite("dyehouse-c"))
    _, request = authority.new_request("gateway.keqiao")

    said = signing.join(mill.folder / "var/tls", code.secret, request, datetime.now(UTC))

    (tmp_path / "c.pem").write_text(str(said["certificate"]))
    subject = authority.read_certificate(tmp_path / "c.pem").subject
    assert subject.rfc4514_string() == "CN=dyehouse-c"


def test_keys_are_for_their_owner_alone_and_never_travel(
    mill: EnrolledSite, tmp_path: Path
) -> None:
    mill.enrols("dyehouse-a", tmp_path / "tls")

    private = (tmp_path / "tls/dyehouse-a.key").read_bytes()

    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "tls/dyehouse-a.key").stat().st_mode) == 0o600
    assert b"PRIVATE" in private
    at_the_site = [path for path in mill.folder.rglob("*") if path.is_file()]
    assert [path for path in at_the_site if private in path.read_bytes()] == []
    keys = [path for path in at_the_site if path.suffix == ".key"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}


def test_a_server_of_another_authority_is_told_nothing(mill: EnrolledSite, tmp_path: Path) -> None:
    elsewhere = authority.make(tmp_path, "shaoxing", NOW)
    code = codes.new(elsewhere.certificate.public_bytes(serialization.Encoding.DER))

    said = refused(lambda: joining.join(tmp_path / "tls", mill.url, code.text))

    assert said == "enrol-another-site"
    assert not (tmp_path / "tls").exists()


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("{url}", "ABCD-EFGH", "enrol-code-mistyped"),
        ("http://127.0.0.1:{port}", "{code}", "enrol-not-https"),
        ("https://127.0.0.1:{closed}", "{code}", "enrol-no-answer"),
    ],
)
def test_what_cannot_be_joined_is_said_in_a_word(
    mill: EnrolledSite, tmp_path: Path, url: str, code: str, said: str
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        where = url.format(url=mill.url, port=mill.http_port, closed=nobody.getsockname()[1])
        typed = code.format(code=mill.invite("dyehouse-a"))

        assert refused(lambda: joining.join(tmp_path, where, typed)) == said


def test_a_code_that_has_run_out_is_good_for_nothing(mill: EnrolledSite, tmp_path: Path) -> None:
    before = datetime.now(UTC) - timedelta(hours=2)
    code = site.invite(mill.folder, "dyehouse-a", before, timedelta(hours=1))

    assert refused(lambda: joining.join(tmp_path, mill.url, code)) == "enrol-code-unknown"


def test_a_request_that_does_not_own_its_key_is_not_signed_and_uses_up_nothing(
    mill: EnrolledSite, tmp_path: Path
) -> None:
    code = codes.parse(mill.invite("dyehouse-a"))
    at = mill.folder / "var/tls"
    _, request = authority.new_request("a")
    _, other = authority.new_request("a")
    middle = len(request) // 2
    forged = request[:middle] + other[middle:]

    said = registrar.answer(at, {"secret": code.secret, "request": forged.decode()}, NOW)

    assert [one["code"] for one in said["problems"]] == ["enrol-bad-request"]
    assert "certificate" in signing.join(at, code.secret, request, datetime.now(UTC))


def test_a_collector_renews_its_key_by_showing_that_it_has_the_old_one(
    mill: EnrolledSite, tmp_path: Path
) -> None:
    mill.enrols("dyehouse-a", tmp_path)
    before = (tmp_path / "dyehouse-a.key").read_bytes()
    assert joining.renew(tmp_path, NOW, due_only=True) is None

    joined = joining.renew(tmp_path, NOW + authority.LIFE, due_only=True)

    assert joined is not None
    assert (tmp_path / "dyehouse-a.key").read_bytes() != before
    line, _ = mill.line(mill.settings(tmp_path, "dyehouse-a"), name="renewed")
    until(lambda: line.up)
    line.stop()
    books = Books(f"sqlite:///{mill.folder}/var/books.db")
    told = books.audit.newest(Sought(subject="enrolment/dyehouse-a"), 9)
    books.close()
    assert [(one.who, one.act) for one in told[:2]] == [
        ("dyehouse-a", "renewed"), ("dyehouse-a", "enrolled"),
    ]  # fmt: skip


def test_who_was_revoked_or_shows_anothers_certificate_is_not_renewed(
    mill: EnrolledSite, tmp_path: Path
) -> None:
    mill.enrols("dyehouse-x", tmp_path / "x")
    mill.enrols("dyehouse-y", tmp_path / "y")
    stolen = (tmp_path / "y/dyehouse-y.pem").read_bytes()  # a certificate is no secret
    own = (tmp_path / "x/dyehouse-x.pem").read_bytes()

    (tmp_path / "x/dyehouse-x.pem").write_bytes(stolen)
    assert (
        refused(lambda: joining.renew(tmp_path / "x", NOW, due_only=False)) == "enrol-not-renewed"
    )
    (tmp_path / "x/dyehouse-x.pem").write_bytes(own)
    mill.revokes("dyehouse-x")
    assert (
        refused(lambda: joining.renew(tmp_path / "x", NOW, due_only=False)) == "enrol-not-renewed"
    )


def test_founding_a_site_again_changes_nothing(mill: EnrolledSite) -> None:
    def files() -> dict[Path, bytes]:
        found = [*(mill.folder / "var/tls").iterdir(), *(mill.folder / "var/broker").iterdir()]
        return {path: path.read_bytes() for path in found}

    before = files()

    _, made = site.found(mill.folder, (), datetime.now(UTC))

    assert made == []
    assert files() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody but root gives folders away")
def test_the_brokers_folder_becomes_the_brokers_and_keeps_its_group(tmp_path: Path) -> None:
    write(tmp_path, broker='url = "mqtt://127.0.0.1:1883"', http="port = 8420")
    (tmp_path / "var/broker").mkdir(parents=True)
    os.chown(tmp_path / "var/broker", 0, 4712)

    site.found(tmp_path, (), NOW)

    folder = (tmp_path / "var/broker").stat()
    assert (folder.st_uid, folder.st_gid) == (pwd.getpwnam("mosquitto").pw_uid, 4712)


def test_a_new_name_of_the_server_gives_new_certificates_to_servers_alone(tmp_path: Path) -> None:
    write(tmp_path, broker='url = "mqtt://127.0.0.1:1883"', http="port = 8420")
    site.found(tmp_path, (), NOW)

    _, made = site.found(tmp_path, ("millbox.example", "10.0.0.5"), NOW)

    assert made == ["broker", "pages"]
    names = authority.read_certificate(tmp_path / "var/tls/pages.pem").extensions[5].value
    assert "millbox.example" in str(names)
    assert "10.0.0.5" in str(names)


def test_rotating_takes_the_old_certificates_back_and_due_ones_only_when_they_are_due(
    tmp_path: Path,
) -> None:
    write(tmp_path, broker='url = "mqtt://127.0.0.1:1883"', http="port = 8420")
    site.found(tmp_path, (), NOW)

    assert site.rotate(tmp_path, NOW, due_only=True) == []
    assert site.rotate(tmp_path, NOW, due_only=False) == ["broker", "pages", "gateway"]
    due = NOW + authority.LIFE - authority.DUE + A_MINUTE
    assert site.rotate(tmp_path, due, due_only=True) == ["broker", "pages", "gateway"]

    known = register.load(tmp_path / "var/tls")
    assert len([one for one in known.issued if one.revoked]) == 6
    revoked = authority.serials(tmp_path / "var/broker/crl.pem")
    assert revoked == sorted(one.serial for one in known.issued if one.revoked)


def test_without_the_authoritys_key_nothing_is_signed_and_that_is_said(tmp_path: Path) -> None:
    write(tmp_path, broker='url = "mqtt://127.0.0.1:1883"', http="port = 8420")
    site.found(tmp_path, (), NOW)
    (tmp_path / "var/tls/ca.key").unlink()  # it is kept on a stick

    def invites() -> object:
        return site.invite(tmp_path, "dyehouse-a", NOW, A_MINUTE)

    assert refused(invites) == "enrol-no-authority-key"
    assert register.load(tmp_path / "var/tls").invited == []


@pytest.mark.long
def test_the_whole_way_as_it_is_typed(mill: EnrolledSite, tmp_path: Path) -> None:
    here = ("--config", str(mill.folder))
    there = ("--config", str(tmp_path))

    invited = millprint("enrol", "collector", "dyehouse-t", *here)
    joined = millprint("enrol", "join", mill.url, invited.stdout.split()[0], *there)
    rotated = millprint("enrol", "rotate", *there)
    listed = millprint("enrol", "list", "--json", *here)
    revoked = millprint("enrol", "revoke", "dyehouse-t", *here)
    again = millprint("enrol", "revoke", "dyehouse-t", *here)

    assert "is collector dyehouse-t of keqiao until" in joined.stdout
    assert f'url = "{mill.broker_url}"' in joined.stdout
    assert "New certificates: collector dyehouse-t." in rotated.stdout
    assert '"name": "dyehouse-t"' in listed.stdout
    assert "systemctl restart mosquitto" in revoked.stdout
    assert (again.returncode, again.stderr.split()[0]) == (2, "enrol-nobody")


def test_a_box_is_told_that_its_own_collector_must_be_enrolled_too(tmp_path: Path) -> None:
    write(tmp_path, broker='url = "mqtt://127.0.0.1:1883"', http="port = 8421")
    collector = tmp_path / "collector.toml"
    collector.write_text(
        f'site = "{SITE}"\ncollector = "dyehouse-a"\n[mqtt]\nurl = "mqtt://127.0.0.1:1883"\n'
        '[spool]\npath = "var/a.spool"\nmax_mb = 9\n[buses.line]\nurl = "tcp://127.0.0.1:502"\n'
        '[devices.jet-01]\nbus = "line"\nunit = 1\nprofile = "eastron-sdm630"\nevery = "10s"\n'
    )
    founded = millprint("enrol", "site", "--config", str(tmp_path))
    collector.write_text(
        collector.read_text().replace("mqtt://127.0.0.1:1883", "mqtts://mill:8883")
    )
    again = millprint("enrol", "site", "--config", str(tmp_path))

    assert f"millprint enrol collector dyehouse-a --config {tmp_path}\n" in founded.stdout
    assert "enrol join https://127.0.0.1:8421 CODE" in founded.stdout
    assert "--into var/tls" in founded.stdout
    assert "own collector" not in again.stdout


def test_history_is_brought_in_by_who_was_enrolled_for_it(
    mill: EnrolledSite, tmp_path: Path
) -> None:
    (tmp_path / "hall.csv").write_text("at,kwh\n2026-03-01T00:00:00Z,100\n")
    (tmp_path / "hall.toml").write_text(
        'device = "hall-3"\ncollector = "history"\ntime = "at"\nevery = "15min"\n'
        'timezone = "Asia/Shanghai"\n[points.energy_import_kwh]\ncolumn = "kwh"\nkind = "counter"\n'
    )
    mill.enrols("history", tmp_path / "tls")
    files = (str(tmp_path / "hall.csv"), "--mapping", str(tmp_path / "hall.toml"))
    config = ("--config", str(mill.folder))

    said = millprint("gateway", "import", *files, *config, "--identity", str(tmp_path / "tls"))

    assert "1 readings were brought in." in said.stdout


def test_the_pages_say_hsts_only_where_the_mill_wants_it(mill: EnrolledSite) -> None:
    with urllib.request.urlopen(f"{mill.url}/", context=mill.context(), timeout=20) as answer:
        assert answer.headers["Strict-Transport-Security"] == "max-age=172800"
