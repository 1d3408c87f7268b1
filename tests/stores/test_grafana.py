"""Every query of every dashboard is run against a real engine, and gets data."""

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.house.sources import ROOT
from tests.stores.mill import Projected

GRAFANA = ROOT / "deploy" / "grafana"
_spec = importlib.util.spec_from_file_location("grafana_make", GRAFANA / "make.py")
assert _spec
assert _spec.loader
make = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make)

# 2026-03-02T00:00Z to 03:00Z: the mill's two and a half hours.
FIRST, LAST = 1772409600, 1772420400
MACROS = {
    "$timeFilter": f"time >= {FIRST}s AND time <= {LAST}s",
    "$__interval": "1h",
    "$__range": "3h",
    "$machine": ".*",
    "$site": ".*",
}
BY_ENGINE = [(engine, name) for engine in make.ENGINES for name in make.DASHBOARDS]


@pytest.mark.parametrize(("engine", "name"), BY_ENGINE)
def test_a_dashboard_is_what_its_table_makes(engine: str, name: str):
    kept = (GRAFANA / engine / f"{name}.json").read_text(encoding="utf-8")

    assert kept == make.text(engine, name)


@pytest.mark.parametrize("name", make.DASHBOARDS)
def test_every_query_of_a_dashboard_gets_data(projected: Projected, name: str):
    path = GRAFANA / projected.server.name / f"{name}.json"
    dashboard = json.loads(path.read_text(encoding="utf-8"))
    ask = influxql if projected.server.name == "influx" else metricsql

    answered = {
        panel["title"]: ask(projected, target)
        for panel in dashboard["panels"]
        for target in panel["targets"]
    }

    assert {title: found for title, found in answered.items() if not found} == {}


def test_variables_and_annotations_get_data(projected: Projected):
    path = GRAFANA / projected.server.name / "halls.json"
    dashboard = json.loads(path.read_text(encoding="utf-8"))
    (annotation,) = dashboard["annotations"]["list"]
    queries = [one["query"] for one in dashboard["templating"]["list"]]

    if projected.server.name == "influx":
        assert all(influxql(projected, {"query": query}) for query in queries)
        (series,) = influxql(projected, {"query": annotation["query"]})
        assert {"time", "batch", "process", "machine"} <= set(series["columns"])
        return
    assert metricsql(projected, {"expr": annotation["expr"], "range": True})
    for query in queries:
        match, label = re.fullmatch(r"label_values\((.+), (\w+)\)", query).groups()
        said = projected.engine._out.get(
            f"/api/v1/label/{label}/values",
            **{"match[]": plain(match), "start": str(FIRST), "end": str(LAST)},
        )
        assert json.loads(said)["data"]


def plain(query: str) -> str:
    """A query as Grafana sends it."""
    for macro, value in MACROS.items():
        query = query.replace(macro, value)
    assert "$" not in query.replace("$/", "/")
    return query


def influxql(projected: Projected, target: dict[str, Any]) -> list[Any]:
    return projected.engine._query(plain(target["query"]))


def metricsql(projected: Projected, target: dict[str, Any]) -> list[Any]:
    if target.get("range"):
        return projected.engine._query(
            "query_range", plain(target["expr"]), start=str(FIRST), end=str(LAST), step="1h"
        )
    return projected.engine._query("query", plain(target["expr"]), time=str(LAST))


def test_the_sources_are_those_that_the_dashboards_name():
    text = Path(GRAFANA / "provisioning/datasources/millprint.yaml").read_text(encoding="utf-8")

    assert set(re.findall(r"uid: (\S+)", text)) == {f"millprint-{name}" for name in make.ENGINES}
