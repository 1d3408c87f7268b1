"""What waits to be stored is bounded in messages and in bytes, and small messages go together."""

import threading
from typing import Any, cast

from collector.mqtt import Token
from gateway.inbox import Inbox
from gateway.journal import Arrival
from tests.gateway.given import arrival

TOKEN = cast("Token", None)


def message(size: int = 10) -> Arrival:
    return arrival("millprint/1/keqiao/a/jet-07/readings", b"x" * size)


def put(inbox: Inbox, *sizes: int) -> threading.Thread:
    """Somebody who puts messages; he waits where there is no room."""

    def work() -> None:
        for size in sizes:
            inbox.put(message(size), TOKEN)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def taken(inbox: Inbox, count: int) -> list[Any]:
    found: list[Any] = []
    while len(found) < count:
        found += inbox.take(1.0).arrivals
    return found


def test_messages_come_out_in_their_order():
    inbox = Inbox()
    put(inbox, *range(1, 31)).join()

    assert [len(one.payload) for one, _ in taken(inbox, 30)] == list(range(1, 31))


def test_who_puts_more_bytes_than_may_wait_waits_himself():
    inbox = Inbox()
    putting = put(inbox, *[64_000] * 300)
    putting.join(0.2)

    assert putting.is_alive()
    assert len(inbox) == 125
    taken(inbox, 300)
    putting.join()


def test_a_message_larger_than_all_that_may_wait_passes():
    inbox = Inbox()
    put(inbox, 9_000_000, 10).join(0.2)

    assert len(taken(inbox, 2)) == 2


def test_messages_that_follow_each_other_are_taken_together():
    inbox = Inbox()
    put(inbox, 1)
    threading.Timer(0.05, lambda: put(inbox, 2)).start()

    assert len(inbox.take(1.0).arrivals) == 2


def test_as_many_as_a_collector_has_in_flight_are_taken_at_once():
    inbox = Inbox()
    put(inbox, *[1] * 20).join()

    assert len(inbox.take(0.0).arrivals) == 20


def test_what_came_alone_is_taken_before_a_backlog():
    inbox = Inbox()
    for _ in range(9):
        inbox.put(arrival("millprint/1/keqiao/a/backlog", b"x" * 60_000), TOKEN)
    inbox.put(message(), TOKEN)

    first = inbox.take(0.0).arrivals

    assert [len(one.payload) for one, _ in first] == [10, *[60_000] * 5]
    assert len(taken(inbox, 4)) == 4


def test_what_nobody_asks_an_answer_for_is_lost_where_there_is_no_room_and_holds_nobody_up():
    inbox = Inbox()
    kept = [inbox.put(message(), TOKEN, answered=False) for _ in range(1500)]

    assert (kept.count(True), len(inbox)) == (1000, 1000)
    assert len(taken(inbox, 1000)) == 1000
    assert inbox.put(message(), TOKEN, answered=False)


def test_a_closed_inbox_holds_nobody_up():
    inbox = Inbox()
    putting = put(inbox, *[1] * 2000)
    putting.join(0.05)

    inbox.close()

    putting.join(5)
    assert not putting.is_alive()


def test_what_is_to_be_done_comes_out_with_the_messages():
    inbox, done = Inbox(), []
    inbox.call("once", lambda: done.append(0))
    inbox.call("once", lambda: done.append(1))

    for call in inbox.take(1.0).calls:
        call()

    assert done == [1]
