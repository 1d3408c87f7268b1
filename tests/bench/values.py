"""One value's way inside the agent: registers to value, reading to chained message."""

import hashlib
import struct
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson

from collector.decode import Block
from collector.plan import plan
from collector.wire import chain
from collector.wire.canonical import canonical
from collector.wire.message import encode_readings, reading_form
from collector.wire.reading import Value
from tests.bench import material
from tests.bench.row import Effort, Row


def measure(effort: Effort) -> list[Row]:
    """Microseconds a value."""
    with tempfile.TemporaryDirectory() as name:
        return [_decoding(Path(name), effort), _encoding(Path(name), effort)]


def _decoding(folder: Path, effort: Effort) -> Row:
    meter = material.device(folder, "meter-000")
    requests = plan(meter.points, meter.profile.limits)
    assert len(requests) == len(material.ISLANDS)
    words = [
        struct.unpack(f">{one.count}H", struct.pack(f">{one.count // 2}f", *_floats(one.count)))
        for one in requests
    ]
    blocks = [Block(one) for one in requests]
    names = [[point.name for point in one.points] for one in requests]
    rounds = effort.pick(4000, 20)

    def ours() -> None:
        values: dict[str, Value] = {}
        bad: dict[str, str] = {}
        for block, answer in zip(blocks, words, strict=True):
            block.decode(answer, values, bad)
        assert len(values) == material.POINTS

    def peers() -> None:
        values: dict[str, float] = {}
        for block, answer in zip(names, words, strict=True):
            raw = struct.pack(f">{len(answer)}H", *answer)
            values.update(zip(block, struct.unpack(f">{len(answer) // 2}f", raw), strict=True))

    value, peer_value = effort.medians(_per_value(ours, rounds), _per_value(peers, rounds))
    return Row(
        "decode: float32 registers to exact values with quality, 50 points in 4 blocks",
        value,
        "µs/value",
        "struct.unpack of each block into a dict",
        peer_value,
        effort.runs,
    )


def _encoding(folder: Path, effort: Effort) -> Row:
    known = material.births(folder, 1, points=material.POINTS, every_s=1)
    (birth,) = (one.hash for one in known.values())
    window = next(material.windows(known, 1.0))
    rounds = effort.pick(400, 5)
    genesis = chain.genesis(material.SITE, material.COLLECTOR, "0" * 32)

    def ours() -> None:
        h, forms = genesis, []
        # Copies: a reading keeps its values as they were written once.
        for seq, reading in enumerate(map(replace, window), start=1):
            form = reading_form(reading, seq, birth)
            h = chain.link(h, canonical(form))
            forms.append((form, h))
        encode_readings("0" * 32, birth, forms)

    def peers() -> None:
        h = genesis
        for reading in window:
            body = orjson.dumps({"at": reading.at, "values": reading.values})
            h = hashlib.sha256(h + body).digest()

    many = rounds * len(window)
    value, peer_value = effort.medians(
        _per_value(ours, rounds, many), _per_value(peers, rounds, many)
    )
    return Row(
        "chain and encode: 5 readings of 50 points to RFC 8785 forms, hashes and a message",
        value,
        "µs/value",
        "orjson.dumps and SHA-256 of each reading",
        peer_value,
        effort.runs,
    )


def _floats(count: int) -> list[float]:
    return [round(41.2 + place * 3.7, 2) for place in range(count // 2)]


def _per_value(work: Callable[[], None], rounds: int, readings: int = 0) -> Callable[[], float]:
    """How many microseconds of CPU the work takes a value. [µs]"""

    def timed() -> float:
        began = time.process_time()
        for _ in range(rounds):
            work()
        took = time.process_time() - began
        return max(took, 1e-9) * 1e6 / ((readings or rounds) * material.POINTS)

    return timed
