"""The child that reads a file while the server goes on."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec

from api.importing.parsing import Asked, Parsed, parse
from api.sheets import Told, is_packed, refusal
from collector.wire.problem import Problem, Refused

_PATIENCE_S = 300.0
_AT_ONCE = 256 * 2**10
"""A CSV of this size is read sooner than a process starts."""


def read(path: Path, asked: Asked, told: Told) -> Parsed:
    """Read a file: in a process of its own, unless it is a small text.

    Raises:
        Refused: It is no table of this kind, or costs more than a table should.
    """
    if path.stat().st_size <= _AT_ONCE and not is_packed(path):
        return parse(path, asked, told)
    words = [sys.executable, "-m", "api.importing", str(path)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        late = threading.Timer(_PATIENCE_S, child.kill)
        late.start()
        try:
            found = _hear(child, asked, told)
        finally:
            late.cancel()
            child.kill()
    return _answer(found, asked)


def _hear(child: "subprocess.Popen[bytes]", asked: Asked, told: Told) -> bytes:
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdin:
        child.stdin.write(msgspec.json.encode(asked))
    for line in child.stdout:
        if line.startswith(b"{"):
            return line
        told(int(line))
    return b""


def _answer(found: bytes, asked: Asked) -> Parsed:
    if not found:
        raise refusal("import-too-costly", asked.name)
    body = msgspec.json.decode(found, type=dict[str, Any])
    if "parsed" in body:
        return msgspec.convert(body["parsed"], Parsed)
    raise Refused(*(msgspec.convert(one, Problem) for one in body["problems"]))
