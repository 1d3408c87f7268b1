"""History from a file arrives in the journal once, however often it is sent."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.mqtt import MqttSettings
from gateway.ingest import Ingest
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from gateway.live import Live
from millprint.history.mapping import Mapping, read_mapping
from millprint.history.shipment import Shipment, Undelivered, survey
from millprint.history.telling import survey_text
from tests.conftest import Mosquitto
from tests.delivery.test_delivery import until

SITE, ROWS = "keqiao", 1300
MAPPING = """
device = "hall-3"
time = "when"
timezone = "Asia/Shanghai"
every = "15min"
[points.energy_import_kwh]
column = "kWh"
amounts = true
"""
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path: Path) -> Reader:
    """An empty journal that nobody writes."""
    Writer(Sqlite(tmp_path / "journal.db"), site=SITE).close()
    return Reader(Sqlite(tmp_path / "journal.db"))


@pytest.fixture
def gateway(journal: Reader, killable_broker: Mosquitto, tmp_path: Path) -> Iterator[Ingest]:
    """A gateway that takes what the broker brings."""
    writer = Writer(Sqlite(tmp_path / "journal.db"), site=SITE)
    one = Ingest(
        MqttSettings(killable_broker.url),
        site=SITE,
        writer=writer,
        live=Live(),
        now=lambda: datetime.now(UTC),
    )
    one.start()
    until(lambda: one.up)
    yield one
    one.stop()


@pytest.fixture
def mapping(tmp_path: Path) -> Mapping:
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    return read_mapping(tmp_path / "mapping.toml")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two weeks of a hall, a row of which is none."""
    path = tmp_path / "history.csv"
    lines = [f"{START + n * timedelta(minutes=15)},{n % 7 / 10}" for n in range(ROWS)]
    lines.insert(5, "broken,row")
    path.write_text("when,kWh\n" + "\n".join(lines), encoding="utf-8")
    return path


def test_a_file_arrives_once_however_often_it_is_sent(
    file: Path,
    mapping: Mapping,
    journal: Reader,
    gateway: Ingest,
    killable_broker: Mosquitto,
) -> None:
    before = survey(file, mapping, journal)
    sent: list[int] = []
    shipment = Shipment(MqttSettings(killable_broker.url), SITE, mapping, journal)
    shipment.send(file, before, sent.append)
    after = survey(file, mapping, journal)
    Shipment(MqttSettings(killable_broker.url), SITE, mapping, journal).send(
        file, after, sent.append
    )

    assert (before.rows, before.new, before.bad_count) == (ROWS + 1, ROWS + 1, 1)
    assert (after.new, after.present, after.differing) == (0, ROWS + 1, 0)
    assert sent[-1] == ROWS + 1
    assert journal.quarantined() == 0
    assert before.first is not None
    found = journal.readings("hall-3", before.first, START + timedelta(days=30))
    assert len(list(found)) == ROWS + 1


def test_what_differs_from_the_journal_is_told_before_anything_is_sent(
    file: Path,
    mapping: Mapping,
    journal: Reader,
    gateway: Ingest,
    killable_broker: Mosquitto,
) -> None:
    shipment = Shipment(MqttSettings(killable_broker.url), SITE, mapping, journal)
    shipment.send(file, survey(file, mapping, journal), lambda _: None)
    text = file.read_text(encoding="utf-8").splitlines()
    text[-1] = text[-1].rpartition(",")[0] + ",99"
    file.write_text("\n".join(text), encoding="utf-8")

    told = survey(file, mapping, journal)

    assert (told.new, told.differing) == (0, 1)
    said = survey_text(told)
    assert "1 differ from what the journal has" in said
    assert "line 7 is passed over" in said


def test_without_a_gateway_the_command_says_so_and_nothing_is_called_delivered(
    file: Path,
    mapping: Mapping,
    journal: Reader,
    killable_broker: Mosquitto,
) -> None:
    shipment = Shipment(MqttSettings(killable_broker.url), SITE, mapping, journal)

    with pytest.raises(Undelivered, match="is the gateway running"):
        shipment.send(file, survey(file, mapping, journal), lambda _: None)
