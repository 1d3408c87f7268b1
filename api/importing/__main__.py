"""``python -m api.importing FILE``: reads the file as standard input asks; short-lived, bounded.

A line of standard output says how far it is; the last one is what was found, or what is wrong.
"""

import resource
import sys
from pathlib import Path
from typing import Any

import msgspec

from api.importing.parsing import Asked, parse
from api.sheets import refusal
from collector.wire.problem import Refused

_MOST_MEMORY = 1536 * 2**20
_MOST_CPU_S = 240


def main() -> None:
    """The process."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_CPU_S, _MOST_CPU_S))
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    try:
        found: dict[str, Any] = {"parsed": parse(Path(sys.argv[1]), asked, _tell)}
    except Refused as fault:
        found = {"problems": fault.problems}
    except MemoryError:
        found = {"problems": refusal("import-too-costly", asked.name).problems}
    _say(msgspec.json.encode(found))


def _tell(lines: int) -> None:
    _say(str(lines).encode())


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
