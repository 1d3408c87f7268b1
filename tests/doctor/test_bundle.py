"""What leaves the mill in a support bundle: enough to help, and no secret."""

import json
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.books import Books
from collector.wire.problem import Refused
from millprint.doctor import bundle
from millprint.doctor.examinations import examine
from millprint.doctor.redaction import Redactor
from tests.doctor.conftest import SoundSite

SECRETS = {
    "comment": "hunter2-in-a-comment",
    "password file": "hunter2-in-a-password-file",
    "address": "hunter2-in-an-address",
    "unknown key": "hunter2-in-an-unknown-key",
    "log": "hunter2-in-a-log",
    "token": "hunter2-as-a-token",
}


def contents(path: Path) -> dict[str, str]:
    with tarfile.open(path) as tar:
        return {
            one.name: (tar.extractfile(one) or tar).read().decode()  # type: ignore[union-attr]
            for one in tar.getmembers()
        }


def planted(site: SoundSite) -> set[str]:
    """Secrets in every place where one may stand."""
    code = site.invite("dyehouse-c")
    (site.folder / "var/mqtt.password").write_text(SECRETS["password file"] + "\n")
    (site.folder / "var/seal.key").write_text(json.dumps({"private": "hunter2-of-the-seals-0"}))
    site.edits(
        "gateway.toml",
        "[mqtt]\n",
        f'# password: {SECRETS["comment"]}\n[mqtt]\nusername = "hunter2-user"\n'
        'password_file = "var/mqtt.password"\n',
    )
    site.edits(
        "api.toml",
        "[books]",
        f'api_token = "{SECRETS["token"]}"\npassphrase = "{SECRETS["unknown key"]}"\n[books]',
    )
    (site.folder / "profiles").mkdir(exist_ok=True)
    (site.folder / "profiles/own.toml").write_text(
        f'source = "https://li:{SECRETS["address"]}@manuals.example/own.pdf"\n'
    )
    books = Books(f"sqlite:///{site.folder}/var/books.db")
    key = books.keys.make("Li Na", "admin", datetime.now(UTC))
    books.close()
    keys = [path for path in (site.folder / "var").rglob("*.key") if path.name != "seal.key"]
    private = {line for one in keys for line in one.read_text().splitlines()[1:-1]}
    (site.folder / "var/own.log").write_text(
        f"mqtt://li:{SECRETS['log']}@broker refused\nAuthorization: Bearer {key}\n"
        f"password={SECRETS['log']}\ncode {code}\nread {SECRETS['password file']}\n"
        + "\n".join(path.read_text() for path in keys)
    )
    return {*SECRETS.values(), "hunter2-of-the-seals-0", "hunter2-user", key, code, *private}


def test_no_secret_is_in_a_bundle_wherever_one_may_stand(site: SoundSite, tmp_path: Path) -> None:
    with site.as_it_was_afterwards():
        secrets = planted(site)
        premises = site.premises()
        bundle.write(premises, examine(premises, lambda _: None), tmp_path / "bundle.tar.gz")
        (site.folder / "var/own.log").unlink()

    said = contents(tmp_path / "bundle.tar.gz")
    assert len(secrets) >= 20
    assert {(name, one) for name, text in said.items() for one in secrets if one in text} == set()
    assert "hunter2" not in "".join(said.values())
    assert (tmp_path / "bundle.tar.gz").stat().st_mode & 0o777 == 0o600


def test_a_bundle_says_what_is_needed_to_help(site: SoundSite, tmp_path: Path) -> None:
    premises = site.premises()

    names = bundle.write(premises, [], tmp_path / "bundle.tar.gz")

    said = contents(tmp_path / "bundle.tar.gz")
    assert list(said) == names
    assert json.loads(said["versions.json"])["packages"]["paho-mqtt"]
    assert json.loads(said["configuration/collector.json"])["devices"]["main-1"]["unit"] == 2
    assert json.loads(said["health.json"])["checks"]
    assert json.loads(said["counts.json"])["chains"][0]["through"] >= 2
    assert "logs/server.log" in said


def test_a_bundle_overwrites_nothing(site: SoundSite, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")

    with pytest.raises(Refused) as refused:
        bundle.write(site.premises(), [], tmp_path / "there")

    assert [one.code for one in refused.value.problems] == ["bundle-unwritten"]
    assert (tmp_path / "there").read_text() == "mine"


@given(st.text("abcdefgh0123456789", min_size=12), st.text(), st.text())
def test_what_is_known_to_be_secret_is_gone_from_every_text(
    secret: str, before: str, after: str
) -> None:
    redactor = Redactor(())
    redactor._known = [secret]

    assert secret not in redactor.text(before + secret + after)
