"""The files of the repository, as git sees them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("collector", "gateway", "api", "millprint")


@cache
def kept_files() -> tuple[Path, ...]:
    """Every file that is tracked, or would be, relative to the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = (Path(name) for name in listed.split("\0") if name)
    return tuple(sorted({path for path in paths if (ROOT / path).is_file()}))


def python_files(*rooms: str) -> list[Path]:
    """The Python files of these rooms, relative to the root."""
    return [path for path in kept_files() if path.suffix == ".py" and path.parts[0] in rooms]


def trees(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    """The same, parsed."""
    for path in python_files(*rooms):
        yield path, ast.parse((ROOT / path).read_text(encoding="utf-8"))


def called(node: ast.Call) -> str:
    """The last word of what is called."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
