"""A mill of two and a half hours, and the real projector that fills an engine from it."""

import time
from pathlib import Path

from gateway.journal.stores.sqlite import Sqlite
from gateway.projecting.kept import Kept
from millprint.children import Child, python
from tests.api.given import World, world
from tests.stores.engines import Server

PATIENCE_S = 60.0
_GATEWAY = """site = "keqiao"

[mqtt]
url = "mqtt://127.0.0.1:1883"

[journal]
url = "sqlite:///journal.db"

[projections]
answers = "{name}"

[projections.{name}]
url = "{url}"
"""
_API = """[http]
host = "127.0.0.1"
port = 8420

[books]
url = "sqlite:///books.db"
"""


class Projected:
    """A mill and its projector, a process."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.mill: World = world(folder / "config")
        self.folder, self.server = self.mill.folder, server
        gateway = _GATEWAY.format(name=server.name, url=server.url)
        (self.folder / "gateway.toml").write_text(gateway, encoding="utf-8")
        (self.folder / "api.toml").write_text(_API, encoding="utf-8")
        self.engine = server.engine("keqiao")
        self.kept = Kept(Sqlite(self.folder / "journal.db"))
        command = python("millprint.roots.projector", "--config", str(self.folder))
        self.projector = Child("projector", command, folder / "projector.log")
        self.log = folder / "projector.log"

    def catches_up(self) -> None:
        """Wait until the engine has been sent all that there is."""
        top, end = self.mill.service.journal.position(), time.monotonic() + PATIENCE_S
        feeds = {"readings": top, "intervals": top, "annotations": time.time() * 1000 - 6e5}
        while any(self.kept.position(self.engine.target, f) < at for f, at in feeds.items()):
            assert time.monotonic() < end, self.log.read_text(encoding="utf-8")
            time.sleep(0.1)
        self.engine.settle()

    def close(self) -> None:
        assert self.projector.process is not None
        self.projector.process.kill()
        self.projector.process.wait()
        self.mill.close()
