"""`millprint collector`: the agent beside the meters."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from collector import profile_files
from collector.toml_files import SHIPPED
from millprint.commands.manner import Folder, Language, become, check_parts

app = typer.Typer(no_args_is_help=True, help="The agent beside the meters.")


@app.command("run")
def run(config: Folder = Path()) -> None:
    """Run the agent alone."""
    become("millprint.roots.collector", "--config", str(config))


@app.command("check")
def check(config: Folder = Path(), lang: Language = "en") -> None:
    """Check collector.toml and its profiles."""
    check_parts(config, ("collector",), lang)
    print(f"{config}/collector.toml: nothing is wrong.")


@app.command("profiles")
def profiles(
    search: Annotated[str, typer.Argument(help="Part of a maker or model.")] = "",
) -> None:
    """The register maps that are there, and how well each is sourced."""
    table = Table("profile", "model", "points", "sourced")
    folders = (SHIPPED / "profiles",)
    for name in profile_files.names(folders):
        profile = profile_files.load(name, folders, "shipped")
        if search.lower() in f"{name} {profile.title}".lower():
            counters = {p.confidence for p in profile.points if p.kind == "counter"}
            table.add_row(
                name, profile.title, str(len(profile.points)), ", ".join(sorted(counters))
            )
    Console().print(table)
