"""Readings, births and values, as Hypothesis makes them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from collector.wire.birth import Birth, Point
from collector.wire.reading import ClockState, Kind, Reading

SITE, COLLECTOR, DEVICE, EPOCH = "keqiao", "dyehouse-a", "jet-07-power", "7f3c" * 8
START = datetime(2026, 3, 1, 4, 15, tzinfo=UTC)

# Text that has a UTF-8 form; keys stay inside the Basic Multilingual Plane, where all sort alike.
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
keys = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=("Cs",)), max_size=8)
whole = st.integers(-(2**53) + 1, 2**53 - 1)
numbers = st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | whole | numbers | texts
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)

points = st.from_regex(r"[a-z]{1,8}_kwh", fullmatch=True)
reasons = st.sampled_from(["timeout", "above-rating", "frozen", "no-value"])
seqs = st.integers(1, 2**53 - 1)
hashes = st.binary(min_size=32, max_size=32)
instants = st.integers(0, 10**10).map(lambda ms: START + timedelta(milliseconds=ms))


@st.composite
def readings(draw: st.DrawFn, device: str = DEVICE) -> Reading:
    """A reading with good, uncertain and bad points."""
    values = draw(st.dictionaries(points, whole | numbers | texts, max_size=5))
    doubted = draw(st.sets(st.sampled_from(sorted(values)))) if values else set()
    failed = draw(st.sets(points, max_size=3)) - set(values)
    return Reading(
        device=device,
        at=draw(instants),
        clock=draw(st.sampled_from(ClockState)),
        boot=draw(st.from_regex(r"[0-9a-f]{4,32}", fullmatch=True)),
        up_ms=draw(st.integers(0, 2**50)),
        values=values,
        uncertain={name: draw(reasons) for name in sorted(doubted)},
        bad={name: draw(reasons) for name in sorted(failed)},
    )


decimals = st.decimals(0, 10**9, places=3, allow_nan=False).map(str)
births = st.builds(
    Birth,
    device=st.just(DEVICE),
    profile=texts,
    version=st.integers(1, 999),
    every_ms=st.integers(100, 10**6),
    ct=decimals,
    pt=decimals,
    points=st.lists(
        st.builds(
            Point,
            name=points,
            unit=st.sampled_from(["kWh", "kg", ""]),
            kind=st.sampled_from(Kind),
            modulus=st.none() | st.integers(1, 2**64).map(str),
            resolution=st.none() | st.sampled_from(["0.01", "1", "0.0625"]),
            float_bits=st.none() | st.sampled_from([32, 64]),
            labels=st.dictionaries(st.integers(0, 9).map(str), texts, max_size=3),
            confidence=texts,
        ),
        max_size=4,
    ).map(tuple),
)


def reading(**changed: Any) -> dict[str, Any]:
    """A reading as JSON on the wire; some fields changed, those that are ``...`` left out."""
    form: dict[str, Any] = {
        "seq": 18231,
        "at": "2026-03-01T04:15:00.120Z",
        "clock": "S",
        "boot": "5d",
        "up_ms": 86400123,
        "values": {"energy_import_kwh": 18230.4},
        "h": "A" * 43,
    } | changed
    return {key: value for key, value in form.items() if value is not ...}


def message(*readings: Any, **changed: Any) -> dict[str, Any]:
    """A message around readings."""
    body = {"v": 1, "epoch": EPOCH, "birth": "a91e", "readings": list(readings)} | changed
    return {key: value for key, value in body.items() if value is not ...}


def record(**changed: Any) -> dict[str, Any]:
    """A record that is no reading, as JSON on the wire."""
    form: dict[str, Any] = {
        "seq": 7,
        "kind": "gone",
        "at": "2026-03-01T04:15:00.120Z",
        "device": "",
        "body": {"first": 3, "last": 5, "why": "spool-full"},
        "h": "A" * 43,
    } | changed
    return {key: value for key, value in form.items() if value is not ...}


def records(*found: Any) -> dict[str, Any]:
    """A message around records."""
    return {"v": 1, "epoch": EPOCH, "records": list(found)}
