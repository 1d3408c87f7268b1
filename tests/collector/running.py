"""A collector as a process, with a meter before it."""

from pathlib import Path

from millprint.children import python, start
from tests.bench import material
from tests.collector.spooled import COLLECTOR, SITE


class RunningCollector:
    """A collector with one meter, ten readings a second, and what it says."""

    def __init__(self, folder: Path, broker: str, meter: str, spool: Path) -> None:
        material.write_profile(folder / "profiles", points=4)
        (folder / "collector.toml").write_text(
            f'site = "{SITE}"\ncollector = "{COLLECTOR}"\n[mqtt]\nurl = "{broker}"\n'
            f'[spool]\npath = "{spool}"\nmax_mb = 8\ncommit_every = "200ms"\n'
            f'[buses.b]\nurl = "{meter}"\n[devices.meter-1]\nbus = "b"\nunit = 1\n'
            'profile = "bench-meter"\nevery = "100ms"\n',
            encoding="utf-8",
        )
        self.log = folder / "collector.log"
        self.process = start(
            python("millprint.roots.collector", "--config", str(folder)), log=self.log
        )

    def says(self, words: str) -> bool:
        return words in self.log.read_text(encoding="utf-8")

    def end(self) -> None:
        self.process.terminate()
        assert self.process.wait(timeout=15) == 0
