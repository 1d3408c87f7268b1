"""Topics: where each kind of message goes, and whose it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.wire import topics
from collector.wire.topics import Address

names = st.from_regex(topics.NAME, fullmatch=True)


@given(names, names, names)
def test_a_topic_says_whose_message_it_is(site, collector, device):
    assert topics.parse(topics.readings(site, collector, device)) == Address(
        site, collector, device, "readings"
    )
    assert topics.parse(topics.birth(site, collector, device)).kind == "birth"
    assert topics.parse(topics.live(site, collector, device)).device == device


@given(names, names)
def test_what_is_the_collectors_own_names_no_device(site, collector):
    for topic, kind in (
        (topics.records(site, collector), "records"),
        (topics.backlog(site, collector), "backlog"),
        (topics.state(site, collector), "state"),
        (topics.ack(site, collector), "ack"),
    ):
        assert topics.parse(topic) == Address(site, collector, None, kind)


def test_readings_go_where_the_contract_says():
    topic = topics.readings("keqiao", "dyehouse-a", "jet-07-power")

    assert topic == "millprint/1/keqiao/dyehouse-a/jet-07-power/readings"


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "millprint",
        "millprint/1",
        "millprint/1/keqiao/dyehouse-a",
        "millprint/1/keqiao/dyehouse-a/jet-07/power/readings",
        "millprint/2/keqiao/dyehouse-a/jet-07/readings",
        "other/1/keqiao/dyehouse-a/jet-07/readings",
        "/millprint/1/keqiao/dyehouse-a/readings",
        "millprint/1//dyehouse-a/jet-07/readings",
        "millprint/1/keqiao/dyehouse-a//readings",
        "millprint/1/Keqiao/dyehouse-a/jet-07/readings",
        "millprint/1/keqiao/../jet-07/readings",
        "millprint/1/keqiao/+/jet-07/readings",
        "millprint/1/keqiao/#/jet-07/readings",
        "millprint/1/keqiao/dyehouse a/jet-07/readings",
        "millprint/1/keqiao/dyehouse-a/jet-07\n/readings",
        "millprint/1/keqiao/-a/jet-07/readings",
        "millprint/1/keqiao/a-/jet-07/readings",
        "millprint/1/keqiao/缸号/jet-07/readings",
        f"millprint/1/{'k' * 65}/a/jet-07/readings",
    ],
)
def test_a_topic_that_is_not_ours_is_refused(topic):
    with pytest.raises(ValueError, match=r"\S"):
        topics.parse(topic)


@given(st.text())
def test_a_topic_of_any_text_is_taken_or_refused_with_a_value_error(topic):
    try:
        address = topics.parse(topic)
    except ValueError:
        return
    assert topic.startswith(f"millprint/1/{address.site}/{address.collector}/")
