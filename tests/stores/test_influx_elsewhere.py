"""InfluxDB 2.x and 3.x: the client's writer against VictoriaMetrics, and all of it where one is."""

import os
import secrets
from urllib.parse import urlsplit

import pytest

from gateway import projections
from gateway.journal.stores.sqlite import Sqlite
from gateway.projecting.follower import Follower
from gateway.projecting.kept import Kept
from gateway.projecting.reading_back import JournalSeries
from gateway.projecting.reconcile import Comparison, Reconciler
from gateway.projecting.tags import Tags
from gateway.projections import Place, Unanswered
from tests.gateway.given import DEVICE, POINT, START, Agent, House, at, reading
from tests.stores.engines import Server
from tests.stores.following import catch_up

URL = os.environ.get("MILLPRINT_TEST_INFLUX_URL", "")


def fill(mill: House, agent: Agent) -> None:
    mill.takes(agent.says(*[reading(30 * place, place * 0.25) for place in range(120)]))


@pytest.mark.parametrize("version", ["2", "3"])
def test_the_clients_lines_are_the_same_lines(
    version: str, mill: House, agent: Agent, tmp_path, victoria: Server
):
    """VictoriaMetrics takes ``/api/v2/write`` as InfluxDB 2 does."""
    site = f"by-client-{version}"
    fill(mill, agent)
    by_client = projections.engine_module("influx").read(
        {"url": victoria.url, "version": version, "org": "mill"},
        Place(site, tmp_path, "[projections.influx]"),
    )
    catch_up(Follower(mill.journal, by_client, Tags(site), Kept(Sqlite(tmp_path / "journal.db"))))
    engine = victoria.engine(site)

    engine.settle()

    span = START, at(86_400)
    found = engine.between(DEVICE, POINT, *span)
    assert found == JournalSeries(mill.journal).between(DEVICE, POINT, *span)
    assert len(found) == 120


def test_a_client_that_nobody_answers_is_no_end_of_the_program(tmp_path):
    engine = projections.engine_module("influx").read(
        {"url": "http://127.0.0.1:9", "version": "2"}, Place("keqiao", tmp_path, "here")
    )

    with pytest.raises(Unanswered):
        engine.write(b"reading value=1 1\n")


@pytest.fixture
def victoria(tmp_path):
    one = Server("victoria", tmp_path / "engine")
    yield one
    one.kill()


@pytest.mark.skipif(not URL, reason="MILLPRINT_TEST_INFLUX_URL names no InfluxDB")
@pytest.mark.allow_hosts(["127.0.0.1", urlsplit(URL).hostname or "127.0.0.1"])
def test_an_influxdb_elsewhere_is_followed_compared_and_read_back(
    mill: House, agent: Agent, tmp_path
):
    site = f"test-{secrets.token_hex(4)}"
    (tmp_path / "token").write_text(os.environ["MILLPRINT_TEST_INFLUX_TOKEN"], encoding="utf-8")
    table = {
        "url": URL,
        "version": os.environ.get("MILLPRINT_TEST_INFLUX_VERSION", "2"),
        "database": os.environ.get("MILLPRINT_TEST_INFLUX_BUCKET", "millprint"),
        "org": os.environ.get("MILLPRINT_TEST_INFLUX_ORG", ""),
        "token_file": "token",
    }
    engine = projections.engine_module("influx").read(table, Place(site, tmp_path, "there"))
    fill(mill, agent)
    tags = Tags(site)
    assert engine.check() == ()

    first = Reconciler(mill.journal, engine, tags).reconcile(START, at(3600))
    catch_up(Follower(mill.journal, engine, tags, Kept(Sqlite(tmp_path / "journal.db"))))

    assert first == Comparison(compared=120, missing=120)
    assert Reconciler(mill.journal, engine, tags).reconcile(START, at(3600)).missing == 0
    span = START, at(86_400)
    journal = JournalSeries(mill.journal)
    assert engine.between(DEVICE, POINT, *span) == journal.between(DEVICE, POINT, *span)
    assert engine.last_at_or_before(DEVICE, POINT, at(99)) == journal.last_at_or_before(
        DEVICE, POINT, at(99)
    )
