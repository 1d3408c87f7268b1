"""The tree of RFC 6962: its edges, and the vectors that its reference implementations share."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.evidence.merkle import leaf_hash, root

# The eight entries, and the roots over the first n of them, that certificate-transparency-go and
# its forerunners test with.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize("count", ROOTS)
def test_the_roots_are_those_of_the_reference_implementations(count):
    assert root(ENTRIES[:count]).hex() == ROOTS[count]


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert root([]) == hashlib.sha256(b"").digest()


def test_a_leaf_is_hashed_behind_a_zero_and_a_node_behind_a_one():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")

    assert left == hashlib.sha256(b"\x00a").digest()
    assert root([b"a", b"b"]) == hashlib.sha256(b"\x01" + left + right).digest()


def test_three_leaves_are_two_and_one():
    two = root([b"a", b"b"])

    assert root([b"a", b"b", b"c"]) == hashlib.sha256(b"\x01" + two + leaf_hash(b"c")).digest()


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=40), st.data())
def test_another_leaf_another_order_or_one_less_is_another_root(entries, data):
    place = data.draw(st.integers(0, len(entries) - 1))
    changed = [*entries[:place], entries[place] + b"!", *entries[place + 1 :]]

    assert root(changed) != root(entries)
    assert root(entries[:place] + entries[place + 1 :]) != root(entries)
    if entries[::-1] != entries:
        assert root(entries[::-1]) != root(entries)
