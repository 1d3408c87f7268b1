"""The stage: the demo mill with everything around it, on this machine and on free ports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from millprint.children import python
from millprint.demo import configuration
from millprint.demo.mill import Mill
from millprint.installation import Installation


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
    """

    mill_file: Path
    mill: Mill
    seed: int
    speed: float
    once: bool
    tamper: tuple[str, ...] = ()
    port: int = 0
    built_in_broker: bool = False


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

    @override
    def simulator(self) -> Sequence[str]:
        casting = self.casting
        arguments = ["--mill", str(casting.mill_file), "--seed", str(casting.seed)]
        arguments += ["--speed", f"{casting.speed:g}"] + (["--once"] if casting.once else [])
        for one in casting.tamper:
            arguments += ["--tamper", one]
        return python("millprint.demo.simulator", *arguments)

    @override
    def configure(self, endpoints: Mapping[str, str], broker_url: str) -> None:
        configuration.write(self.folder, self.casting.mill, endpoints, broker_url)
