"""Makes the dashboards for Grafana: one table of panels, asked in InfluxQL and in MetricsQL.

``python deploy/grafana/make.py`` writes ``influx/*.json`` and ``victoria/*.json`` beside it; a test
sees to it that they are what this makes, and that every query gets data from a real engine.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ENGINES = {"influx": "influxdb", "victoria": "prometheus"}
_SITE = '"site" =~ /^$site$/'
_MACHINE = f'{_SITE} AND "machine" =~ /^$machine$/'
_TIME = "$timeFilter"
_OF_SITE = 'site=~"$site"'
_OF_MACHINE = f'{_OF_SITE},machine=~"$machine"'


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
        title: In English, then in Chinese.
        influxql: Its query.
        metricsql: The same.
        legend: Tags that name a series.
        unit: Grafana's name of it; a quantity that it does not know is a plain number.
        kind: ``timeseries``, ``bargauge``, ``stat`` or ``table``.
        width: Of 24.
    """

    title: str
    influxql: str
    metricsql: str
    legend: Sequence[str]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 12


def _amounts(carrier: str, by: str, where: str = "", match: str = "") -> tuple[str, str]:
    """What meters counted, summed by a tag, in stretches of an hour or more."""
    return (
        f'SELECT sum("amount") FROM "interval" WHERE {_SITE} AND "carrier" = \'{carrier}\''
        f' {where} AND {_TIME} GROUP BY time($__interval), "{by}" fill(none)',
        f"sum(sum_over_time(interval_amount{{{_OF_SITE},"
        f'carrier="{carrier}"{match}}}[$__interval])) by ({by})',
    )


def _machines_by(carrier: str, by: str) -> tuple[str, str]:
    return _amounts(carrier, by, "AND \"role\" = 'machine'", ',role="machine"')


def _gauge(unit: str) -> tuple[str, str]:
    return (
        f'SELECT mean("value") FROM "reading" WHERE {_MACHINE} AND "unit" = \'{unit}\' AND {_TIME}'
        ' GROUP BY time($__interval), "device", "point" fill(none)',
        f'avg(avg_over_time(reading_value{{{_OF_MACHINE},unit="{unit}"}}[$__interval]))'
        " by (device, point)",
    )


_POINT = ("device", "point")
DASHBOARDS: dict[str, tuple[str, list[Panel]]] = {
    "halls": (
        "millprint: halls 车间",
        [
            Panel("Power by machine 各机台功率", *_gauge("kW"), _POINT, "kwatt", width=24),
            Panel(
                "Electricity by line 各产线用电",
                *_machines_by("electricity", "line"),
                ("line",),
                "kwatth",
            ),
            Panel(
                "Steam by machine 各机台用汽",
                *_machines_by("steam", "machine"),
                ("machine",),
                "masskg",
            ),
            Panel(
                "Electricity by machine, whole time 各机台用电合计",
                'SELECT sum("amount") FROM "interval" WHERE '
                f"{_SITE} AND \"carrier\" = 'electricity' AND \"role\" = 'machine' AND {_TIME}"
                ' GROUP BY "machine"',
                "sum(sum_over_time(interval_amount"
                f'{{{_OF_SITE},carrier="electricity",role="machine"}}[$__range])) by (machine)',
                ("machine",),
                "kwatth",
                "bargauge",
            ),
            Panel(
                "Batches now done, kgCO2e per kg 已完成缸次的碳强度",
                f'SELECT last("kgco2e_per_kg") FROM "footprint" WHERE {_SITE} AND {_TIME}'
                ' GROUP BY "batch"',
                f"last_over_time(footprint_kgco2e_per_kg{{{_OF_SITE}}}[$__range])",
                ("batch",),
                "short",
                "bargauge",
            ),
        ],
    ),
    "machines": (
        "millprint: machines 机台",
        [
            Panel("Power 功率", *_gauge("kW"), _POINT, "kwatt", width=24),
            Panel(
                "Registers 表底",
                f'SELECT last("value") FROM "reading" WHERE {_MACHINE} AND "unit" = \'kWh\''
                f' AND {_TIME} GROUP BY time($__interval), "device", "point" fill(none)',
                f'last_over_time(reading_value{{{_OF_MACHINE},unit="kWh"}}[$__interval])',
                _POINT,
                "kwatth",
            ),
            Panel(
                "Steps of batches, seconds 缸次工步时长",
                f'SELECT "seconds" FROM "step" WHERE {_MACHINE} AND {_TIME}'
                ' GROUP BY "batch", "process"',
                f"last_over_time(step_seconds{{{_OF_MACHINE}}}[$__range])",
                ("batch", "process"),
                "s",
                "table",
            ),
        ],
    ),
    "balance": (
        "millprint: balance 平衡",
        [
            Panel(
                "Electricity that comes in 购入电量",
                *_amounts("electricity", "owner", "AND \"role\" = 'supply'", ',role="supply"'),
                ("owner",),
                "kwatth",
            ),
            Panel(
                "Electricity that machines and utilities take 机台与公用工程用电",
                *_amounts(
                    "electricity",
                    "owner",
                    'AND "role" =~ /machine|shared|utility/',
                    ',role=~"machine|shared|utility"',
                ),
                ("owner",),
                "kwatth",
            ),
            Panel(
                "Steam that is made 产汽量",
                *_amounts("steam", "owner", "AND \"role\" = 'made'", ',role="made"'),
                ("owner",),
                "masskg",
            ),
            Panel(
                "Steam that machines take 机台用汽",
                *_machines_by("steam", "machine"),
                ("machine",),
                "masskg",
            ),
            Panel("Gas 天然气", *_amounts("natural_gas", "owner"), ("owner",), "m3"),
            Panel("Water 水", *_amounts("water", "owner"), ("owner",), "m3"),
        ],
    ),
    "data-health": (
        "millprint: data health 数据质量",
        [
            Panel(
                "Readings in each hour by device 各仪表每小时读数",
                f'SELECT count("value") FROM "reading" WHERE {_SITE} AND {_TIME}'
                ' GROUP BY time(1h), "device" fill(none)',
                f"sum(count_over_time(reading_value{{{_OF_SITE}}}[1h])) by (device)",
                ("device",),
                width=24,
            ),
            Panel(
                "Measured share of amounts 实测占比",
                f'SELECT mean("measured_share") FROM "interval" WHERE {_SITE} AND {_TIME}'
                ' GROUP BY time($__interval), "device" fill(none)',
                f"avg(avg_over_time(interval_measured_share{{{_OF_SITE}}}[$__interval]))"
                " by (device)",
                ("device",),
                "percentunit",
            ),
            Panel(
                "Last reading 最后读数时间",
                f'SELECT last("value") FROM "reading" WHERE {_SITE} AND {_TIME} GROUP BY "device"',
                f"max(tlast_over_time(reading_value{{{_OF_SITE}}}[$__range])) by (device) * 1000",
                ("device",),
                "dateTimeFromNow",
                "table",
            ),
        ],
    ),
}
VARIABLES = {
    "site": (
        'SHOW TAG VALUES FROM "reading" WITH KEY = "site"',
        "label_values(reading_value, site)",
    ),
    "machine": (
        'SHOW TAG VALUES FROM "reading" WITH KEY = "machine" WHERE "site" =~ /^$site$/',
        'label_values(reading_value{site=~"$site"}, machine)',
    ),
}
ANNOTATION = (
    f'SELECT "seconds", "batch", "process", "machine" FROM "step" WHERE {_MACHINE} AND {_TIME}',
    f"step_seconds{{{_OF_MACHINE}}}",
)


def dashboard(engine: str, name: str) -> dict[str, Any]:
    """A dashboard as Grafana 9 and later take it."""
    title, panels = DASHBOARDS[name]
    source = {"type": ENGINES[engine], "uid": f"millprint-{engine}"}
    found, column, row = [], 0, 0
    for number, panel in enumerate(panels, 1):
        if column + panel.width > 24:
            column, row = 0, row + 9
        found.append(_panel(engine, source, number, panel, (column, row)))
        column += panel.width
    return {
        "uid": f"millprint-{engine}-{name}",
        "title": title,
        "tags": ["millprint"],
        "timezone": "browser",
        "time": {"from": "now-7d", "to": "now"},
        "refresh": "1m",
        "schemaVersion": 37,
        "panels": found,
        "templating": {"list": [_variable(engine, source, one) for one in VARIABLES]},
        "annotations": {"list": [_annotation(engine, source)]},
    }


def _panel(
    engine: str, source: dict[str, str], number: int, panel: Panel, place: tuple[int, int]
) -> dict[str, Any]:
    # An hour is four intervals: a shorter stretch of a long plot would show holes.
    step = "1h" if "interval_" in panel.metricsql else "1m"
    influx = engine == "influx"
    target: dict[str, Any] = {"refId": "A", "datasource": source}
    if influx:
        alias = " ".join(f"$tag_{tag}" for tag in panel.legend)
        shape = "table" if panel.kind == "table" else "time_series"
        target |= {"query": panel.influxql, "rawQuery": True, "alias": alias, "resultFormat": shape}
    else:
        legend = " ".join(f"{{{{{tag}}}}}" for tag in panel.legend)
        once = panel.kind != "timeseries"
        target |= {"expr": panel.metricsql, "legendFormat": legend}
        target |= {"instant": once, "range": not once, "interval": step}
        target |= {"format": "table"} if panel.kind == "table" else {}
    return {
        "id": number,
        "title": panel.title,
        "type": panel.kind,
        "datasource": source,
        "gridPos": {"x": place[0], "y": place[1], "w": panel.width, "h": 9},
        "interval": step,
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "targets": [target],
    }


def _variable(engine: str, source: dict[str, str], name: str) -> dict[str, Any]:
    query = VARIABLES[name][list(ENGINES).index(engine)]
    return {
        "name": name,
        "type": "query",
        "datasource": source,
        "query": query,
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
    }


def _annotation(engine: str, source: dict[str, str]) -> dict[str, Any]:
    common = {"name": "Batches 缸次", "datasource": source, "enable": False, "iconColor": "#5794F2"}
    if engine == "influx":
        tags = "batch,process,machine"
        return common | {"query": ANNOTATION[0], "textColumn": "batch", "tagsColumn": tags}
    tags = {"titleFormat": "{{batch}} {{process}}", "tagKeys": "batch,process,machine"}
    return common | {"expr": ANNOTATION[1], "step": "60s"} | tags


def text(engine: str, name: str) -> str:
    """A dashboard's file."""
    return json.dumps(dashboard(engine, name), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every file."""
    for engine in ENGINES:
        (HERE / engine).mkdir(exist_ok=True)
        for name in DASHBOARDS:
            (HERE / engine / f"{name}.json").write_text(text(engine, name), encoding="utf-8")


if __name__ == "__main__":
    main()
