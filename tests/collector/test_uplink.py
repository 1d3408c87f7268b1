"""The uplink over a real Mosquitto: live first, what is missing again, a word where it fails."""

import logging
import os
import signal
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from collector.mqtt import MqttSettings
from collector.spool import Spool
from collector.uplink import Uplink
from collector.wire.birth import Birth
from tests.collector.gateways import FakeGateway, OwnMosquitto, until
from tests.collector.spooled import (
    BIRTHS,
    COLLECTOR,
    METER,
    SITE,
    at,
    books,
    commit_hall,
    commit_meters,
    spool,
)
from tests.conftest import Mosquitto


def uplink(
    url: str, one: Spool, resend_after_s: float = 1.0, births: Mapping[str, Birth] = BIRTHS
) -> Uplink:
    return Uplink(
        MqttSettings(url),
        one,
        site=SITE,
        collector=COLLECTOR,
        births=births,
        resend_after_s=resend_after_s,
    )


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Spool]:
    made = spool(tmp_path / "a.spool")
    yield made
    made.close()


@pytest.fixture
def url(killable_broker: Mosquitto) -> str:
    return killable_broker.url


@pytest.fixture
def gateway(url: str) -> Iterator[FakeGateway]:
    made = FakeGateway(MqttSettings(url))
    yield made
    made.stop()


def test_a_window_just_committed_goes_before_the_backlog(
    url: str, gateway: FakeGateway, one: Spool
) -> None:
    commit_hall(one, 60, 50)
    behind = one.newest + 1
    sender = uplink(url, one, resend_after_s=60)
    sender.start()
    until(lambda: len(gateway.numbers) > 20)

    commit_hall(one, 1, 1)
    sender.committed()

    until(lambda: behind in gateway.numbers)
    assert gateway.numbers.index(behind) < 600  # the backlog waits for the journal after 500
    sender.stop()


def test_the_backlog_goes_on_as_the_journal_answers(
    url: str, gateway: FakeGateway, one: Spool
) -> None:
    commit_hall(one, 30, 50)
    sender = uplink(url, one, resend_after_s=60)
    sender.start()

    for through in (450, 900, 1350):
        until(partial(gateway.has, 1, through))
        gateway.answers(one.epoch, through)

    until(lambda: gateway.has(1, one.newest))
    gateway.answers(one.epoch, one.newest)
    until(lambda: one.waiting() == 0)
    sender.stop()


def test_the_backlog_goes_in_bundles_once_the_journal_says_that_it_takes_them(
    url: str, one: Spool
) -> None:
    gateway = FakeGateway(MqttSettings(url), bundles=True)
    commit_hall(one, 60, 50)
    sender = uplink(url, one, resend_after_s=60)
    sender.start()
    until(partial(gateway.has, 1, 450))
    assert not gateway.bundles

    for through in (*range(450, one.newest, 450), one.newest):
        until(partial(gateway.has, 1, through))
        gateway.answers(one.epoch, through)

    until(lambda: one.waiting() == 0)
    assert len(gateway.numbers) == len(set(gateway.numbers)) == one.newest
    assert max(gateway.bundles) > 50
    sender.stop()
    gateway.stop()


def test_where_the_broker_forbids_bundles_the_backlog_goes_message_by_message(
    tmp_path: Path, one: Spool
) -> None:
    rules = "topic read #\ntopic write +/+/+/+/+/readings\ntopic write +/+/+/+/records\n"
    (tmp_path / "acl").write_text(rules + "topic write +/+/+/+/ack\ntopic write +/+/+/+/state\n")
    broker = OwnMosquitto(tmp_path, f"allow_anonymous true\nacl_file {tmp_path}/acl\n")
    gateway = FakeGateway(MqttSettings(f"mqtt://127.0.0.1:{broker.port}"), bundles=True)
    commit_hall(one, 30, 50)
    sender = uplink(f"mqtt://127.0.0.1:{broker.port}", one, resend_after_s=60)
    sender.start()

    for through in (*range(450, one.newest, 450), one.newest):
        until(partial(gateway.has, 1, through))
        gateway.answers(one.epoch, through)

    until(lambda: one.waiting() == 0)
    assert not gateway.bundles
    sender.stop()
    gateway.stop()
    broker.kill()


def test_only_what_is_missing_is_sent_again(url: str, gateway: FakeGateway, one: Spool) -> None:
    commit_meters(one, 0, 98)
    sender = uplink(url, one)
    sender.start()
    until(lambda: gateway.has(1, 100))
    gateway.forget()

    gateway.answers(one.epoch, 9, ((10, 12), (50, 50)))

    until(lambda: gateway.has(10, 12) and gateway.has(50, 50))
    assert set(gateway.numbers) == {10, 11, 12, 50}
    assert one.waiting() == 91
    sender.stop()


def test_a_gateway_that_is_not_there_is_told_of_and_costs_nothing(
    url: str, one: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    commit_meters(one, 0, 9)
    sender = uplink(url, one)
    sender.start()

    until(lambda: "is the gateway running" in caplog.text)
    gateway = FakeGateway(MqttSettings(url))

    until(lambda: gateway.has(1, 11))
    assert one.waiting() == 11
    sender.stop()
    gateway.stop()


def test_an_acl_that_forbids_us_is_told_of_and_costs_nothing(
    tmp_path: Path, one: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "acl").write_text("topic read #\ntopic write millprint/1/+/+/state\n")
    broker = OwnMosquitto(tmp_path, f"allow_anonymous true\nacl_file {tmp_path}/acl\n")
    gateway = FakeGateway(MqttSettings(f"mqtt://127.0.0.1:{broker.port}"))
    commit_meters(one, 0, 9)
    sender = uplink(f"mqtt://127.0.0.1:{broker.port}", one)
    sender.start()

    until(lambda: "look at the broker's ACL" in caplog.text)

    assert one.waiting() == 11
    sender.stop()
    gateway.stop()
    broker.kill()


def test_births_and_a_state_that_are_forbidden_are_told_of_and_readings_go_on(
    tmp_path: Path, one: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    rules = "topic read #\ntopic write millprint/1/+/+/+/readings\ntopic write +/+/+/+/records\n"
    (tmp_path / "acl").write_text(rules)
    broker = OwnMosquitto(tmp_path, f"allow_anonymous true\nacl_file {tmp_path}/acl\n")
    gateway = FakeGateway(MqttSettings(f"mqtt://127.0.0.1:{broker.port}"))
    commit_meters(one, 0, 9)
    sender = uplink(f"mqtt://127.0.0.1:{broker.port}", one)
    sender.start()

    until(lambda: "does not take our state: it is not authorized" in caplog.text)
    until(lambda: "does not take our births: it is not authorized" in caplog.text)

    until(lambda: gateway.has(1, 11))
    sender.stop()
    gateway.stop()
    broker.kill()


def test_births_of_a_new_configuration_that_are_forbidden_are_told_of(
    tmp_path: Path, one: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    rules = f"topic read #\ntopic write +/+/+/+/state\ntopic write +/+/+/+/{METER.device}/birth\n"
    (tmp_path / "acl").write_text(rules)
    broker = OwnMosquitto(tmp_path, f"allow_anonymous true\nacl_file {tmp_path}/acl\n")
    url = f"mqtt://127.0.0.1:{broker.port}"
    gateway = FakeGateway(MqttSettings(url))
    sender = uplink(url, one, births={METER.device: METER})
    sender.start()
    until(lambda: gateway.state == "up")
    assert "does not take our births" not in caplog.text

    sender.introduce(BIRTHS)

    until(lambda: "does not take our births: it is not authorized" in caplog.text)
    sender.stop()
    gateway.stop()
    broker.kill()


def test_an_old_word_of_the_journal_that_the_broker_repeats_is_no_answer(
    url: str, gateway: FakeGateway, one: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    commit_meters(one, 0, 9)
    sender = uplink(url, one, resend_after_s=0.2)
    sender.start()

    def told() -> bool:
        gateway.answers(one.epoch, 5)
        return "does not reach the journal" in caplog.text

    until(told)
    sender.stop()


def test_a_broker_that_takes_everything_and_answers_nothing_is_hung_up(
    killable_broker: Mosquitto, one: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    gateway = FakeGateway(MqttSettings(killable_broker.url))
    sender = uplink(killable_broker.url, one, resend_after_s=0.5)
    sender.start()
    until(lambda: sender.up)
    os.kill(killable_broker.pid, signal.SIGSTOP)
    commit_meters(one, 0, 9)
    sender.committed()

    until(lambda: "connecting anew" in caplog.text)
    os.kill(killable_broker.pid, signal.SIGCONT)

    until(lambda: gateway.has(1, 11))
    sender.stop()
    gateway.stop()


def test_a_journal_that_says_nothing_is_told_of_and_again_when_it_speaks(
    url: str, gateway: FakeGateway, one: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    commit_meters(one, 0, 9)
    sender = uplink(url, one, resend_after_s=0.5)
    sender.start()

    until(lambda: "does not reach the journal" in caplog.text)
    gateway.answers(one.epoch, 11)

    until(lambda: "the journal answers again" in caplog.text)
    assert one.waiting() == 0
    sender.stop()


def test_goodbye_is_said_behind_all_that_is_under_way(
    url: str, gateway: FakeGateway, one: Spool
) -> None:
    sender = uplink(url, one, resend_after_s=60)
    sender.start()
    until(lambda: gateway.state == "up")
    commit_hall(one, 10, 200)
    sender.committed()
    until(lambda: len(gateway.numbers) > 20)

    sender.stop()

    until(lambda: gateway.state == "stopped")
    assert "lost" not in [one["state"] for one in gateway.states]


def test_the_state_says_how_much_waits_and_goodbye(
    url: str, gateway: FakeGateway, one: Spool
) -> None:
    commit_meters(one, 0, 9)
    sender = uplink(url, one)
    sender.committed(clock="S", dropped=0)
    sender.start()
    until(lambda: gateway.state == "up")

    sender.stop()

    until(lambda: gateway.state == "stopped")
    assert gateway.states[0] == {"v": 1, "state": "up", "clock": "S", "dropped": 0, "waiting": 11}


def test_numbers_that_the_journal_has_of_another_life_are_given_up_before_they_are_sent(
    url: str, gateway: FakeGateway, one: Spool
) -> None:
    commit_meters(one, 0, 9)
    epoch = one.epoch
    gateway.answers(epoch, 500)  # retained: the broker hands it over as we connect
    sender = uplink(url, one)
    sender.start()

    until(lambda: one.epoch != epoch)

    until(lambda: len(set(gateway.numbers)) >= 12)
    assert [r.at for r in books(one).readings()] == [at(n) for n in range(10)]
    sender.stop()


def test_an_answer_that_cannot_be_read_deletes_nothing_and_stops_nothing(
    url: str, gateway: FakeGateway, one: Spool
) -> None:
    commit_meters(one, 0, 9)
    sender = uplink(url, one)
    sender.start()
    until(lambda: gateway.has(1, 11))

    for payload in (b"{}", b"nonsense", b'{"v":2,"acks":[]}', b'{"v":1,"acks":[{}]}'):
        gateway.line.publish(f"millprint/1/{SITE}/{COLLECTOR}/ack", payload)
    commit_meters(one, 10, 10)
    sender.committed()

    until(lambda: gateway.has(12, 12))
    assert one.waiting() == 12
    sender.stop()
