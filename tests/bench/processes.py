"""What the kernel says of a process."""

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
