"""What the containers are let do, and that all they need is made."""

import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from millprint.check import check
from tests.house.sources import ROOT

COMPOSE = ROOT / "deploy" / "compose"
SAID: dict[str, Any] = yaml.safe_load((COMPOSE / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = SAID["services"]
each_service = pytest.mark.parametrize("name", SERVICES)


def prepare(folder: Path, store: str = "victoria") -> None:
    command = [str(COMPOSE / "prepare.sh"), store, str(folder)]
    subprocess.run(command, check=True, capture_output=True)


@each_service
def test_every_image_is_one_version(name: str) -> None:
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+", SERVICES[name]["image"])


@each_service
def test_no_container_may_do_more_than_it_must(name: str) -> None:
    one = SERVICES[name]

    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["mem_limit"]
    assert one["pids_limit"]
    assert "root" not in one.get("user", "")
    assert not one.keys() & {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"}


@each_service
def test_every_container_says_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]


@each_service
def test_what_listens_listens_to_this_machine_alone(name: str) -> None:
    for port in SERVICES[name].get("ports", ()):
        assert port.startswith("127.0.0.1:")


def test_stores_and_broker_have_no_way_out() -> None:
    assert SAID["networks"]["inside"]["internal"] is True
    for name in ("broker", "influx", "victoria"):
        assert SERVICES[name]["networks"] == ["inside"]


def test_what_is_named_is_declared() -> None:
    declared = {kind: set(SAID[kind]) for kind in ("networks", "secrets", "volumes", "configs")}

    for one in SERVICES.values():
        assert set(one["networks"]) <= declared["networks"]
        assert set(one.get("secrets", ())) <= declared["secrets"]
        for volume in one.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in declared["volumes"] or source.startswith(".")
        for other in one.get("depends_on", ()):
            assert other in SERVICES


def test_no_secret_stands_where_it_is_read_by_others(tmp_path: Path) -> None:
    prepare(tmp_path)

    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert made.keys() == SAID["secrets"].keys()
    assert all(len(text) >= 32 for text in made.values())
    assert len(set(made.values())) == len(made)
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_what_is_there_stays_when_it_is_prepared_again(tmp_path: Path) -> None:
    prepare(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    prepare(tmp_path)

    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_the_configuration_that_is_made_can_stand_and_names_the_containers(tmp_path: Path) -> None:
    prepare(tmp_path)

    assert check(tmp_path / "config") == []
    for name in ("collector.toml", "gateway.toml"):
        assert 'url = "mqtt://broker:1883"' in (tmp_path / "config" / name).read_text()
    assert 'host = "0.0.0.0"' in (tmp_path / "config" / "api.toml").read_text()
    assert not re.search(r'= "(sqlite:///)?var/', (tmp_path / "config" / "api.toml").read_text())


def test_with_influx_only_the_secret_is_missing_that_a_container_is_given(tmp_path: Path) -> None:
    prepare(tmp_path, "influx")

    (problem,) = check(tmp_path / "config")
    assert (problem.code, problem.where) == ("file-unreadable", "/run/secrets/store_token")
    assert "store_token" in SERVICES["millprint"]["secrets"]


@pytest.mark.parametrize("store", ["influx", "victoria"])
def test_grafana_is_given_the_dashboards_of_the_store_and_its_name(
    tmp_path: Path, store: str
) -> None:
    prepare(tmp_path, store)

    sources = yaml.safe_load((tmp_path / "grafana/datasources/millprint.yaml").read_text())
    urls = {one["url"].split("/")[2].split(":")[0]: one for one in sources["datasources"]}
    assert urls.keys() <= SERVICES.keys()
    assert urls["influx"]["jsonData"]["httpHeaderName1"] == "Authorization"
    assert "store_token" in urls["influx"]["secureJsonData"]["httpHeaderValue1"]
    made = {path.name for path in (tmp_path / "grafana/dashboards").iterdir()}
    assert made == {path.name for path in (ROOT / "deploy/grafana" / store).iterdir()}


def test_which_store_must_be_said() -> None:
    done = subprocess.run([str(COMPOSE / "prepare.sh")], capture_output=True, check=False)

    assert done.returncode == 2


def test_the_image_is_built_of_what_is_locked_and_runs_as_nobody_of_importance() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")

    assert len(set(re.findall(r"^FROM (\S+)", text, re.MULTILINE))) == 1
    assert re.findall(r"^FROM python:\d+\.\d+\.\d+-slim-bookworm", text, re.MULTILINE)
    assert text.count("--require-hashes") == 2
    assert re.search(r"^USER 8420:8420$", text, re.MULTILINE)
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        assert not line.startswith("!") or (ROOT / line[1:]).exists()
