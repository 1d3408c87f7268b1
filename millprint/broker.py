"""A broker of our own, for the demo and the tests: Mosquitto, or amqtt where there is none."""

import shutil
import socket
import time
from pathlib import Path

from millprint.children import Child, python

_MOSQUITTO_PLACES = ("/usr/sbin", "/usr/local/sbin")


def mosquitto() -> str | None:
    """Where Mosquitto is installed; None where it is not."""
    found = shutil.which("mosquitto")
    places = [Path(place) / "mosquitto" for place in _MOSQUITTO_PLACES]
    return found or next((str(path) for path in places if path.is_file()), None)


def broker(folder: Path, port: int, *, built_in: bool = False) -> Child:
    """A broker on 127.0.0.1, keeping nothing on disk.

    Args:
        folder: Where its configuration and log are written.
        port: Where it listens.
        built_in: Take the one that comes with millprint even where Mosquitto is there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "broker.log"
    program = None if built_in else mosquitto()
    if program is None:
        return Child("broker", python("millprint.roots.built_in_broker", str(port)), log)
    configuration = folder / "mosquitto.conf"
    configuration.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
        "max_queued_messages 0\nlog_type error\nlog_type warning\n",
        encoding="utf-8",
    )
    return Child("broker", [program, "-c", str(configuration)], log)


def wait_for_port(port: int, *, patience_s: float = 20.0) -> None:
    """Wait until something listens there; TimeoutError where nothing does."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on 127.0.0.1:{port} after {patience_s:g} s")


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
