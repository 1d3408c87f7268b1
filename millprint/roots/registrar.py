"""The registrar: signs one request of a collector, and ends.

``python -m millprint.roots.registrar --folder AUTHORITY``, the request as JSON on standard input,
the answer on standard output. It alone, and only for so long, holds the authority's key.
"""

import argparse
import base64
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from collector.wire.problem import Refused
from millprint.enrolment import signing


def answer(folder: Path, asked: dict[str, str], now: datetime) -> dict[str, Any]:
    """What the authority says to a request; problems where it refuses."""
    try:
        if "secret" in asked:
            return signing.join(folder, asked["secret"], asked["request"].encode(), now)
        shown = asked["certificate"].encode()
        signature = base64.b64decode(asked["signature"])
        return signing.renew(folder, shown, asked["request"].encode(), signature, now)
    except Refused as refused:
        problems = [
            {"code": one.code, "where": one.where, "values": dict(one.values)}
            for one in refused.problems
        ]
        return {"problems": problems}


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser(prog="millprint-registrar", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="the authority's folder")
    given = parser.parse_args()
    asked = orjson.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(orjson.dumps(answer(given.folder, asked, datetime.now(UTC))))


if __name__ == "__main__":
    main()
