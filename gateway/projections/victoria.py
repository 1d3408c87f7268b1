"""VictoriaMetrics, one node or a cluster, by the line protocol; read back in MetricsQL.

A point is there as often as it was sent, unless the engine leaves out duplicates; what is older
than its retention it drops and says success. So its flags are read before anything is written.

Sources: VictoriaMetrics 1.79 documentation, ``/flags``, ``/api/v1/export`` and the rollup functions
``count_over_time``, ``sum_over_time``, ``last_over_time``, ``tlast_over_time``; what stands in a
window of them is ``(t - d, t]``.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from collector import toml_files
from collector.wire.problem import Problem
from collector.wire.reading import instant, unix_ms
from gateway.projecting.transport import Transport, checked_url, json_lines
from gateway.projections import READING, Number, Place, Total, Totals

_MS = timedelta(milliseconds=1)
_HOUR = timedelta(hours=1)
_METRIC = f"{READING}_value"
_NEEDED = {
    "retentionPeriod": "100y",
    "dedup.minScrapeInterval": "1ms",
    "search.latencyOffset": "0s",
}
_RETENTION = re.compile(r"(\d+(?:\.\d+)?)([hdwy]?)")
_YEARS = {"": 1 / 12, "h": 1 / 8766, "d": 1 / 365.25, "w": 7 / 365.25, "y": 1.0}  # bare: months
_LEAST_YEARS = 10
_LOOKS = ("1h", "30d", "40y")  # how far back; none may begin before 1970
_MOST_STEPS = 10_000  # of one answer: the engine refuses more than 30,000


@dataclass(frozen=True, slots=True)
class _Table:
    """``[projections.victoria]``.

    Attributes:
        url: ``http://host:8428``; of a cluster, vminsert's with its path.
        read_url: Of a cluster, vmselect's with its path; else empty.
        check_flags: Whether the flags can be read there: false behind a proxy or in a cluster.
    """

    url: str
    read_url: str = ""
    check_flags: bool = True


def read(table: object, place: Place) -> "Victoria":
    """The engine of a table of ``gateway.toml``; `Refused` where it cannot stand."""
    said = toml_files.shape(_Table, table, place.where)
    checked_url(said.url, f"{place.where} url")
    checked_url(said.read_url or said.url, f"{place.where} read_url")
    return Victoria(said, place.site)


class Victoria:
    """A VictoriaMetrics.

    Args:
        table: How it is reached.
        site: Whose readings.
    """

    def __init__(self, table: _Table, site: str) -> None:
        self._table, self._site = table, site
        self._in = Transport(table.url, {})
        self._out = Transport(table.read_url or table.url, {})

    @property
    def target(self) -> str:
        """What is written to."""
        return f"victoria {self._table.url} {self._site}"

    def check(self) -> tuple[Problem, ...]:
        """What of its flags loses, doubles or hides readings."""
        if not self._table.check_flags:
            return ()
        said = self._in.get("/flags").decode()
        found = dict(re.findall(r'^-([\w.]+)="(.*)"$', said, re.MULTILINE))
        return tuple(
            Problem(
                "victoria-flag",
                self._table.url,
                values={"flag": flag, "value": found.get(flag, "-"), "needed": needed},
            )
            for flag, needed in _NEEDED.items()
            if not _suits(flag, found.get(flag, ""))
        )

    def write(self, lines: bytes) -> None:
        """Take lines, as many as there are."""
        self._in.post("/write", lines, precision="ms")

    def settle(self) -> None:
        """Make what was written visible: an engine of 1.79 does so of itself after ten seconds."""
        self._in.get("/internal/force_flush")

    def totals(self, start: datetime, end: datetime) -> Totals:
        """Counts and sums of the site's readings by point and hour."""
        match = f"{_METRIC}{{{_labels({'site': self._site})}}}"
        counts = self._by_hour(f"sum(count_over_time({match}[1h])) by (device, point)", start, end)
        sums = dict(
            self._by_hour(f"sum(sum_over_time({match}[1h])) by (device, point)", start, end)
        )
        return {key: Total(int(count), sums.get(key, 0.0)) for key, count in counts}

    def remove(self, device: str, start: datetime, end: datetime) -> bool:  # noqa: ARG002
        """It can take whole series out and no part of one."""
        return False

    def forget(self, measurement: str, tags: Mapping[str, str]) -> None:
        """Take the site's series of a measurement with these tags out, whole."""
        said = _labels({"site": self._site, **tags})
        match = f'{{__name__=~"{measurement}_.+",{said}}}'
        self._in.form("/api/v1/admin/tsdb/delete_series", **{"match[]": match})

    def between(self, device: str, point: str, start: datetime, end: datetime) -> list[Number]:
        """Good numbers in ``[start, end)``, by time."""
        found: dict[int, float] = {}
        for series in json_lines(
            self._out.form(
                "/api/v1/export",
                **{"match[]": self._of(device, point)},
                start=_seconds(start),
                end=_seconds(end - _MS),
                reduce_mem_usage="0",
            )
        ):
            found |= zip(series["timestamps"], series["values"], strict=True)
        return [(instant(at), found[at]) for at in sorted(found)]

    def last_at_or_before(self, device: str, point: str, at: datetime) -> Number | None:
        """The last good number at or before an instant."""
        for window in _LOOKS:
            query = f"max(tlast_over_time({self._of(device, point)}[{window}]))"
            when = self._query("query", query, time=_seconds(at))
            if when:
                last = instant(round(float(when[0]["value"][1]) * 1000))
                found = self.between(device, point, last, last + _MS)
                return found[0] if found else None
        return None

    def thinned(
        self, device: str, point: str, start: datetime, end: datetime, every: timedelta
    ) -> list[Number]:
        """The last good number of each stretch, stamped with the stretch's beginning."""
        look = f"{self._of(device, point)}[{every // _MS}ms]"
        found: dict[int, tuple[float, float]] = {}
        for part_start, part_end in _parts(start, end, every):
            values = self._stretches(f"last_over_time({look})", part_start, part_end, every)
            # A plant's new snapshot may give a point other labels: then the later series counts.
            whens = self._stretches(f"tlast_over_time({look})", part_start, part_end, every)
            for key, value in values.items():
                at = key[1]
                if at not in found or found[at][0] < whens[key]:
                    found[at] = (whens[key], value)
        return [(instant(at), found[at][1]) for at in sorted(found)]

    def _stretches(
        self, query: str, start: datetime, end: datetime, every: timedelta
    ) -> dict[tuple[str, int], float]:
        length = every // _MS
        return {
            (_labelled(series["metric"]), at - length + 1): value
            for series in self._ranged(query, start, end, every)
            for at, value in _values(series)
        }

    def _by_hour(
        self, query: str, start: datetime, end: datetime
    ) -> Iterator[tuple[tuple[str, str, int], float]]:
        hour = _HOUR // _MS
        for series in self._ranged(query, start, end, _HOUR):
            labels = series["metric"]
            for at, value in _values(series):
                yield (labels["device"], labels["point"], at - hour + 1), value

    def _ranged(
        self, query: str, start: datetime, end: datetime, every: timedelta
    ) -> list[dict[str, Any]]:
        """A query at the last millisecond of each stretch of ``[start, end)``."""
        return self._query(
            "query_range",
            query,
            start=_seconds(start + every - _MS),
            end=_seconds(end - _MS),
            step=f"{every // _MS}ms",
        )

    def _query(self, path: str, query: str, **said: str) -> list[dict[str, Any]]:
        answer = json.loads(self._out.form(f"/api/v1/{path}", query=query, nocache="1", **said))
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def _of(self, device: str, point: str) -> str:
        tags = {"site": self._site, "device": device, "point": point}
        return f"{_METRIC}{{{_labels(tags)}}}"


def _suits(flag: str, value: str) -> bool:
    if flag == "retentionPeriod":
        said = _RETENTION.fullmatch(value)
        return said is not None and float(said[1]) * _YEARS[said[2]] >= _LEAST_YEARS
    return value == _NEEDED[flag]


def _parts(start: datetime, end: datetime, every: timedelta) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        until = min(end, start + _MOST_STEPS * every)
        yield start, until
        start = until


def _values(series: Mapping[str, Any]) -> Iterator[tuple[int, float]]:
    for at, value in series["values"]:
        yield round(at * 1000), float(value)


def _labelled(metric: Mapping[str, str]) -> str:
    """What tells one series of a point from another: not every function keeps its name."""
    return json.dumps({key: metric[key] for key in sorted(metric) if key != "__name__"})


def _labels(tags: Mapping[str, str]) -> str:
    return ",".join(f"{key}={json.dumps(value)}" for key, value in tags.items())


def _seconds(at: datetime) -> str:
    ms = unix_ms(at)
    return f"{ms // 1000}.{ms % 1000:03d}"
