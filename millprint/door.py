"""The port that the pages are behind: taken before anything else is started."""

import contextlib
import socket
from collections.abc import Iterator

from api.configuration import ApiConfiguration
from collector.wire.problem import Problem, Refused


@contextlib.contextmanager
def listening(host: str, port: int, where: str) -> Iterator[socket.socket]:
    """The port, taken before anything else is started.

    Raises:
        Refused: Somebody else has it; `where` says who asked for it.
    """
    door = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
        door.listen()
    except OSError as fault:
        door.close()
        values = {"host": host, "port": str(port), "why": str(fault.strerror)}
        raise Refused(Problem("port-in-use", where, values=values)) from fault
    try:
        yield door
    finally:
        door.close()


def door_of(api: ApiConfiguration) -> contextlib.AbstractContextManager[socket.socket]:
    """The port that a configuration names."""
    return listening(api.host, api.port, f"api.toml  [http] port = {api.port}")
