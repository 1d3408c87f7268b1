"""``group.toml`` and the table ``[group]``: what cannot stand is said before anything starts."""

from pathlib import Path

import pytest

from api import configuration
from api.group.configuration import load
from collector.wire.problem import Refused
from tests.evidence.given import API
from tests.group.given import Sealing, hashed

KEY = Sealing(private=bytes(32)).key  # the same in every process that collects these tests
GROUP = f"""
[http]
port = 8443
[books]
url = "sqlite:///var/group.db"
[readers]
office = "{hashed("mp_reader")}"
[mills.keqiao]
seal_keys = ["{KEY}"]
push_key = "{hashed("mp_keqiao")}"
pages = "https://10.8.0.5:8420/"
[mills.shaoxing-2]
site = "shaoxing"
seal_keys = ["{KEY}"]
push_key = "{hashed("mp_shaoxing")}"
"""


def write(folder: Path, text: str) -> Path:
    (folder / "group.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_mill_is_called_as_its_seals_call_it_where_nothing_else_is_said(tmp_path):
    found = load(write(tmp_path, GROUP))

    keqiao, shaoxing = found.mills.values()
    assert (keqiao.name, keqiao.site, keqiao.pages) == ("keqiao", "keqiao", "https://10.8.0.5:8420")
    assert (shaoxing.name, shaoxing.site, shaoxing.pages) == ("shaoxing-2", "shaoxing", "")
    assert found.books == f"sqlite:///{tmp_path}/var/group.db"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (KEY, KEY[:-1], "group-seal-keys"),
        (f'["{KEY}"]', "[]", "group-seal-keys"),
        (hashed("mp_reader"), "mp_reader", "group-key-hash"),
        (hashed("mp_shaoxing"), hashed("mp_reader"), "group-key-shared"),
        ("https://10.8.0.5", "javascript:10.8.0.5", "group-pages"),
        ("mills.keqiao", "mills.Keqiao", "group-mill-name"),
        ("push_key", "push_kye", "unknown-key"),
        ("8443", "84430", "bad-port"),
        ("sqlite:///", "mysql://", "unknown-books"),
    ],
)
def test_what_cannot_stand_is_refused(tmp_path, old, new, code):
    with pytest.raises(Refused, match=code):
        load(write(tmp_path, GROUP.replace(old, new, 1)))


def test_a_group_without_mills_is_refused(tmp_path):
    text = GROUP[: GROUP.index("[mills")] + "[mills]\n"

    with pytest.raises(Refused, match="group-empty"):
        load(write(tmp_path, text))


def sends_to(folder: Path, url: str) -> configuration.ApiConfiguration:
    (folder / "group.key").write_text("mp_keqiao\n", encoding="utf-8")
    table = f'[group]\nurl = "{url}"\nkey_file = "group.key"\n'
    (folder / "api.toml").write_text(API + table, encoding="utf-8")
    return configuration.load(folder)


def test_nothing_is_sent_anywhere_unless_it_is_configured(tmp_path):
    (tmp_path / "api.toml").write_text(API, encoding="utf-8")

    assert configuration.load(tmp_path).group is None


@pytest.mark.parametrize("url", ["https://group.example:8443/", "http://127.0.0.1:8443"])
def test_a_site_sends_over_https_or_on_its_own_machine(tmp_path, url):
    found = sends_to(tmp_path, url).group

    assert found is not None
    assert found.url == url.rstrip("/")
    assert found.key == tmp_path / "group.key"


@pytest.mark.parametrize("url", ["http://group.example", "ftp://127.0.0.1", "group.example", ""])
def test_a_key_goes_over_no_line_in_the_clear(tmp_path, url):
    with pytest.raises(Refused, match="group-address"):
        sends_to(tmp_path, url)
