"""Who gets into the generated broker, and what he may do there."""

import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from collector.mqtt import MqttSettings
from collector.spool import Spool
from collector.uplink import Uplink
from collector.wire import topics
from collector.wire.reading import stamp
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from millprint.enrolment import authority, register
from tests.api.given import BIRTHS, SITE, reading
from tests.enrolment.conftest import EnrolledSite, until

MINE = topics.readings(SITE, "dyehouse-a", "jet-01-power")
ANOTHERS = topics.readings(SITE, "dyehouse-b", "jet-02-power")


@pytest.fixture(scope="module")
def a(mill: EnrolledSite, tmp_path_factory: pytest.TempPathFactory) -> MqttSettings:
    folder = tmp_path_factory.mktemp("dyehouse-a")
    mill.enrols("dyehouse-a", folder)
    return mill.settings(folder, "dyehouse-a")


def signed(
    mill: EnrolledSite, folder: Path, name: str, *, by: Path | None = None, ago: timedelta
) -> MqttSettings:
    """A certificate for somebody, made some time ago by this authority or another."""
    at = mill.folder / "var/tls"
    key, _ = authority.new_request(name)
    signer = authority.load(by or at)
    made, entry = signer.sign(key.public_key(), name, register.COLLECTOR, datetime.now(UTC) - ago)
    if by is None:
        with register.changing(at) as known:
            known.issued.append(entry)
    (folder / f"{name}.key").write_bytes(authority.pem_of(key))
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return mill.settings(folder, name)


def test_a_collectors_readings_reach_the_journal_over_tls_and_are_acknowledged(
    mill: EnrolledSite, a: MqttSettings, tmp_path: Path
) -> None:
    with closing(Spool(tmp_path / "spool", site=SITE, collector="dyehouse-a", max_mb=9)) as spool:
        uplink = Uplink(a, spool, site=SITE, collector="dyehouse-a", births=BIRTHS)
        uplink.start()
        read = [reading("jet-01-power", number) for number in range(3)]
        spool.commit(read, BIRTHS, stamp(datetime.now(UTC)))
        uplink.committed()

        until(lambda: spool.waiting() == 0)

        uplink.stop()
    journal = Reader(Sqlite(mill.folder / "var/journal.db"))
    latest = journal.latest("jet-01-power")
    assert latest is not None
    assert latest.values["energy_import_kwh"] == 1002
    assert mill.get("/api/v1/health")["status"]


def test_a_collector_writes_its_own_topics_and_nobody_elses(
    mill: EnrolledSite, a: MqttSettings
) -> None:
    line, ear = mill.line(a)
    until(lambda: line.up)
    tried = {
        MINE: "passed on",
        topics.records(SITE, "dyehouse-a"): "passed on",
        topics.backlog(SITE, "dyehouse-a"): "passed on",
        ANOTHERS: "not authorized",
        topics.state(SITE, "dyehouse-b"): "not authorized",
        topics.ack(SITE, "dyehouse-a"): "not authorized",
        topics.readings("shaoxing", "dyehouse-a", "jet-01-power"): "not authorized",
        "$SYS/broker/version": "not authorized",
        "anything": "not authorized",
    }

    for number, (topic, expected) in enumerate(tried.items(), start=1):
        assert line.publish(topic, b"{}") is not None
        until(lambda: len(ear.answers) >= number)  # noqa: B023 - called at once
        assert expected in ear.answers[-1], topic

    line.stop()


def test_a_collector_hears_its_own_acknowledgements_and_nobody_elses_readings(
    mill: EnrolledSite, a: MqttSettings, tmp_path: Path
) -> None:
    mill.enrols("dyehouse-b", tmp_path)
    spy, heard = mill.line(a, hears=("#", "$SYS/#"), name="spy")
    until(lambda: spy.up)
    other, told = mill.line(mill.settings(tmp_path, "dyehouse-b"), name="other")
    until(lambda: other.up)

    other.publish(ANOTHERS, b"{}")
    until(lambda: told.answers)
    gateway, said = mill.line(_gateway(mill), name="another-gateway")
    until(lambda: gateway.up)
    gateway.publish(topics.ack(SITE, "dyehouse-b"), b"{}", retain=True)
    gateway.publish(topics.ack(SITE, "dyehouse-a"), b"{}", retain=True)
    until(lambda: len(said.answers) == 2)
    until(lambda: heard.heard)

    assert {topic.split("/")[-2] for topic in heard.heard} == {"dyehouse-a"}
    for line in (spy, other, gateway):
        line.stop()


def test_the_gateway_writes_nothing_but_acknowledgements(mill: EnrolledSite) -> None:
    line, ear = mill.line(_gateway(mill), name="another-gateway")
    until(lambda: line.up)

    line.publish(MINE, b"{}")

    until(lambda: ear.answers)
    assert "not authorized" in ear.answers[0]
    line.stop()


def test_nobody_without_a_certificate_gets_in(
    mill: EnrolledSite, a: MqttSettings, caplog: pytest.LogCaptureFixture
) -> None:
    line, _ = mill.line(MqttSettings(mill.broker_url, a.ca_file))

    until(lambda: "asks for a client certificate" in caplog.text)

    assert not line.up
    line.stop()


def test_nobody_with_an_expired_certificate_gets_in(
    mill: EnrolledSite, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = signed(mill, tmp_path, "dyehouse-old", ago=authority.LIFE + timedelta(days=1))

    line, _ = mill.line(old)

    until(lambda: "our certificate (cert_file) has expired" in caplog.text)
    assert not line.up
    line.stop()


def test_nobody_with_the_certificate_of_another_site_gets_in(
    mill: EnrolledSite, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority.make(tmp_path, SITE, datetime.now(UTC))  # of the same name, and yet another
    foreign = signed(mill, tmp_path, "dyehouse-a", by=tmp_path, ago=timedelta())

    line, _ = mill.line(foreign)

    until(lambda: "does not know who signed our certificate" in caplog.text)
    assert not line.up
    line.stop()


def test_the_brokers_own_certificate_lets_nobody_in_as_a_client(
    mill: EnrolledSite, caplog: pytest.LogCaptureFixture
) -> None:
    line, _ = mill.line(mill.settings(mill.folder / "var/broker", "broker"))

    until(lambda: "no connection" in caplog.text)

    assert not line.up
    line.stop()


def test_the_certificate_of_a_collector_makes_nobody_a_broker(
    mill: EnrolledSite, a: MqttSettings
) -> None:
    shown = authority.read_certificate(Path(a.cert_file))
    usage = next(one.value for one in shown.extensions if one.oid.dotted_string == "2.5.29.37")

    assert [one.dotted_string for one in usage] == ["1.3.6.1.5.5.7.3.2"]  # clientAuth alone


def test_a_revoked_collector_is_silent_at_once_and_never_comes_back(
    mill: EnrolledSite, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mill.enrols("dyehouse-stolen", tmp_path)
    own = topics.records(SITE, "dyehouse-stolen")
    stolen = mill.settings(tmp_path, "dyehouse-stolen")
    line, ear = mill.line(stolen, name="stolen")
    until(lambda: line.up)
    line.publish(own, b"{}")
    until(lambda: ear.answers == ["passed on"])

    mill.revokes("dyehouse-stolen")
    mill.broker_rereads()

    until(lambda: line.publish(own, b"{}") is not None)
    until(lambda: len(ear.answers) == 2)
    assert "not authorized" in ear.answers[-1]
    mill.broker_starts_again()
    until(lambda: "the site took our certificate (cert_file) back" in caplog.text)
    assert not line.up
    line.stop()


def test_nothing_listens_but_the_broker_and_the_pages(mill: EnrolledSite) -> None:
    listening = {}
    for name, pid in mill.pids.items():
        sockets = {
            link.readlink().name
            for link in Path(f"/proc/{pid}/fd").iterdir()
            if str(link.readlink()).startswith("socket:")
        }
        listening[name] = {
            int(row[1].split(":")[1], 16)
            for file in ("tcp", "tcp6", "udp", "udp6")
            for row in map(str.split, Path(f"/proc/net/{file}").read_text().splitlines()[1:])
            if f"socket:[{row[9]}]" in sockets and row[3] in ("0A", "07")
        }

    assert listening == {"broker": {mill.broker_port}, "server": {mill.http_port}}


def test_both_ports_speak_nothing_but_tls(mill: EnrolledSite) -> None:
    for port in (mill.broker_port, mill.http_port):
        plain = subprocess.run(
            ["curl", "-s", "-m", "5", f"http://127.0.0.1:{port}/"],
            capture_output=True,
            check=False,
        )
        assert plain.returncode != 0
        assert plain.stdout == b""


def _gateway(mill: EnrolledSite) -> MqttSettings:
    return mill.settings(mill.folder / "var/tls", "gateway")
