"""Real engines as child processes: Debian's InfluxDB 1.6 and VictoriaMetrics 1.79."""

import contextlib
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from gateway import projections
from gateway.projections import Engine, Place
from millprint.broker import free_port, wait_for_port
from millprint.children import Child

SITE = "keqiao"
FLAGS = ("-retentionPeriod=100y", "-dedup.minScrapeInterval=1ms", "-search.latencyOffset=0s")
_INFLUX = """reporting-enabled = false
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{data}/meta"
[data]
dir = "{data}/data"
wal-dir = "{data}/wal"
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
log-enabled = false
"""


class Server:
    """An engine that may be killed, wiped, restored and started again.

    Args:
        name: ``influx`` or ``victoria``.
        folder: Where its data and log are.
        flags: Of VictoriaMetrics.
    """

    def __init__(self, name: str, folder: Path, flags: Sequence[str] = FLAGS) -> None:
        self.name, self.folder, self.flags = name, folder, flags
        self.data = folder / "data"
        self.port, self._rpc = free_port(), free_port()
        self._child: Child | None = None
        folder.mkdir(parents=True)
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._child is not None
        assert self._child.process is not None
        return self._child.process.pid

    def engine(self, site: str = SITE, **table: object) -> Engine:
        """The engine, as ``gateway.toml`` would have it."""
        place = Place(site, self.folder, f"[projections.{self.name}]")
        return projections.engine_module(self.name).read({"url": self.url} | table, place)

    def start(self) -> None:
        self._child = Child(self.name, self._command(), self.folder / "log")
        self._child.start()
        wait_for_port(self.port)
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{self.url}/ping", timeout=5).close()
                return
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill -9: what it has not yet written is gone."""
        assert self._child is not None
        assert self._child.process is not None
        self._child.process.kill()
        self._child.process.wait()

    def wipe(self) -> None:
        """Its data are gone."""
        self.kill()
        shutil.rmtree(self.data)
        self.start()

    def copy(self, to: Path) -> None:
        """A backup of its data, cold, of an engine that was asked to stop."""
        assert self._child is not None
        assert self._child.process is not None
        self._child.process.terminate()
        self._child.process.wait()
        shutil.copytree(self.data, to)
        self.start()

    def restore(self, backup: Path) -> None:
        """It stands as it did when the backup was made."""
        self.kill()
        shutil.rmtree(self.data)
        shutil.copytree(backup, self.data)
        self.start()

    def _command(self) -> list[str]:
        if self.name == "victoria":
            program = shutil.which("victoria-metrics")
            assert program, "VictoriaMetrics is missing: make stores installs it"
            listen = f"-httpListenAddr=127.0.0.1:{self.port}"
            return [program, listen, f"-storageDataPath={self.data}", *self.flags]
        program = shutil.which("influxd")
        assert program, "InfluxDB is missing: make stores installs it"
        configuration = self.folder / "influxdb.conf"
        told = {"rpc": self._rpc, "port": self.port, "data": self.data}
        configuration.write_text(_INFLUX.format_map(told), encoding="utf-8")
        return [program, "run", "-config", str(configuration)]
