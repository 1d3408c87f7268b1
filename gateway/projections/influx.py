"""InfluxDB: 1.x by ``/write``, 2.x and 3.x by influxdb-client, all with the same lines.

What is read back is asked in InfluxQL at ``/query``, which all of them know (2.x needs a DBRP
mapping of the database's name to the bucket). A point written again takes the place of the one
before, so whatever is sent twice counts once.

Sources: InfluxDB 1.6 HTTP API and InfluxQL references; influxdb-client 1.50, synchronous writes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any

from collector import toml_files
from collector.wire.problem import Problem, Refused
from collector.wire.reading import instant, unix_ms
from gateway.projecting.transport import Transport, basic, checked_url
from gateway.projections import READING, Number, Place, Total, Totals, Unanswered

_BY_CLIENT = ("2", "3")
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class _Table:
    """``[projections.influx]``.

    Attributes:
        url: ``http://host:8086``.
        version: ``1``, ``2`` or ``3``.
        database: Of 1.x, the database; else the bucket.
        org: Of 2.x, the organisation.
        token_file: File with the token; of 1.x, with ``user:password``.
    """

    url: str
    version: str = "1"
    database: str = "millprint"
    org: str = ""
    token_file: str = ""


def read(table: object, place: Place) -> "Influx":
    """The engine of a table of ``gateway.toml``; `Refused` where it cannot stand."""
    said = toml_files.shape(_Table, table, place.where)
    checked_url(said.url, f"{place.where} url")
    if said.version not in ("1", *_BY_CLIENT):
        values = {"value": said.version, "why": "a version is 1, 2 or 3"}
        raise Refused(Problem("wrong-value", f"{place.where} version", values=values))
    if said.version in _BY_CLIENT and find_spec("influxdb_client") is None:
        raise Refused(Problem("no-influx-client", place.where))
    return Influx(said, place.site, _secret(place, said.token_file))


def _secret(place: Place, name: str) -> str:
    if not name:
        return ""
    path = place.folder / name
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise Refused(Problem("file-unreadable", str(path), values={"why": str(fault)})) from fault


class Influx:
    """One database of an InfluxDB.

    Args:
        table: How it is reached.
        site: Whose readings.
        secret: Token, or user and password; empty where none is needed.
    """

    def __init__(self, table: _Table, site: str, secret: str) -> None:
        self._table, self._site, self._secret = table, site, secret
        said = f"Token {secret}" if table.version in _BY_CLIENT else basic(secret)
        self._http = Transport(table.url, {"Authorization": said} if secret else {})

    @property
    def target(self) -> str:
        """What is written to."""
        return f"influx {self._table.url} {self._table.database} {self._site}"

    def check(self) -> tuple[Problem, ...]:
        """Make the database of a 1.x; a policy that lets readings go is a problem."""
        if self._table.version in _BY_CLIENT:
            self._query("SHOW MEASUREMENTS LIMIT 1")  # without a mapping it is refused
            return ()
        self._query(f"CREATE DATABASE {_name(self._table.database)}")
        rows = self._query(f"SHOW RETENTION POLICIES ON {_name(self._table.database)}")
        kept = {row["duration"] for one in rows for row in _rows(one) if row["default"]}
        if kept <= {"0s"}:
            return ()
        values = {"kept": ", ".join(sorted(kept)), "database": self._table.database}
        return (Problem("influx-forgets", self._table.url, values=values),)

    def write(self, lines: bytes) -> None:
        """Take lines, as many as there are."""
        if self._table.version in _BY_CLIENT:
            self._write_by_client(lines)
        else:
            self._http.post("/write", lines, db=self._table.database, precision="ms")

    def settle(self) -> None:
        """What was written is seen at once."""

    def totals(self, start: datetime, end: datetime) -> Totals:
        """Counts and sums of the site's readings by point and hour."""
        found: Totals = {}
        for series in self._query(
            f"SELECT count(value), sum(value) FROM {READING} WHERE {self._of(start, end)} "
            "GROUP BY time(1h), device, point fill(none)"
        ):
            tags = series["tags"]
            for at, count, total in series["values"]:
                if count:
                    found[tags["device"], tags["point"], at] = Total(count, total)
        return found

    def remove(self, device: str, start: datetime, end: datetime) -> bool:
        """Take a device's readings of ``[start, end)`` out; 2.x and 3.x know no such statement."""
        if self._table.version in _BY_CLIENT:
            return False
        self._query(f"DELETE FROM {READING} WHERE {self._of(start, end, device=device)}")
        return True

    def forget(self, measurement: str, tags: Mapping[str, str]) -> None:
        """Take the site's series of a measurement with these tags out, whole."""
        if self._table.version in _BY_CLIENT:
            return
        where = _where({"site": self._site, **tags})
        self._query(f"DROP SERIES FROM {_name(measurement)} WHERE {where}")

    def between(self, device: str, point: str, start: datetime, end: datetime) -> list[Number]:
        """Good numbers in ``[start, end)``, by time."""
        where = self._of(start, end, device=device, point=point)
        return self._numbers(f"SELECT value FROM {READING} WHERE {where}")

    def last_at_or_before(self, device: str, point: str, at: datetime) -> Number | None:
        """The last good number at or before an instant."""
        where = _where({"site": self._site, "device": device, "point": point})
        found = self._numbers(
            f"SELECT value FROM {READING} WHERE {where} AND time <= {unix_ms(at)}ms "
            "ORDER BY time DESC LIMIT 1"
        )
        return found[0] if found else None

    def thinned(
        self, device: str, point: str, start: datetime, end: datetime, every: timedelta
    ) -> list[Number]:
        """The last good number of each stretch, stamped with the stretch's beginning."""
        where = self._of(start, end, device=device, point=point)
        length = every // timedelta(milliseconds=1)
        return self._numbers(
            f"SELECT last(value) FROM {READING} WHERE {where} GROUP BY time({length}ms) fill(none)"
        )

    def _of(self, start: datetime, end: datetime, **tags: str) -> str:
        bounds = f"time >= {unix_ms(start)}ms AND time < {unix_ms(end)}ms"
        return f"{_where({'site': self._site, **tags})} AND {bounds}"

    def _numbers(self, query: str) -> list[Number]:
        return [
            (instant(at), value) for series in self._query(query) for at, value in series["values"]
        ]

    def _query(self, query: str) -> list[dict[str, Any]]:
        said = self._http.form("/query", db=self._table.database, epoch="ms", q=query)
        (result,) = json.loads(said)["results"]
        if "error" in result:
            raise Unanswered(f"{self._table.url}: {result['error']}")
        if result.get("partial"):  # of max-row-limit: what is left out would be taken for missing
            raise Unanswered(f"{self._table.url}: it answers only in part; raise max-row-limit")
        found: list[dict[str, Any]] = result.get("series", [])
        return found

    def _write_by_client(self, lines: bytes) -> None:
        # 40 MB of memory: only where it is configured.
        from influxdb_client.client.influxdb_client import InfluxDBClient
        from influxdb_client.client.write_api import SYNCHRONOUS
        from influxdb_client.domain.write_precision import WritePrecision
        from influxdb_client.rest import ApiException
        from urllib3.exceptions import HTTPError

        table = self._table
        try:
            with (
                InfluxDBClient(table.url, self._secret, org=table.org or "-") as client,
                client.write_api(write_options=SYNCHRONOUS) as door,
            ):
                door.write(table.database, record=lines, write_precision=WritePrecision.MS)
        except (ApiException, HTTPError, OSError) as fault:
            raise Unanswered(f"{self._table.url}: {fault}") from fault


def _rows(series: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(series["columns"], row, strict=True)) for row in series["values"]]


def _name(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _where(tags: Mapping[str, str]) -> str:
    said = ((key, value.replace("\\", "\\\\").replace("'", "\\'")) for key, value in tags.items())
    return " AND ".join(f"\"{key}\" = '{value}'" for key, value in said)
