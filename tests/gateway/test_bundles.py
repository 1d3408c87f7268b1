"""A bundle is what it holds: its messages are stored, known and set aside as if each came alone."""

from collector.wire import topics
from collector.wire.bundle import bundle
from gateway.journal import Arrival, Outcome
from tests.gateway.given import COLLECTOR, SITE, Agent, House, arrival, at, reading


def bundled(*arrivals: Arrival) -> Arrival:
    """Messages as a collector sends them of its backlog."""
    lines = [(one.address.device, one.payload) for one in arrivals]
    return arrival(topics.backlog(SITE, COLLECTOR), bundle(lines))


def test_the_messages_of_a_bundle_are_stored_like_messages(mill: House, agent: Agent):
    sent = [agent.is_born(), *agent.each(reading(0, 1), reading(10, 2)), agent.lost(9, 9)]

    outcome = mill.takes(bundled(*sent))

    assert outcome == Outcome(stored=4, duplicates=0, quarantined=0)
    assert mill.shown() == [(at(0), 1), (at(10), 2)]
    assert (mill.through(), mill.broken_at()) == (4, ())


def test_what_comes_alone_and_in_a_bundle_counts_once(mill: House, agent: Agent):
    sent = agent.each(reading(0), reading(10), reading(20))
    mill.takes(sent[1])

    mill.takes(bundled(*sent))
    again = mill.takes(sent[0], bundled(sent[2], sent[1]))

    assert again == Outcome(stored=0, duplicates=3, quarantined=0)
    assert len(mill.shown()) == 3


def test_a_message_of_a_bundle_that_cannot_be_read_is_set_aside_alone(mill: House, agent: Agent):
    first, last = agent.each(reading(0), reading(10))
    poison = arrival(first.topic, b'{"v":1,"epoch":"e1","birth":7}')

    outcome = mill.takes(bundled(first, poison, last))

    assert outcome == Outcome(stored=2, duplicates=0, quarantined=1)
    kept = mill.journal._db.execute("SELECT topic, payload FROM quarantine").fetchall()
    assert kept == [(first.topic, poison.payload)]


def test_what_is_no_bundle_is_set_aside_whole(mill: House, agent: Agent):
    broken = bundled(agent.says(reading(0))).payload + b"\nNo device"

    outcome = mill.takes(arrival(topics.backlog(SITE, COLLECTOR), broken))

    assert outcome == Outcome(stored=0, duplicates=0, quarantined=1)
    assert mill.shown() == []
    kept = mill.journal._db.execute("SELECT payload FROM quarantine").fetchall()
    assert kept == [(broken,)]


def test_crumbs_are_set_aside_whole_and_not_one_by_one(mill: House):
    crumbs = b"\n".join(b"rogue-%03d {}" % number for number in range(1000))

    outcome = mill.takes(arrival(topics.backlog(SITE, COLLECTOR), crumbs))

    assert outcome == Outcome(stored=0, duplicates=0, quarantined=1)
    kept = mill.journal._db.execute("SELECT payload FROM quarantine").fetchall()
    assert kept == [(crumbs,)]


def test_a_device_of_another_collector_is_set_aside_in_a_bundle_too(mill: House, agent: Agent):
    mill.takes(agent.says(reading(0)))
    stranger = Agent("e2", "dyehouse-b").says(reading(10))

    lines = bundle([(stranger.address.device, stranger.payload)])
    outcome = mill.takes(arrival(topics.backlog(SITE, "dyehouse-b"), lines))

    assert outcome.quarantined == 1
    assert mill.shown() == [(at(0), 1)]
