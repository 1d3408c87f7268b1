"""Bodies as they are kept: packed against a text, and those of before alone."""

import hashlib
import zlib
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from api.books import Books, migration, packing
from api.books.packing import packed, stands_alone, unpacked
from api.books.results import Result, row_of
from api.books.schema import results

VIEWS = ("footprint", "inventory")
BODY = b'{"revision":1,"reason":"first-final","batch":"B2409","total":{"kgco2e":"1312.41"}}'


@given(st.binary(max_size=3000))
def test_what_was_packed_is_the_same_bytes_again(body: bytes) -> None:
    assert unpacked(packed(body)) == body
    assert unpacked(zlib.compress(body, 1)) == body


def test_a_body_is_packed_against_what_others_say_and_one_of_before_was_not() -> None:
    alone = zlib.compress(BODY, 1)

    assert not stands_alone(packed(BODY))
    assert stands_alone(alone)
    assert len(packed(BODY)) < len(alone)


def test_a_text_that_bodies_were_packed_against_is_the_same_for_ever() -> None:
    (text,) = (Path(packing.__file__).parent / "often").iterdir()

    assert text.name == "1.json"
    assert hashlib.sha256(text.read_bytes()).hexdigest() == (
        "43505ae6e7a6a7eb2b5ac0f372b08f7fbbb46a87ebfc39ff5491e2dec229a9d6"
    )


@pytest.mark.parametrize("damaged", [packed(BODY)[:-3], packed(BODY)[:9], b"", b"\x78"])
def test_what_is_cut_off_is_no_body(damaged: bytes) -> None:
    with pytest.raises(zlib.error):
        unpacked(damaged)


def test_what_was_packed_against_a_text_that_is_not_here_is_no_body() -> None:
    against = zlib.compressobj(zdict=b"another text")

    with pytest.raises(zlib.error, match="not here"):
        unpacked(against.compress(BODY) + against.flush())


def test_a_step_back_leaves_bodies_that_a_release_of_before_reads(tmp_path: Path) -> None:
    books = Books(f"sqlite:///{tmp_path}/books.db")
    books.migrate()
    kept = [packed(BODY + b"%d" % n) if n % 3 else zlib.compress(BODY, 1) for n in range(1201)]
    rows = [
        row_of(
            Result(f"B{n // 2:04}", ("footprint", "inventory")[n % 2], 1, "", "", "", body, 0, 0)
        )
        for n, body in enumerate(kept)
    ]
    with books.engine.begin() as db:
        db.execute(results.insert(), rows)

    while migration.backward(books.engine)[0].number > "0010":
        migration.step_back(books.engine)

    with books.engine.connect() as db:
        found = db.execute(sa.select(results.c.body).order_by("batch", "view")).scalars().all()
    books.close()
    assert [zlib.decompress(one) for one in found] == [unpacked(one) for one in kept]
