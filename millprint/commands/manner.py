"""How every command behaves: its options, its exit codes, and how it says what is wrong."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from collector.toml_files import say
from collector.toml_places import line_of
from collector.wire.problem import Problem, Refused
from millprint.children import python

FAULT, BAD_CONFIGURATION = 1, 2
SERVER = ("sqlalchemy", "alembic", "cryptography", "fastapi", "uvicorn", "jinja2", "apscheduler")

Folder = Annotated[
    Path, typer.Option("--config", "-c", help="The configuration folder.", show_default=True)
]
Language = Annotated[Literal["en", "zh"], typer.Option("--lang", help="The language of faults.")]


@contextmanager
def said(language: str = "en") -> Iterator[None]:
    """Bad configuration as sentences, and exit code 2."""
    try:
        yield
    except Refused as refused:
        tell(refused.problems, language)
        raise typer.Exit(BAD_CONFIGURATION) from None


def tell(problems: Iterable[Problem], language: str = "en") -> None:
    """Say what is wrong, each with the line of the file where it stands."""
    for problem in problems:
        line = line_of(problem)
        place = problem.where if line is None else f"{problem.where}   line {line}"
        print(say(replace(problem, where=place), language), file=sys.stderr)


def need(*libraries: str) -> None:
    """Say in one sentence what an agent alone does not have."""
    missing = [name for name in libraries if find_spec(name) is None]
    if missing:
        print(
            f"This is an agent alone: {', '.join(missing)} is not installed. "
            "Do: pip install --require-hashes -r requirements/demo.txt",
            file=sys.stderr,
        )
        raise typer.Exit(BAD_CONFIGURATION)


def check_parts(config: Path, parts: tuple[str, ...], language: str) -> None:
    """Say all that is wrong with a configuration folder, for these parts, and end."""
    if "collector" in parts and len(parts) == 1:
        from collector.configuration import load

        with said(language):
            load(config)
        return
    from millprint.check import check

    problems = check(config, parts)
    tell(problems, language)
    if problems:
        raise typer.Exit(BAD_CONFIGURATION)


def become(module: str, *arguments: str) -> None:
    """Turn into a root: what the command line needed is not kept in memory for years."""
    command = python(module, *arguments)
    os.execv(command[0], command)


def progress() -> Progress:
    """A bar for long work, on standard error."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
