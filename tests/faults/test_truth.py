"""What is lost, doubled or invented is seen, and so is a chain that does not hold."""

import hashlib

import rfc8785

from tests.faults.answers import Answer, Excuses, Span, compare
from tests.faults.evidence import Link, broken_links, genesis, gone_ranges
from tests.faults.row import Row, joined

SAID = [Answer("meter-01", wh, 1000 * wh, 0) for wh in range(1, 11)]
ALL = [answer.value for answer in SAID]
FIRST = genesis("hall", "edge", "ab" * 16)


def chained(count: int) -> list[Link]:
    links, h = [], FIRST
    for seq in range(1, count + 1):
        form = rfc8785.dumps({"seq": seq, "values": {"power_kw": seq / 8}})
        h = hashlib.sha256(h + form).digest()
        links.append(Link(seq, form, h))
    return links


def test_an_answer_that_stands_nowhere_is_lost_and_one_that_nobody_gave_is_invented() -> None:
    found = compare(SAID, 10_000, Excuses(), [*ALL[1:], ALL[2], ("meter-01", 99)])

    assert [answer.wh for answer in found.lost] == [1]
    assert (found.readings, found.doubled, found.invented) == (10, 1, 1)


def test_what_was_said_after_the_end_need_not_be_there() -> None:
    found = compare(SAID, 8000, Excuses(), ALL[:8])

    assert (found.readings, found.lost) == (8, ())


def test_a_dead_collector_is_excused_its_last_window_but_not_what_its_spool_held() -> None:
    excuses = Excuses([Span(4000, 6000)], committed={("meter-01", 5)})

    found = compare(SAID, 10_000, excuses, [*ALL[:3], *ALL[6:]])

    assert [answer.wh for answer in found.lost] == [5]


def test_an_answer_to_a_collector_that_had_ended_is_excused_unless_its_spool_held_it() -> None:
    excuses = Excuses(unread={("meter-01", 4), ("meter-01", 5)}, committed={("meter-01", 5)})

    found = compare(SAID, 10_000, excuses, [*ALL[:3], *ALL[5:]])

    assert [answer.wh for answer in found.lost] == [5]


def test_a_chain_that_holds_has_no_broken_link_though_a_middle_is_missing() -> None:
    links = chained(9)

    assert broken_links(links, FIRST) == []
    assert broken_links(links[:3] + links[5:], FIRST) == []


def test_a_record_that_was_edited_or_moved_breaks_the_chain_where_it_stands() -> None:
    links = chained(9)
    edited = Link(4, links[3].form.replace(b"0.5", b"0.4"), links[3].h)
    moved = Link(5, links[3].form, links[3].h)

    assert broken_links([*links[:3], edited, *links[4:]], FIRST) == [4]
    assert broken_links([*links[:4], moved, *links[5:]], FIRST) == [5, 6]


def test_gone_ranges_are_read_in_either_form() -> None:
    one = {"kind": "gone", "body": {"first": 3, "last": 5, "why": "thinned"}}
    more = {"kind": "gone", "body": {"epoch": "b", "ranges": [[1, 2, "h"], [4, 4]], "why": "x"}}

    assert gone_ranges([one, more, {"kind": "birth"}], "a") == [
        ("a", 3, 5),
        ("b", 1, 2),
        ("b", 4, 4),
    ]


def test_parts_of_a_row_add_up_and_say_what_is_broken_once() -> None:
    part = Row(3, "x", 1, 10, 0, 0, 2.0, ("it does not resume",))

    whole = joined("both", part, part)

    assert (whole.injected, whole.readings, whole.recovered_s) == (2, 20, 2.0)
    assert whole.broken == ("it does not resume",)
    assert not whole.harmless
