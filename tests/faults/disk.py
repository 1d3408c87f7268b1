"""A disk as it is found after a power cut, from strace's record of what was written to it.

What was synced is there. Of what was written since, each 512-byte sector is there or not, as a
seed draws it; of what was renamed, cut off or removed since, a drawn first part is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

_SECTOR = 512
_LINE = re.compile(r"(\d+)\s+(\d+\.\d+) (.*)", re.DOTALL)
_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)", re.DOTALL)
_FD = re.compile(r"\d+<([^>]*)>")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_UNFINISHED = " <unfinished ...>"


@dataclass(frozen=True, slots=True)
class Call:
    """A system call, or one half of it where others came between.

    Attributes:
        at_s: Unix time. [s]
        thread: Who called.
        name: What was called.
        arguments: As strace wrote them.
        ended: Whether it has returned; where a call is one line, begun and ended are two.
        result: What it returned.
    """

    at_s: float
    thread: int
    name: str
    arguments: str
    ended: bool
    result: int = 0

    @property
    def path(self) -> str:
        """The file, or what a socket is called."""
        found = _FD.match(self.arguments)
        return _text(found[1]).decode() if found else ""

    def strings(self) -> list[bytes]:
        """The strings among the arguments."""
        return [_text(one) for one in _STRING.findall(self.arguments)]

    def number(self, place: int) -> int:
        """A number, by its place from the end."""
        return int(self.arguments.rsplit(", ", -place)[place].split(",")[0])


def _text(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def calls(record: Path) -> Iterator[Call]:
    """The calls of a record, each as its beginning and its end."""
    begun: dict[int, str] = {}
    with record.open(encoding="ascii") as lines:
        for line in lines:
            found = _LINE.match(line)
            if found is None:
                continue
            thread, at_s, what = int(found[1]), float(found[2]), found[3].rstrip("\n")
            if what.endswith(_UNFINISHED):
                begun[thread] = what.removesuffix(_UNFINISHED)
                name, _, arguments = begun[thread].partition("(")
                yield Call(at_s, thread, name, arguments, ended=False)
                continue
            resumed = what.startswith("<... ")
            if resumed:
                what = begun.pop(thread, "") + what.partition(" resumed>")[2]
            whole = _CALL.match(what)
            if whole is None:
                continue
            if not resumed:
                yield Call(at_s, thread, whole[1], whole[2], ended=False)
            yield Call(at_s, thread, whole[1], whole[2], ended=True, result=int(whole[3]))


@dataclass(slots=True)
class _File:
    """A file: what is synced, and what came since: where and what, or at what length it was cut."""

    synced: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, bytes | None]] = field(default_factory=list)
    there: bool = False  # whether its name is synced
    syncing: dict[int, int] = field(default_factory=dict)  # by thread: how much of `since`

    def found(self, drawn: Random) -> bytes:
        """Its content after a power cut."""
        content = bytearray(self.synced)
        for at, data in self.since:
            if data is None:
                if drawn.random() < 0.5:
                    _cut(content, at)
                continue
            for start in range(0, len(data), _SECTOR):
                if drawn.random() < 0.5:
                    _put(content, at + start, data[start : start + _SECTOR])
        return bytes(content)

    def fail(self, length: int, drawn: Random) -> None:
        """A sync failed: of what it was to save the kernel forgets what did not get there."""
        later = self.since[length:]
        del self.since[length:]
        self.synced[:] = self.found(drawn)
        self.since[:] = later

    def sync(self, length: int) -> None:
        """What was written until the sync began is there for good."""
        for at, data in self.since[:length]:
            if data is None:
                _cut(self.synced, at)
            else:
                _put(self.synced, at, data)
        del self.since[:length]
        self.there = True


def _cut(content: bytearray, length: int) -> None:
    del content[length:]
    content.extend(bytes(length - len(content)))


def _put(content: bytearray, at: int, data: bytes) -> None:
    content.extend(bytes(max(0, at - len(content))))
    content[at : at + len(data)] = data


class Disk:
    """The files below a folder. Shared memory of SQLite is no file: it is made anew.

    Args:
        folder: The folder.
        drawn: What of a sync that failed was saved all the same.
    """

    def __init__(self, folder: Path, drawn: Random) -> None:
        self._folder, self._drawn = str(folder), drawn
        self._files: dict[str, _File] = {}
        self._names: list[tuple[str, str]] = []  # renamed or, to "", removed; not yet synced

    def take(self, call: Call) -> None:
        """Let a call happen."""
        path = call.path or (call.strings() or [b""])[0].decode()
        if not path.startswith(self._folder) or path.endswith("-shm"):
            return
        match call.name:
            case "pwrite64" if not call.ended:
                self._file(path).since.append((call.number(-1), call.strings()[0]))
            case "ftruncate" if not call.ended:
                self._file(path).since.append((call.number(-1), None))
            case "fsync" | "fdatasync":
                self._sync(path, call)
            case "unlink" if call.ended and call.result == 0:
                self._names.append((path, ""))
            case "rename" if call.ended and call.result == 0:
                self._names.append((path, call.strings()[1].decode()))
            case _:
                return

    def _sync(self, path: str, call: Call) -> None:
        if path == self._folder:
            if call.ended:
                self._settle_names()
            return
        file = self._file(path)
        if not call.ended:
            file.syncing[call.thread] = len(file.since)
        elif call.result == 0:
            file.sync(file.syncing.pop(call.thread))
            self._settle_names()  # the log of a journalling file system is written in order
        else:
            file.fail(file.syncing.pop(call.thread), self._drawn)

    def after_cut(self, drawn: Random) -> dict[str, bytes]:
        """What is found when the power comes back: names within the folder, and contents."""
        files = {
            path: file.found(drawn)
            for path, file in self._files.items()
            if file.there or drawn.random() < 0.5
        }
        for old, new in self._names[: drawn.randint(0, len(self._names))]:
            content = files.pop(old, None)
            if new and content is not None:
                files[new] = content
        return {path.removeprefix(f"{self._folder}/"): content for path, content in files.items()}

    def _file(self, path: str) -> _File:
        renamed = [old for old, new in self._names if path in (old, new)]
        if renamed:  # a name that is used anew: what was done to it before has come to pass
            self._settle_names()
        return self._files.setdefault(path, _File())

    def _settle_names(self) -> None:
        for old, new in self._names:
            file = self._files.pop(old, None)
            if new and file is not None:
                self._files[new] = file
        self._names.clear()
