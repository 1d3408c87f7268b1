"""The commands that there are to type."""

from typing import Any

from typer import Context
from typer.core import TyperCommand, TyperGroup


def inside(command: TyperCommand | TyperGroup) -> dict[str, Any]:
    """The commands of a group, by name; nothing where it is none."""
    if not isinstance(command, TyperGroup):
        return {}
    context = Context(command)
    return {name: command.get_command(context, name) for name in command.list_commands(context)}
