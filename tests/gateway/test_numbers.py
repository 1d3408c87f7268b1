"""What is projected of the journal: what is good and a number, slot by slot."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.journal import SLOT
from tests.gateway.given import DEVICE, FAR, POINT, START, Agent, House, at, house, reading

# Values that a column keeps in each of its ways: whole, over a power of ten, double, and bad.
VALUES = st.one_of(
    st.integers(0, 10**6), st.decimals(0, 9, places=3).map(float), st.floats(-1e9, 1e9), st.none()
)
READINGS = st.lists(st.tuples(st.integers(0, 1799), VALUES, st.booleans()), max_size=40)


def numbers(mill: House) -> list[tuple[object, object]]:
    """Every number of the one point, over two slots."""
    found: list[tuple[object, object]] = []
    for slot in (START, START + SLOT):
        ats, values = mill.journal.numbers(DEVICE, slot).get(POINT, ([], []))
        found += zip(ats, values, strict=True)
    return found


@given(early=READINGS, late=READINGS)
def test_numbers_are_the_samples_that_are_good_packed_or_young(tmp_path_factory, early, late):
    with house(tmp_path_factory.mktemp("journal") / "journal.db") as mill:
        agent = Agent()
        for group, packed in ((early, True), (late, False)):
            said = [
                reading(second, value, reason="frozen" if doubted and value is not None else "")
                for second, value, doubted in group
            ]
            if said:
                mill.takes(agent.says(*said))
            if packed:
                mill.writer.pack(FAR)

        samples = mill.journal.samples(DEVICE, POINT, START, FAR)

        good = {one.at: one.value for one in samples if one.quality == "good"}
        expected = [(int(when.timestamp() * 1000), value) for when, value in good.items()]
        assert numbers(mill) == expected


def test_a_text_is_no_number(mill: House, agent: Agent):
    mill.takes(agent.says(reading(1, "B2409"), reading(2, 7)))
    young = numbers(mill)
    mill.writer.pack(FAR)

    assert numbers(mill) == young == [(int(at(2).timestamp() * 1000), 7)]


def test_a_slot_of_an_unknown_device_has_no_numbers(mill: House):
    assert mill.journal.numbers("nobody", START) == {}


def test_a_long_backlog_of_changes_is_told_in_pages_and_whole(mill: House, agent: Agent):
    for slot in range(20):
        first = replace(reading(900 * slot, slot), device="jet-01")
        mill.takes(agent.says(first), agent.says(reading(900 * slot + 1, slot)))
    mill.writer.pack(at(900 * 15))
    _, everything = mill.journal.changed_since(0)

    told, position, pages = set(), 0, 0
    while True:
        position, changed = mill.journal.changed_since(position, most=3)
        if not changed:
            break
        told |= set(changed)
        pages += 1

    assert told == set(everything)
    assert len(told) == 40
    assert pages > 5
