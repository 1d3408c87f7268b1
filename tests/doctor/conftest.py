"""A site where nothing is wrong: enrolled, read a moment ago, backed up; real parts throughout."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from collector.births import birth_of
from collector.configuration import load
from collector.spool import Spool
from collector.uplink import Uplink
from collector.wire import topics
from collector.wire.reading import ClockState, Reading, stamp
from millprint.doctor.examinations import examine
from millprint.doctor.premises import Premises, look
from millprint.keeping.backup import back_up
from tests.api.given import COLLECTOR, SITE
from tests.enrolment.conftest import EnrolledSite, until

PLANT = """
[site]
id = "keqiao"
timezone = "Asia/Shanghai"
region = "CN-ZJ"

[machines.jet-01]
process = "dyeing-exhaust"
electricity = "jet-01-power.energy_import_kwh"

[supplies.grid]
carrier = "electricity"
meter = "main-1.energy_import_kwh"
"""
COLLECTS = """
site = "keqiao"
collector = "dyehouse-a"
[mqtt]
url = "{url}"
ca_file = "var/tls/ca.pem"
cert_file = "var/tls/dyehouse-a.pem"
key_file = "var/tls/dyehouse-a.key"
[spool]
path = "var/dyehouse-a.spool"
[buses.line]
url = "tcp://127.0.0.1:1502"
[devices.jet-01-power]
bus = "line"
unit = 1
profile = "eastron-sdm630"
every = "10s"
[devices.main-1]
bus = "line"
unit = 2
profile = "eastron-sdm630"
every = "10s"
"""
TCP = "  sl  local_address rem_address   st\n   0: 0100007F:075B 00000000:0000 0A\n"


class SoundSite(EnrolledSite):
    """A site, its machine as the kernel shows it, and somebody who looks it over."""

    def __init__(self, folder: Path) -> None:
        self.held = folder / "certifier"
        self.held.mkdir(parents=True)
        self.machine = folder / "machine"
        (self.machine / "proc/net").mkdir(parents=True)
        (self.machine / "proc/net/tcp").write_text(TCP)
        shutil.copy("/proc/meminfo", self.machine / "proc/meminfo")
        config = folder / "config"
        super().__init__(config, plant=PLANT, more=f'[seal]\ncopies = ["{self.held}"]\n')
        self.enrols(COLLECTOR, config / "var/tls")
        (config / "collector.toml").write_text(COLLECTS.format(url=self.broker_url))
        self._reads(folder / "a.spool")
        back_up(config, folder / "site.backup", datetime.now(UTC), "", lambda *_: None)

    def _reads(self, path: Path) -> None:
        """A collector reads every meter once and delivers it."""
        configuration = load(self.folder)
        births = {one.name: birth_of(one) for one in configuration.devices}
        now, clock = datetime.now(UTC), ClockState.SYNCHRONISED
        values = {"energy_import_kwh": 1000.0}
        read = [Reading(name, now, clock, "b0", 10**6, values) for name in births]
        with closing(Spool(path, site=SITE, collector=COLLECTOR, max_mb=9)) as spool:
            uplink = Uplink(
                configuration.mqtt, spool, site=SITE, collector=COLLECTOR, births=births
            )
            uplink.start()
            spool.commit(read, births, stamp(now))
            uplink.committed()
            until(lambda: spool.waiting() == 0)
            uplink.stop()

    def premises(
        self, now: datetime | None = None, clock: ClockState = ClockState.SYNCHRONISED
    ) -> Premises:
        return look(self.folder, now or datetime.now(UTC), clock, self.machine)

    def codes(self, premises: Premises | None = None) -> set[str]:
        """What the doctor finds."""
        return {one.code for one in examine(premises or self.premises(), lambda _: None)}

    def says(self, **state: object) -> None:
        """The collector leaves its state with the broker."""
        settings = self.settings(self.folder / "var/tls", COLLECTOR)
        line, ear = self.line(settings, name="the collector")
        until(lambda: line.up)
        line.publish(topics.state(SITE, COLLECTOR), orjson.dumps({"v": 1} | state), retain=True)
        until(lambda: ear.answers)
        line.stop()

    def edits(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    @contextmanager
    def as_it_was_afterwards(self) -> Iterator[None]:
        """Whatever is done to its files is undone; databases are left alone, they are in use."""
        roots = (self.folder, self.machine)
        kept = {
            path: (path.read_bytes(), path.stat().st_mode)
            for root in roots
            for path in root.rglob("*")
            if path.is_file() and ".db" not in path.name and path.suffix != ".log"
        }
        try:
            yield
        finally:
            for path, (body, mode) in kept.items():
                path.write_bytes(body)
                path.chmod(mode & 0o777)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundSite]:
    """One sound site for the tests of a file."""
    one = SoundSite(tmp_path_factory.mktemp("site"))
    yield one
    one.close()
