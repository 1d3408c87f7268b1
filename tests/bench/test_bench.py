"""Every benchmark runs and says all that it must; what it measures is no test's business."""

from types import ModuleType

import pytest

from tests.bench.__main__ import BENCHMARKS
from tests.bench.row import Effort

FIELDS = ["name", "value", "unit", "peer", "peer_value", "ratio", "runs"]


LONG = (
    "agent", "asking", "backlog", "browsing", "crowd", "demo", "outage", "pages", "projecting",
)  # fmt: skip


def named(benchmark: ModuleType) -> str:
    return benchmark.__name__.split(".")[-1]


@pytest.mark.parametrize(
    "benchmark",
    [
        pytest.param(one, id=named(one), marks=[pytest.mark.long] if named(one) in LONG else [])
        for one in BENCHMARKS
    ],
)
def test_a_benchmark_runs_and_names_its_peer(benchmark: ModuleType) -> None:
    rows = [row.form() for row in benchmark.measure(Effort(1, quick=True))]

    assert rows
    for row in rows:
        assert list(row) == FIELDS
        assert row["value"] > 0
        assert row["peer_value"] is None or row["peer_value"] > 0
        assert (row["peer_value"] is None) == ("not installed" in row["peer"])
