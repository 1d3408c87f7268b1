"""What millprint stands on is new enough."""

import re
import subprocess
from collections.abc import Iterator

from collector.wire.problem import Problem
from millprint.broker import mosquitto
from millprint.doctor.premises import Premises

_LEAST = (2, 0)


def examine(premises: Premises) -> Iterator[Problem]:  # noqa: ARG001 - one signature for all
    """Mosquitto, where it is installed here."""
    program = mosquitto()
    if program is None:
        return
    said = subprocess.run([program, "-h"], capture_output=True, text=True, timeout=20, check=False)
    version = re.search(r"version (\d+)\.(\d+)", said.stdout)
    if version and (int(version[1]), int(version[2])) < _LEAST:
        yield Problem("mosquitto-too-old", program, values={"found": version[0]})
