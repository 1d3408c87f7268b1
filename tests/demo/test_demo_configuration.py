"""The configuration that the demo writes is one that the collector takes."""

import tomllib
from pathlib import Path

from collector import configuration as collector_configuration
from millprint.demo import configuration, mill_file

MILL = mill_file.load(mill_file.SHIPPED_MILL)


def written(folder: Path) -> Path:
    endpoints = {
        name: "rtu:///dev/pts/7?baud=9600&parity=N&stopbits=1"
        if bus.kind == "rtu"
        else f"tcp://127.0.0.1:{5000 + number}"
        for number, (name, bus) in enumerate(MILL.buses.items())
    }
    configuration.write(folder, MILL, endpoints, "mqtt://127.0.0.1:1883")
    return folder


def test_the_collector_takes_the_written_configuration(tmp_path: Path):
    found = collector_configuration.load(written(tmp_path))

    assert {device.name for device in found.devices} == set(MILL.devices)
    assert {bus.name for bus in found.buses} == set(MILL.buses)


def test_every_point_that_the_plant_names_is_one_that_the_collector_reads(tmp_path: Path):
    found = collector_configuration.load(written(tmp_path))
    plant = (tmp_path / "plant" / "2026-03-01.toml").read_text(encoding="utf-8")

    read = {f"{device.name}.{point.name}" for device in found.devices for point in device.points}

    def named(value: object) -> list[str]:
        if isinstance(value, dict):
            return [point for inner in value.values() for point in named(inner)]
        if isinstance(value, list):
            return [point for inner in value for point in named(inner)]
        return [value] if isinstance(value, str) and "." in value else []

    points = set(named(tomllib.loads(plant)))
    assert len(points) > 16
    assert points <= read


def test_the_plant_says_processes_supplies_and_utilities(tmp_path: Path):
    written(tmp_path)

    plant = tomllib.loads((tmp_path / "plant" / "2026-03-01.toml").read_text(encoding="utf-8"))

    assert plant["machines"]["jet-01"]["processes"]["6"] == "washing"
    assert plant["machines"]["stenter-1"]["process"] == "heat-setting"
    assert set(plant["supplies"]["gas"]["meters"]) == {
        "boiler-1-gas.volume_m3_0c",
        "stenter-1-gas.volume_m3_0c",
    }
    assert plant["utilities"]["boiler-1"]["uses"]["water"] == "boiler-1-feed.volume_m3"
