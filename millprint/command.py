"""The ``millprint`` command: check before run, explain after results."""

from importlib import import_module
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup
from typing_extensions import override

from millprint import __version__

_PLACES = {
    "demo": "demo",
    "replay": "replay",
    "run": "site",
    "check": "site",
    "doctor": "doctor",
    "verify": "verify",
    "backup": "keeping",
    "restore": "keeping",
    "collector": "collector",
    "gateway": "gateway",
    "api": "api",
    "enrol": "enrol",
}
"""Every command, and in which file of `millprint.commands` it stands."""


class _Commands(TyperGroup):
    """Loads a command when it is asked for: all of them together take a box a second or two."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order of the help."""
        return list(_PLACES)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # typer does not name its commands
        """One of them; where there is none of that name, all are loaded to find what was meant."""
        for name in [cmd_name] if cmd_name in _PLACES else _PLACES:
            if name not in self.commands:
                self.add_command(_loaded(name))
        return self.commands.get(cmd_name)


def _loaded(name: str) -> Any:
    module, alone = import_module(f"millprint.commands.{_PLACES[name]}"), typer.Typer()
    if hasattr(module, name):
        alone.command(name)(getattr(module, name))
    else:
        alone.add_typer(module.app, name=name)
    return typer.main.get_group(alone).commands[name]


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    help="The footprint of every batch, from the mill's own meters.",
    pretty_exceptions_enable=False,
)


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
