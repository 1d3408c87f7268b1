"""Readers see one moment of the file, whatever is stored, moved and packed meanwhile."""

import threading
from contextlib import contextmanager

from tests.gateway.given import (
    DEVICE,
    FAR,
    LONG_ON_A_SERVER,
    POINT,
    START,
    Agent,
    House,
    at,
    reading,
)


@LONG_ON_A_SERVER
def test_a_reader_sees_every_reading_once_while_they_are_stored_and_packed(mill: House):
    agent, done, wrong = Agent(), threading.Event(), []

    def look() -> None:
        seen = 0
        while not done.is_set():
            values = [s.value for s in mill.journal.samples(DEVICE, POINT, START, FAR)]
            if values != list(range(len(values))) or len(values) < seen:
                wrong.append(values)
                return
            seen = len(values)

    readers = [threading.Thread(target=look) for _ in range(2)]
    for one in readers:
        one.start()
    for n in range(200):
        mill.takes(agent.says(reading(60 * n, n)))
        if n % 10 == 0:
            mill.writer.pack(at(60 * n - 600))
    done.set()
    for one in readers:
        one.join()

    assert wrong == []
    assert len(mill.journal.samples(DEVICE, POINT, START, FAR)) == 200


@LONG_ON_A_SERVER
def test_a_reader_that_looked_away_for_many_packs_sees_all(mill: House, agent: Agent):
    mill.takes(agent.says(reading(0, 0)))
    assert len(mill.shown()) == 1

    for n in range(1, 1100):
        mill.takes(agent.says(reading(900 * n, n)))
        mill.writer.pack(at(900 * n))

    assert [value for _, value in mill.shown()] == list(range(1100))


def test_the_tail_lets_go_of_what_is_packed(mill: House, agent: Agent):
    mill.takes(*agent.each(*[reading(60 * n, n) for n in range(60)]))
    mill.shown()

    mill.writer.pack(FAR)

    assert len(mill.shown()) == 60
    assert mill.journal._tail.slots(1) == []


@LONG_ON_A_SERVER
def test_a_long_tail_asks_to_be_packed(mill: House):
    forty = [reading(n, n) for n in range(40)]
    agent = Agent()
    for _ in range(25):
        mill.takes(*[agent.says(*forty) for _ in range(20)])
        assert mill.writer.pack_due() is None  # all of one slot: nothing of it is over

    mill.takes(agent.says(reading(3600)))

    due = mill.writer.pack_due()
    assert due is not None
    assert mill.writer.pack(due) == 20_000
    assert mill.writer.pack_due() is None


def test_a_quarter_that_is_packed_while_it_is_asked_for_is_told_whole(mill: House, agent: Agent):
    mill.takes(*agent.each(*[reading(60 * n, n) for n in range(15)]))
    moment = mill.journal._moment

    @contextmanager
    def long_moment(ask):
        with moment(ask) as found:
            mill.writer.pack(FAR)
            other = threading.Thread(target=mill.shown)  # the tail lets go of what is packed
            mill.journal._moment = moment
            other.start()
            other.join()
            yield found

    mill.journal._moment = long_moment

    (quarter,) = mill.journal.quarters(DEVICE, POINT, START, at(900), {}).values()

    assert quarter.numbers is not None
    assert list(quarter.numbers[1]) == list(range(15))
