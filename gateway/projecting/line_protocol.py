"""The line protocol: how numbers are said to every engine.

One line a number, ``measurement,tags fields milliseconds``. Prefix and stamps are made once for
many lines, since a mill's year is hundreds of millions of them.

Source: InfluxDB 1.x line protocol reference; VictoriaMetrics reads the same.
"""

from collections.abc import Mapping, Sequence
from operator import add

import orjson

_TAG = str.maketrans({",": r"\,", " ": r"\ ", "=": r"\=", "\n": " ", "\r": " ", "\\": "/"})


def head(measurement: str, tags: Mapping[str, str]) -> str:
    """Measurement and tags; tags without value are left out, since none may be empty."""
    said = (f"{key}={value.translate(_TAG)}" for key, value in sorted(tags.items()) if value)
    return ",".join([measurement, *said])


def stamps(ats: Sequence[int]) -> list[bytes]:
    """How lines of these instants end. [ms since 1970]"""
    return [b" %d\n" % at for at in ats]


def values(begins: str, numbers: Sequence[float], ends: Sequence[bytes]) -> bytes:
    """Lines of one field ``value``, one a number; no lines where there are no numbers."""
    if not numbers:
        return b""
    before = f"{begins} value=".encode()
    # One call writes all numbers and one joins all lines, where a loop would go number by number.
    said = orjson.dumps(numbers)[1:-1].split(b",")
    if len(said) != len(ends):
        raise ValueError(f"{len(said)} numbers at {len(ends)} instants")
    return before + before.join(map(add, said, ends))


def line(measurement: str, tags: Mapping[str, str], fields: Mapping[str, float], at: int) -> bytes:
    """One line of several fields. [at: ms since 1970]"""
    said = ",".join(f"{key}={value}" for key, value in fields.items())
    return f"{head(measurement, tags)} {said} {at}\n".encode()
