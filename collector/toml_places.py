"""Where a problem stands in its file: TOML's reader forgets lines, and a technician wants them."""

import re
from pathlib import Path

from collector.wire.problem import Problem

_PLACE = re.compile(r"(.+?\.toml)(?:\s+(.*))?$", re.DOTALL)
_HEADER = re.compile(r"\s*\[+([^\[\]]+)\]+\s*(#.*)?")
_KEY = re.compile(r"\s*([^=#\[\]]+?)\s*=")
_TOLD = re.compile(r"line (\d+)")
_WORD = re.compile(r"\[[^\]]+\]|[\w.\-']+")


def line_of(problem: Problem) -> int | None:
    """The line of the file that a problem's place names, as near as it can be told.

    A place is a file, then perhaps a table, then perhaps a key: ``collector.toml  [spool]  path``.

    Returns:
        The key's line, else its table's, else the first; None where no such file can be read.
    """
    match = _PLACE.match(problem.where)
    if match is None:
        return None
    path, rest = Path(match[1]), match[2]
    unreadable = problem.code in ("no-such-file", "file-unreadable")
    if unreadable or not path.is_file():
        return None
    if problem.code == "not-toml":  # the reader of TOML says where it gave up
        told = _TOLD.search(problem.values["why"])
        return int(told[1]) if told else None
    words = [_plain(word) for word in _WORD.findall((rest or "").partition(" = ")[0])]
    if "key" in problem.values:  # of a key that nobody reads, the place is the table around it
        words.append(_plain(problem.values["key"]))
    return _find(path.read_text(encoding="utf-8", errors="replace").splitlines(), words)


def _find(lines: list[str], words: list[str]) -> int:
    """The line of the last of these names that can be found, each within the one before."""
    found, table, after = 0, "", 0
    for word in words:
        for at in range(after, len(lines)):
            header = _header(lines[at])
            if header is not None and header in (word, f"{table}.{word}"):
                found, table, after = at, header, at + 1
                break
            if header is not None and table and not header.startswith(f"{table}."):
                break
            if _defines(lines[at], word):
                found, after = at, at
                break
    return found + 1


def _header(line: str) -> str | None:
    match = _HEADER.fullmatch(line)
    return None if match is None else _plain(match[1])


def _defines(line: str, word: str) -> bool:
    """Whether a line gives a key, alone, dotted, or within an inline table."""
    match = _KEY.match(line)
    if match is not None and _plain(match[1]) in (word, word.split(".")[-1]):
        return True
    return re.search(rf"[{{,]\s*{re.escape(word)}\s*=", line) is not None


def _plain(name: str) -> str:
    return re.sub(r"[\[\]\"'\s]", "", name)
