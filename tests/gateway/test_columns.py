"""Columns give back every value as its form has it, young or packed."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from collector.wire.canonical import canonical
from collector.wire.message import read_form, reading_form
from collector.wire.reading import ClockState, Reading, unix_ms
from gateway.journal.columns import Block, between, encode
from gateway.journal.young import Young
from tests.gateway.given import BIRTH, at, unix_slot

numbers = st.one_of(
    st.integers(-(2**53), 2**53),
    st.decimals(-9999, 9999, places=2).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
)
columns = st.sampled_from([numbers, st.integers(0, 3), st.just(230.1), st.text(max_size=5)])
names = st.sampled_from(["power_kw", "batch_id", "zähler\t\n", "", "state"])


@st.composite
def slots(draw):
    """Readings of one device in one slot: points come and go, values are good, in doubt or bad."""
    kinds = {name: draw(columns) for name in draw(st.sets(names))}
    found = []
    for seq in range(1, draw(st.integers(1, 12)) + 1):
        values, doubt, bad = {}, {}, {}
        for name, kind in kinds.items():
            match draw(st.sampled_from(["good", "good", "uncertain", "bad", "absent"])):
                case "good":
                    values[name] = draw(kind)
                case "uncertain":
                    values[name], doubt[name] = draw(kind), "frozen"
                case "bad":
                    bad[name] = "timeout"
        birth = draw(st.sampled_from([BIRTH.hash, "0" * 32]))
        when = at(draw(st.integers(0, 899)))
        one = Reading("d", when, ClockState.SYNCHRONISED, "b", 1, values, doubt, bad)
        found.append((seq, birth, one))
    return draw(st.permutations(found))


@given(slots())
def test_a_slot_gives_back_what_its_readings_say(found):
    young = Young(unix_slot(0))
    expected = {}
    for seq, birth, one in found:
        form = canonical(reading_form(one, seq, birth))
        young.add(unix_ms(one.at), 1, seq, orjson.loads(form))
        said = read_form(form)
        for name in {**said.values, **said.bad}:
            quality = (
                "bad" if name in said.bad else "uncertain" if name in said.uncertain else "good"
            )
            reason = said.bad.get(name) or said.uncertain.get(name, "")
            row = (one.at, seq, repr(said.values.get(name)), quality, reason, birth)
            expected.setdefault(name, []).append(row)
    block = Block(unix_slot(0), encode(young))

    for name in ["power_kw", "batch_id", "zähler\t\n", "", "state", "never"]:
        rows = sorted(expected.get(name, []))
        for column in (young.column(name), block.column(name)):
            shown = list(between(column, unix_ms(at(0)), unix_ms(at(900)))) if column else []
            assert [(s.at, repr(s.value), s.quality, s.reason, s.birth) for s in shown] == [
                (when, value, quality, reason, birth)
                for when, _, value, quality, reason, birth in rows
            ]
