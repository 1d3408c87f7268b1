"""A client that is generated from the OpenAPI document works, and reads as people write."""

import json
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.api.given import World, world
from tests.api.stating import NO_PLC
from tests.browser.serving import served
from tests.house.sources import ROOT

pytestmark = pytest.mark.long
GENERATOR = ROOT / ".venv" / "generator" / "bin"
SETTINGS = """
package_name_override: mill_client
content_type_overrides:
  text/csv: application/octet-stream
  application/x-pem-file: application/octet-stream
  "*/*": application/octet-stream
post_hooks: []
"""
"""Of the generator, which takes files for nothing but bytes."""


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory, hour_without_plc: World) -> Iterator[World]:
    one = world(tmp_path_factory.mktemp("erp") / "config", NO_PLC, hour_without_plc)
    yield one
    one.close()


@pytest.fixture(scope="module")
def client(mill: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where the client was generated to, and what the generator said."""
    assert GENERATOR.exists(), "The generator is missing: make test installs it"
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(mill.app.openapi()), encoding="utf-8")
    (folder / "settings.yaml").write_text(SETTINGS, encoding="utf-8")
    command = [
        GENERATOR / "openapi-python-client", "generate", "--meta", "none",
        "--path", folder / "openapi.json", "--output-path", folder / "mill_client",
        "--config", folder / "settings.yaml",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return folder, done.stdout + done.stderr


@pytest.fixture(scope="module")
def erp(mill: World, client: tuple[Path, str]) -> dict[str, Any]:
    """What an ERP did and saw with it."""
    script = Path(__file__).parent / "as_an_erp.py"
    with served(mill) as (origin, key):
        command = [GENERATOR / "python", script, client[0], origin, key]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_generator_has_nothing_to_complain_of(client: tuple[Path, str]):
    assert "WARNING" not in client[1]
    assert "Unable" not in client[1]


def test_batches_are_listed_over_pages(erp: dict[str, Any]):
    assert erp["batches"] == ["缸号-7", "B2601", "ERP-1"]


def test_a_footprint_adds_up(erp: dict[str, Any]):
    assert sum(Decimal(one) for one in erp["lines"] if one is not None) == Decimal(erp["kgco2e"])
    assert erp["unchanged"] == 304


def test_a_run_that_is_sent_twice_under_one_key_is_one(erp: dict[str, Any]):
    one, other = erp["stated"]

    assert one == other
    assert one[1:] == ["ERP-1", "2026-03-02T00:05:00+00:00"]


def test_a_refusal_is_an_object_that_says_what_is_allowed(erp: dict[str, Any]):
    refused, status, detail = erp["wrong"]

    assert (refused, status) == (True, 422)
    assert "jet-99" in detail
    assert erp["nobody"] == [True, 401]


def test_tables_and_files_pass_too(erp: dict[str, Any]):
    assert erp["imported"] == ["new"]
    assert erp["exported"].startswith("Batch,")
