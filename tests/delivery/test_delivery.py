"""From the spool over a real broker into the journal: nothing lost, nothing twice."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collector.mqtt import MqttSettings
from collector.spool import Spool
from collector.uplink import Uplink
from collector.wire.birth import Birth, Point
from collector.wire.reading import ClockState, Kind, Reading, stamp
from gateway.ingest import Ingest
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from gateway.live import Live
from tests.conftest import Mosquitto

START = datetime(2026, 3, 2, tzinfo=UTC)
BIRTH = Birth(
    "jet-01-power", "test", 1, 10_000, "1", "1", (Point("energy_import_kwh", "kWh", Kind.COUNTER),)
)


def reading(number: int) -> Reading:
    at = START + number * timedelta(seconds=10)
    values = {"energy_import_kwh": 100 + number / 100}
    return Reading("jet-01-power", at, ClockState.SYNCHRONISED, "b0", number * 10_000, values)


def until(fact: Callable[[], bool], patience_s: float = 20.0) -> None:
    end = time.monotonic() + patience_s
    while not fact():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


class Delivery:
    """Spool, uplink, ingest and journal around one broker; each can be stopped and started."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.settings = folder, MqttSettings(url)
        self.spool = self._spool()
        self.uplink = self._uplink()
        self.ingest = self._ingest()
        self.journal = Reader(Sqlite(folder / "journal.db"))

    def _spool(self) -> Spool:
        return Spool(self.folder / "a.spool", site="keqiao", collector="a", max_mb=100)

    def _uplink(self) -> Uplink:
        return Uplink(
            self.settings,
            self.spool,
            site="keqiao",
            collector="a",
            births={BIRTH.device: BIRTH},
            resend_after_s=1.0,
        )

    def _ingest(self) -> Ingest:
        writer = Writer(Sqlite(self.folder / "journal.db"), site="keqiao")
        return Ingest(
            self.settings,
            site="keqiao",
            writer=writer,
            live=Live(),
            now=lambda: datetime.now(UTC),
        )

    def commit(self, first: int, last: int) -> None:
        for number in range(first, last):
            one = reading(number)
            self.spool.commit([one], {BIRTH.device: BIRTH}, stamp(one.at))
        self.uplink.committed()

    def stored(self) -> list[datetime]:
        far = START + timedelta(days=9)
        return [one.at for one in self.journal.readings("jet-01-power", START, far)]

    def settled(self) -> bool:
        return self.spool.waiting() == 0

    def close(self) -> None:
        self.uplink.stop()
        self.spool.close()
        self.ingest.stop()


def test_every_reading_arrives_once_over_either_broker(broker_url: str, tmp_path: Path) -> None:
    path = Delivery(tmp_path, broker_url)
    path.ingest.start()
    path.uplink.start()

    path.commit(0, 50)

    until(path.settled)
    assert path.stored() == [reading(n).at for n in range(50)]
    assert [chain.broken_at for chain in path.journal.chains()] == [()]
    path.close()


def test_a_broker_killed_with_its_data_loses_nothing(
    killable_broker: Mosquitto, tmp_path: Path
) -> None:
    path = Delivery(tmp_path, killable_broker.url)
    path.ingest.start()
    path.uplink.start()
    path.commit(0, 20)

    killable_broker.kill()
    path.commit(20, 40)
    killable_broker.start()
    path.commit(40, 60)

    until(path.settled)
    assert path.stored() == [reading(n).at for n in range(60)]
    path.close()


def test_what_is_sent_while_the_gateway_is_away_comes_again(
    killable_broker: Mosquitto, tmp_path: Path
) -> None:
    path = Delivery(tmp_path, killable_broker.url)
    path.uplink.start()
    path.commit(0, 30)
    until(lambda: path.uplink.up)

    time.sleep(0.5)  # messages go out and nobody is there to take them
    assert path.spool.waiting() == 31
    path.ingest.start()

    until(path.settled)
    assert path.stored() == [reading(n).at for n in range(30)]
    path.close()
