"""Exports: results in the forms that others read. One file each; its name is the file's ending.

A form is a module with ``MEDIA``, its media type, ``ONE_TABLE``, and ``write(extract, out, lang,
table)``. What not every box has is imported where it is written, in the child process. What is
written and under which headings is `api.extract`'s, so that all forms hold the same numbers.
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol, cast

from api.extract import Extract, Table


class Form(Protocol):
    """What a form's module offers.

    Attributes:
        MEDIA: Its media type.
        ONE_TABLE: Whether a file of it holds but one table.
    """

    MEDIA: str
    ONE_TABLE: bool

    def write(self, extract: Extract, out: Path, lang: str, table: Table) -> None:
        """Write a file.

        Args:
            extract: What.
            out: Where.
            lang: ``en`` or ``zh``.
            table: Which table, where a file of this form holds but one.

        Raises:
            ValueError: It does not fit into this form; says why.
        """


def names() -> list[str]:
    """Every form."""
    return sorted(one.name for one in iter_modules(__path__) if not one.name.startswith("_"))


@cache
def form(name: str) -> Form:
    """The form of that name."""
    return cast("Form", import_module(f"{__name__}.{name}"))
