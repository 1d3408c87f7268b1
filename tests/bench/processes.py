"""What the kernel says of a process."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def cpu_s(pid: int) -> float:
    """CPU time of all living threads of a process, to the nanosecond. [s]"""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def resident_mb(pid: int) -> float:
    """Resident memory of a process: VmRSS. [MB of 10^6 bytes]"""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    kibibytes = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return kibibytes * 1024 / 1e6


def proportional_mb(pid: int) -> float:
    """Resident memory of a process, pages that it shares by their share: Pss. [MB of 10^6 bytes]"""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    kibibytes = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kibibytes * 1024 / 1e6


def family(pids: Iterable[int]) -> Iterator[int]:
    """Processes, and all that they have started."""
    for pid in pids:
        yield pid
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        yield from family([int(child) for task in tasks for child in task.read_text().split()])


def spent_s(pid: int) -> float:
    """CPU time of a process and of its children that have ended. [s]"""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    ticks = text.rpartition(")")[2].split()[11:15]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
