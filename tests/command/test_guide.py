"""What the technician's guide tells one to type can be typed."""

import re
import shlex

import pytest
import typer.main

from collector import profile_files
from collector.toml_files import SHIPPED
from millprint.command import app
from tests.house.commands import inside
from tests.house.sources import ROOT

GUIDE = (ROOT / "docs/technicians-guide.md").read_text(encoding="utf-8")
TYPED = sorted(set(re.findall(r"^    \$ (millprint .+)$", GUIDE, re.MULTILINE)))


@pytest.mark.parametrize("line", TYPED)
def test_every_command_of_the_guide_is_there_with_all_its_options(line: str) -> None:
    command, words = typer.main.get_command(app), shlex.split(line)[1:]

    while below := inside(command):
        command = below[words.pop(0)]

    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known
    assert any(not word.startswith("-") for word in words) or "check" in line


def test_every_profile_of_the_guide_is_shipped_unless_it_is_the_misspelt_one() -> None:
    named = set(re.findall(r"\b(?:eastron|spirax-sarco|abb|sunspec)-[a-z0-9-]*[a-z0-9]", GUIDE))

    assert named - set(profile_files.names((SHIPPED / "profiles",))) == {"eastron-sdm102"}


def test_the_guide_shows_every_command_of_the_kit() -> None:
    for command in ("scan", "read", "learn", "check", "simulate", "profiles validate"):
        assert any(f"collector {command} " in line for line in TYPED), command
