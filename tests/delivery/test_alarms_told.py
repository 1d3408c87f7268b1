"""Alarms are told to the site's broker, whether anybody listens or not."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import orjson
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from api.alarms.course import course
from api.books import Books
from api.telling import Letter
from collector.mqtt import MqttSettings
from millprint.roots.messengers import ByMqtt
from tests.alarms.given import at, finding
from tests.api.test_telling import until


@pytest.fixture
def letter(tmp_path: Path) -> Letter:
    books = Books(f"sqlite:///{tmp_path / 'books.db'}")
    books.migrate()
    (event,) = books.alarms.add(course([], [finding()], at(0), None), at(0))
    (alarm,) = books.alarms.opened()
    books.close()
    return Letter("keqiao", event, alarm)


def test_the_broker_passes_an_alarm_on_to_who_listens(broker_url, letter):
    heard: list[paho.MQTTMessage] = []
    listening = threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _c, _u, message: heard.append(message)
    client.on_subscribe = lambda *_: listening.set()
    client.connect("127.0.0.1", int(broker_url.rpartition(":")[2]))
    client.subscribe("millprint/1/keqiao/alarms", 1)
    client.loop_start()
    assert listening.wait(10)
    way = ByMqtt(MqttSettings(broker_url), "keqiao")
    until(lambda: way._line.up)

    way.tell(letter, datetime.now(UTC))

    until(lambda: bool(heard))
    way.stop()
    client.disconnect()
    client.loop_stop()
    assert orjson.loads(heard[0].payload) == letter.body()
    assert (heard[0].qos, heard[0].retain) == (1, False)


def test_that_nobody_listens_is_no_fault(broker_url, letter):
    way = ByMqtt(MqttSettings(broker_url), "keqiao")
    until(lambda: way._line.up)

    way.tell(letter, datetime.now(UTC))

    way.stop()
