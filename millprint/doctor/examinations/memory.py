"""There is memory to work with."""

from collections.abc import Iterator

from collector.wire.problem import Problem
from millprint.doctor.premises import Premises

_LEAST_KB = 60_000  # a footprint's child process, and what the kernel wants


def examine(premises: Premises) -> Iterator[Problem]:
    """What the kernel could still give out."""
    try:
        lines = (premises.root / "proc/meminfo").read_text(encoding="ascii").splitlines()
        available = next(int(one.split()[1]) for one in lines if one.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        return
    if available < _LEAST_KB:
        yield Problem("memory-short", "memory", values={"mb": str(available // 1000)})
