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
