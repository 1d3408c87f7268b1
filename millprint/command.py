"""The ``millprint`` command: check before run, explain after results."""

from typing import Annotated

import typer

from millprint import __version__
from millprint.commands import api, collector, enrol, gateway
from millprint.commands.demo import demo
from millprint.commands.doctor import doctor
from millprint.commands.keeping import backup, restore
from millprint.commands.replay import replay
from millprint.commands.site import check, run
from millprint.commands.verify import verify

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="The footprint of every batch, from the mill's own meters.",
    pretty_exceptions_enable=False,
)
for command in (demo, replay, run, check, doctor, verify, backup, restore):
    app.command()(command)
app.add_typer(collector.app, name="collector")
app.add_typer(gateway.app, name="gateway")
app.add_typer(api.app, name="api")
app.add_typer(enrol.app, name="enrol")


def main() -> None:
    """The command."""
    app()


def _say_version(asked: bool) -> None:
    if asked:
        print(f"millprint {__version__}")
        raise typer.Exit


@app.callback()
def _version(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Say the version and stop."
        ),
    ] = False,
) -> None:
    """Options of the command itself."""
