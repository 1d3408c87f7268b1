"""There is room to write, and the medium still takes it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from collector.wire.problem import Problem
from millprint.doctor.premises import Premises

_LEAST_SHARE, _LEAST_MB = 0.05, 500
_WORN = 9  # of 11: JEDEC's steps of 10 %, where 0x0b is past its life


def examine(premises: Premises) -> Iterator[Problem]:
    """Room where data are written, what the kernel says of its file systems, and wear."""
    for folder in premises.data_folders():
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            yield Problem("disk-read-only", str(folder))
        free = shutil.disk_usage(folder)
        if free.free < _LEAST_MB * 10**6 or free.free < _LEAST_SHARE * free.total:
            values = {"free": str(free.free // 10**6), "share": f"{free.free / free.total:.0%}"}
            yield Problem("disk-nearly-full", str(folder), values=values)
    for path in premises.root.glob("sys/fs/ext4/*/errors_count"):
        if _number(path):
            yield Problem("disk-errors", path.parent.name, values={"count": str(_number(path))})
    for path in premises.root.glob("sys/block/*/device/life_time"):
        if _worn(path) >= _WORN:
            values = {"share": str(10 * min(10, _worn(path)))}
            yield Problem("disk-worn", path.parent.parent.name, values=values)


def _worn(path: Path) -> int:
    """The worse of the two estimates of an eMMC: ``0x02 0x01``."""
    try:
        return max((int(word, 16) for word in path.read_text().split()), default=0)
    except (OSError, ValueError):
        return 0


def _number(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0
