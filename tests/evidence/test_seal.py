"""A seal as JSON, its signature, and keys that follow each other."""

from dataclasses import replace
from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.evidence import signature
from api.evidence.ranges import without
from api.evidence.seal import (
    Document,
    Leaf,
    Seal,
    leaf_name,
    leaf_parts,
    read_document,
    seal_form,
    tree_root,
)
from api.evidence.series import Series, against_held, unsound
from collector.wire.canonical import canonical

PRIVATE = bytes(range(32))
LEAVES = (
    Leaf("books", "batches/B1/缸", bytes(32)),
    Leaf("journal", "a/e1/1-62", bytes(range(32))),
)


def document(
    number: int = 1,
    previous: str = "",
    *,
    private: bytes = PRIVATE,
    endorsements: tuple[object, ...] = (),
) -> Document:
    form = seal_form(
        Seal(
            "keqiao",
            date(2026, 3, number),
            number,
            "2026-03-02T16:12:00.000Z",
            previous,
            len(LEAVES),
            tree_root(LEAVES),
            signature.public_key(private),
            endorsements,
        )
    )
    return Document(form, signature.sign(private, form), LEAVES)


def codes(*documents: Document) -> list[str]:
    series = Series()
    return [
        p.code for one in documents for p in [*series.take(one, "books"), *unsound(one, "books")]
    ]


def test_a_document_is_canonical_and_comes_back_byte_for_byte():
    text = document().text

    assert text == canonical(orjson.loads(text))
    assert read_document(text).text == text


def test_what_is_signed_stands_in_the_file_as_it_was_signed():
    assert document().form in document().text


def test_a_seal_of_a_later_version_that_says_more_keeps_its_signature():
    one = document()
    more = canonical({**orjson.loads(one.form), "token": "…"})
    text = replace(one, form=more, signature=signature.sign(PRIVATE, more)).text

    assert unsound(read_document(text), "file") == []


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"seal":{},"leaves":[],"signature":""}'])
def test_what_is_no_seal_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        read_document(text)


@given(st.data())
def test_a_file_with_any_bit_changed_is_no_seal_or_unsound_or_says_the_same(data):
    one = document()
    place = data.draw(st.integers(0, len(one.text) * 8 - 1))
    text = bytearray(one.text)
    text[place // 8] ^= 1 << place % 8
    try:
        changed = read_document(bytes(text))
    except ValueError:
        return

    assert unsound(changed, "file") != [] or changed.text == one.text


def test_seals_that_follow_each_other_are_a_chain():
    one = document()
    two = document(2, one.digest)

    assert codes(one, two, document(3, two.digest)) == []


def test_a_seal_that_was_removed_is_missed():
    one = document()
    two = document(2, one.digest)

    assert codes(one, document(3, two.digest)) == ["seal-missing"]


def test_a_seal_that_was_made_anew_breaks_the_chain():
    assert codes(document(), document(2, "made anew")) == ["seal-chain-broken"]


def test_a_key_that_nobody_endorsed_is_named_and_one_that_was_is_not():
    one, new = document(), bytes(32)
    word = signature.endorse(PRIVATE, signature.public_key(new))
    forged = replace(word, signature=signature.sign(new, word.form))

    assert codes(one, document(2, one.digest, private=new)) == ["seal-key-changed"]
    assert codes(one, document(2, one.digest, private=new, endorsements=(forged,))) == [
        "seal-key-changed"
    ]
    assert codes(one, document(2, one.digest, private=new, endorsements=(word,))) == []


def test_a_key_may_follow_by_way_of_one_that_never_signed_a_seal():
    between, new = bytes(32), bytes([7] * 32)
    words = (
        signature.endorse(PRIVATE, signature.public_key(between)),
        signature.endorse(between, signature.public_key(new)),
    )
    old, key = signature.public_key(PRIVATE), signature.public_key(new)

    assert signature.follows(old, key, words)
    assert not signature.follows(old, key, words[:1])
    assert not signature.follows(key, old, words)


def test_two_seals_of_a_day_are_told_apart_by_the_first_leaf():
    one = document()
    other = replace(one, leaves=(LEAVES[0], replace(LEAVES[1], digest=bytes(32))))
    (problem,) = against_held(one, other, "held")

    assert (problem.code, problem.values["leaf"]) == ("seal-other-than-held", "journal/a/e1/1-62")


@given(st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_a_leafs_name_gives_its_parts_back(parts):
    assert leaf_parts(leaf_name(*parts)) == parts


SPANS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 8)), max_size=6)


@given(SPANS, SPANS)
def test_what_is_left_of_ranges_is_what_no_other_covers(some, others):
    whole = sorted({n for first, more in some for n in range(first, first + more + 1)})
    ranges = [(n, n) for n in whole]
    taken = [(first, first + more) for first, more in others]

    left = [n for first, last in without(ranges, taken) for n in range(first, last + 1)]

    assert left == [n for n in whole if not any(a <= n <= b for a, b in taken)]


def test_a_range_is_left_in_pieces_around_what_is_taken_out():
    assert list(without([(1, 20), (30, 40)], [(5, 6), (1, 2), (6, 8), (35, 99)])) == [
        (3, 4),
        (9, 20),
        (30, 34),
    ]
