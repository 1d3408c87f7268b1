"""Files that are sealed, and how a file is written so that nobody ever sees half of it."""

import os
from collections.abc import Iterator
from pathlib import Path


def sealed_files(folder: Path, factors: Path) -> Iterator[tuple[str, str, Path]]:
    """Kind, name and path of every file that is sealed, in no order that matters.

    Args:
        folder: The configuration folder: its TOML files, and those one folder down (plant,
            profiles). Secrets stand in files of their own, which are no TOML.
        factors: The folder of factors: its CSV files.
    """
    for path in (*folder.glob("*.toml"), *folder.glob("*/*.toml")):
        yield "config", path.relative_to(folder).as_posix(), path
    for path in factors.glob("*.csv"):
        yield "factors", path.name, path


def write_whole(path: Path, body: bytes, *, mode: int = 0o644) -> None:
    """Write a file whole or not at all, and for good.

    Raises:
        OSError: It could not be written; what stood there before stands there still.
    """
    draft = path.with_name(f".{path.name}.draft")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:  # noqa: PTH123 - born with its mode
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
