"""A share of a core: a machine that is slower than this one."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_PERIOD_US = 100_000
_PLACES = (Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup"))


@contextlib.contextmanager
def of_a_core(share: float) -> Iterator[tuple[str, ...]]:
    """What stands before commands that together are to have no more than this share of a core.

    Args:
        share: Of one core, as the kernel's bandwidth control counts it.

    Raises:
        OSError: This kernel, or this user, cannot limit anybody.
    """
    place = next(place for place in _PLACES if (place / "cgroup.procs").exists())
    group = place / f"millprint-bench-{os.getpid()}"
    group.mkdir()
    try:
        _limit(group, int(share * _PERIOD_US))
        yield ("sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh")
    finally:
        group.rmdir()


def _limit(group: Path, quota_us: int) -> None:
    if (group / "cpu.cfs_quota_us").exists():  # the first version of control groups
        (group / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
        (group / "cpu.cfs_quota_us").write_text(str(quota_us))
    else:
        (group / "cpu.max").write_text(f"{quota_us} {_PERIOD_US}")
