"""`millprint collector`: the agent beside the meters."""

from pathlib import Path

import typer

from millprint.commands import profiles
from millprint.commands.checking import say_utilisation
from millprint.commands.learn import learn
from millprint.commands.manner import Folder, Language, become, check_parts
from millprint.commands.practice import simulate
from millprint.commands.read import read
from millprint.commands.scan import scan
from millprint.commands.sentences import sentence

app = typer.Typer(no_args_is_help=True, help="The agent beside the meters.")
for command in (scan, read, learn, simulate):
    app.command()(command)
app.add_typer(profiles.app, name="profiles")


@app.command("run")
def run(config: Folder = Path()) -> None:
    """Run the agent alone."""
    become("millprint.roots.collector", "--config", str(config))


@app.command("check")
def check(config: Folder = Path(), lang: Language = "en") -> None:
    """Check collector.toml and its profiles, and say how busy each bus will be."""
    check_parts(config, ("collector",), lang)
    say_utilisation(config, lang)
    print(sentence("{file}: nothing is wrong.", lang, file=f"{config}/collector.toml"))
