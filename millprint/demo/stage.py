"""The stage: the demo mill with everything around it, on this machine and on free ports."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from api.books import Books
from collector.toml_files import SHIPPED
from collector.wire.reading import unix_ms
from millprint.children import python
from millprint.demo import configuration
from millprint.demo.mill import Mill
from millprint.installation import Installation

_DAY_MS = 86_400_000
_PAST = ("--commit-by-clock", "--ahead", "20000")
"""What the collector is told of the past: windows of hours, of which some wait for the journal."""


@dataclass(frozen=True, slots=True)
class Casting:
    """How the demo is to be played.

    Attributes:
        mill_file: The mill.
        mill: The same, read.
        seed: Of everything that is drawn.
        speed: Seconds of the mill per second; 0 as fast as it goes.
        once: Whether the mill stops after its first batches.
        tamper: Meters that are to read wrong, as ``device:+3%``.
        port: Of the pages; 0 for a free one.
        built_in_broker: Take the built-in broker even where Mosquitto is there.
        days: Of history that are made before it is shown.
        resume_ms: Where an earlier start had come to; 0 for the beginning. [unix ms]
    """

    mill_file: Path
    mill: Mill
    seed: int
    speed: float
    once: bool
    tamper: tuple[str, ...] = ()
    port: int = 0
    built_in_broker: bool = False
    days: int = 0
    resume_ms: int = 0


class Stage(Installation):
    """A demo that is running."""

    def __init__(self, folder: Path, casting: Casting) -> None:
        super().__init__(
            folder,
            site=casting.mill.site.id,
            start=casting.mill.site.start,
            port=casting.port,
            built_in_broker=casting.built_in_broker,
        )
        self.casting = casting
        past_until_ms = unix_ms(casting.mill.site.start) + casting.days * _DAY_MS
        self._is_past = casting.days > 0 and casting.resume_ms < past_until_ms
        self._line: tuple[Mapping[str, str], str] = ({}, "")

    @override
    def simulator(self) -> Sequence[str]:
        casting = self.casting
        arguments = ["--mill", str(casting.mill_file), "--seed", str(casting.seed)]
        arguments += ["--speed", f"{casting.speed:g}"] + (["--once"] if casting.once else [])
        arguments += ["--history", str(casting.days * _DAY_MS), "--from", str(casting.resume_ms)]
        for one in casting.tamper:
            arguments += ["--tamper", one]
        return python("millprint.demo.simulator", *arguments)

    @override
    def configure(self, endpoints: Mapping[str, str], broker_url: str) -> None:
        self._line = endpoints, broker_url
        if self.casting.days:
            shutil.copy(SHIPPED / "demo" / "alarms.toml", self.folder)
        past = {"every": "15min", "commit_every": "4h"} if self._is_past else {}
        configuration.write(self.folder, self.casting.mill, endpoints, broker_url, **past)

    @override
    def collector(self) -> Sequence[str]:
        return _PAST if self._is_past else ()

    @property
    def has_past(self) -> bool:
        """Whether its past is yet to be made."""
        return self._is_past

    def final(self) -> set[str]:
        """Batches that the books have a final result of."""
        books = Books(f"sqlite:///{self.folder}/var/books.db")
        try:
            return {one.batch for one in books.results.last_of_each("footprint")}
        finally:
            books.close()

    def go_live(self) -> None:
        """History is over: from now on the collector reads as often as in a mill."""
        self._is_past = False
        configuration.write(self.folder, self.casting.mill, *self._line)
        child = self.child("collector")
        assert child.process is not None
        child.process.terminate()
        child.process.wait()
        child.command = list(child.command)[: -len(_PAST)]
        child.start()
