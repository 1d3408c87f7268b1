"""What is heard of the moment is bounded, whoever speaks and however much."""

from typing import Any, cast

import pytest

from collector.mqtt import MqttSettings, Token
from collector.wire import topics
from collector.wire.message import encode_live
from gateway.ingest import Ingest
from gateway.live import Live
from tests.gateway.given import BIRTH, NOW, SITE, House, reading

UP = b'{"v":1,"state":"up","waiting":7}'


class Delivery:
    """A message's token: whether the broker was told that it has come."""

    acknowledged = 0

    def acknowledge(self) -> None:
        Delivery.acknowledged += 1


def live_topic(device: str) -> Any:
    return topics.parse(topics.live(SITE, "dyehouse-a", device))


@pytest.fixture
def ingest(mill: House) -> Ingest:
    """One that is not started: what it is told waits."""
    settings = MqttSettings("mqtt://127.0.0.1:1883")
    return Ingest(settings, site=SITE, writer=mill.writer, live=Live(), now=lambda: NOW)


def test_the_newest_live_reading_of_a_device_is_shown():
    live = Live()
    for value in (1, 2):
        live.take(live_topic("jet-07"), encode_live(BIRTH.hash, reading(0, value)))

    shown = live.reading("jet-07")

    assert shown is not None
    assert list(shown.values.values()) == [2]
    assert live.reading("jet-08") is None


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b"x" * 100_000])
def test_a_live_message_that_cannot_be_read_shows_nothing(payload: bytes):
    live = Live()

    live.take(live_topic("jet-07"), payload)

    assert live.reading("jet-07") is None


def test_no_more_devices_are_shown_than_a_mill_can_have():
    live, payload = Live(), encode_live(BIRTH.hash, reading(0))

    for number in range(10_050):
        live.take(live_topic(f"d{number}"), payload)

    shown = [n for n in range(10_050) if live.reading(f"d{n}") is not None]
    assert shown == list(range(10_000))


def test_a_state_says_how_much_waits():
    live = Live()

    assert live.take_state("dyehouse-a", UP)
    assert (live.states(), live.waiting()) == ({"dyehouse-a": "up"}, {"dyehouse-a": 7})


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b'{"v":1}', b'{"state":"up","waiting":[]}', b"x" * 100_000]
)
def test_a_state_that_cannot_be_read_is_refused(payload: bytes):
    with pytest.raises(ValueError, match=r".+"):
        Live().take_state("dyehouse-a", payload)


def test_no_more_collectors_are_shown_than_a_mill_can_have():
    live = Live()

    taken = [live.take_state(f"c{number}", UP) for number in range(1050)]

    assert taken == [True] * 1000 + [False] * 50
    assert live.take_state("c0", b'{"v":1,"state":"lost"}')
    assert len(live.states()) == 1000
    assert live.states()["c0"] == "lost"


def test_a_flood_of_states_leaves_no_more_to_do_than_there_are_collectors(ingest: Ingest):
    token, before = cast("Token", Delivery()), Delivery.acknowledged
    for number in range(5000):
        ingest.received(topics.state(SITE, "dyehouse-a"), UP, token)
        ingest.received(topics.state(SITE, f"c{number}"), UP, token)
        ingest.received(topics.state(SITE, "dyehouse-a"), b"{}", token)

    assert len(ingest._inbox.take(0).calls) == 1000
    assert Delivery.acknowledged - before == 15_000
