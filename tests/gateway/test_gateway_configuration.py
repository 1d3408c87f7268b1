"""``gateway.toml``: what it names stands beside it."""

from pathlib import Path

import pytest

from collector.wire.problem import Refused
from gateway.configuration import load

GATEWAY = """site = "keqiao"
[mqtt]
url = "mqtt://127.0.0.1:1883"
username = "gateway"
password_file = "gateway.password"
[journal]
url = "sqlite:///var/journal.db"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gateway.toml").write_text(GATEWAY, encoding="utf-8")
    (tmp_path / "gateway.password").write_text("secret\n", encoding="utf-8")
    return tmp_path


def test_a_password_file_stands_beside_the_configuration_wherever_it_is_started(folder: Path):
    assert load(folder).mqtt.password_file == str(folder / "gateway.password")


def test_a_file_that_is_not_there_is_refused_with_its_name(folder: Path):
    (folder / "gateway.password").unlink()

    with pytest.raises(Refused) as refused:
        load(folder)

    assert [problem.code for problem in refused.value.problems] == ["no-such-file"]
    assert "gateway.password" in refused.value.problems[0].where


PROJECTIONS = """
[projections]
answers = "victoria"
[projections.influx]
url = "http://127.0.0.1:8086"
token_file = "gateway.password"
[projections.victoria]
url = "http://127.0.0.1:8428"
"""


def test_engines_are_named_as_their_files_are(folder: Path):
    (folder / "gateway.toml").write_text(GATEWAY + PROJECTIONS, encoding="utf-8")

    found = load(folder)

    assert {name: one.target for name, one in found.engines.items()} == {
        "influx": "influx http://127.0.0.1:8086 millprint keqiao",
        "victoria": "victoria http://127.0.0.1:8428 keqiao",
    }
    assert found.answers == "victoria"


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("[projections.influx]", "[projections.influxdb]", "unknown-key", "influx"),
        ('url = "http://127.0.0.1:8428"', 'adress = "x"', "unknown-key", "url"),
        ("http://127.0.0.1:8428", "127.0.0.1:8428", "bad-engine-url", "127.0.0.1:8428"),
        ("http://127.0.0.1:8428", "http://me:secret@mill:8428", "bad-engine-url", "me:secret"),
        ('gateway.password"\n[projections', 'none"\n[projections', "file-unreadable", "none"),
        ('answers = "victoria"', 'answers = "grafana"', "wrong-value", "grafana"),
        ("token_file", 'version = "4"\ntoken_file', "wrong-value", "1, 2 or 3"),
    ],
)
def test_an_engine_that_cannot_stand_is_refused_with_what_it_may_be(
    folder: Path, old: str, new: str, code: str, said: str
):
    text = GATEWAY + PROJECTIONS
    assert old in text
    (folder / "gateway.toml").write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(Refused) as refused:
        load(folder)

    (problem, *_) = refused.value.problems
    assert problem.code == code
    assert said in f"{problem.where} {problem.values}"
