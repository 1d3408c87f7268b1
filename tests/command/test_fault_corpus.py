"""`millprint collector check` on a corpus of faults: each is caught, with file, line and remedy."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from collector.toml_files import texts
from millprint.command import app
from tests.command.fault_corpus import COLLECTOR, IN_COLLECTOR, IN_PROFILE, PROFILE, Fault


def checked(folder: Path, collector: str, profile: str, language: str = "en") -> Result:
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "collector.toml").write_text(collector, encoding="utf-8")
    (folder / "profiles" / "old-meter.toml").write_text(profile, encoding="utf-8")
    command = ["collector", "check", "--config", str(folder), "--lang", language]
    return CliRunner().invoke(app, command)


def line_of_the_difference(good: str, wrong: str) -> int:
    pairs = zip(good.splitlines(), wrong.splitlines(), strict=False)
    return next((at for at, (a, b) in enumerate(pairs, start=1) if a != b), len(good))


def must_say(result: Result, fault: Fault, file: str, lines: range) -> None:
    assert result.exit_code == 2, result.output
    head, body = next(
        (head, body)
        for head, body in re.findall(r"^(\S.*)\n((?:  .*\n?)+)", result.stderr, re.MULTILINE)
        if head.startswith(f"{fault.code} ")
    )
    assert file in head
    assert fault.says in head + body
    told = re.search(r"line (\d+)", head + body)
    assert told is not None, head
    assert int(told[1]) in lines, head
    assert len(body.strip().splitlines()) >= 2  # what it is, and what to do


def test_the_corpus_holds_more_than_fifty_faults_of_a_folder_that_is_good(tmp_path):
    result = checked(tmp_path, COLLECTOR, PROFILE)

    assert (result.exit_code, result.stderr) == (0, "")
    assert len(IN_COLLECTOR) + len(IN_PROFILE) > 50


@pytest.mark.parametrize("fault", IN_COLLECTOR, ids=lambda f: (f.wrong or f"no {f.good}").strip())
def test_a_fault_in_the_collectors_file_is_caught_with_its_line(tmp_path, fault):
    assert COLLECTOR.count(fault.good) >= 1
    wrong = COLLECTOR.replace(fault.good, fault.wrong, 1)

    result = checked(tmp_path, wrong, PROFILE)

    must_say(result, fault, "collector.toml", near(line_of_the_difference(COLLECTOR, wrong), wrong))


@pytest.mark.parametrize("fault", IN_PROFILE, ids=lambda f: (f.wrong or f"no {f.good}").strip())
def test_a_fault_in_a_mills_own_profile_is_caught_with_its_line(tmp_path, fault):
    assert PROFILE.count(fault.good) >= 1
    wrong = PROFILE.replace(fault.good, fault.wrong, 1)

    result = checked(tmp_path, COLLECTOR, wrong)

    must_say(result, fault, "old-meter.toml", near(line_of_the_difference(PROFILE, wrong), wrong))


def near(line: int, text: str) -> range:
    """The line itself, or those before it up to the head of its table."""
    lines = text.splitlines()
    heads = [at for at, one in enumerate(lines[:line], start=1) if one.startswith("[")]
    return range(heads[-1] if heads else 1, line + 1)


def test_every_fault_can_be_said_in_chinese(tmp_path):
    for fault in IN_COLLECTOR[:12]:
        result = checked(tmp_path, COLLECTOR.replace(fault.good, fault.wrong, 1), PROFILE, "zh")

        assert (
            texts()[fault.code]["text_zh"][:2] in result.stderr
            or "{" in texts()[fault.code]["text_zh"][:2]
        )
