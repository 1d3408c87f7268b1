"""The line of a fault in its file."""

from pathlib import Path

import pytest

from collector.toml_places import line_of
from collector.wire.problem import Problem

TEXT = """\
site = "keqiao"

[spool]
path = "spool"  # beside this file

[devices.gas]
bus = "net"
pulses.volume_m3_0c = { input = "di3", each = "0.1" }

[devices."old one"]
bus = "net"
[[runs]]
batch = "B1"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "collector.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("", 1),
        ("  site", 1),
        ("  [spool]", 3),
        ("  [spool]  path", 4),
        ("  [spool] path", 4),
        ("  [devices.gas]", 6),
        ('  [devices.gas]  bus = "net"', 7),
        ("  [devices.gas]  pulses.volume_m3_0c  each", 8),
        ("  [devices.gas]  nothing_of_that_name", 6),
        ("  [devices.old one]  bus", 11),
        ("  [runs]  batch", 13),
    ],
)
def test_a_fault_is_told_with_its_line_or_that_of_the_table_around_it(file, place, line):
    assert line_of(Problem("any", f"{file}{place}")) == line


def test_a_key_that_nobody_reads_is_found_where_it_stands(file):
    problem = Problem("unknown-key", f"{file}  [spool]", values={"key": "path"})

    assert line_of(problem) == 4


def test_what_is_not_toml_stands_where_its_reader_gave_up(file):
    problem = Problem("not-toml", str(file), values={"why": "Expected ']' (at line 6, column 9)"})

    assert line_of(problem) == 6


@pytest.mark.parametrize("where", ["jet-07  energy_kwh", "nowhere.toml  [spool]", "a.toml.d"])
def test_what_is_no_file_has_no_line(where):
    assert line_of(Problem("any", where)) is None
