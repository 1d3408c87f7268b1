"""The port that the pages are behind: taken before anything else is started."""

import contextlib
import socket
from collections.abc import Iterator

from api.configuration import ApiConfiguration
from collector.wire.problem import Problem, Refused


@contextlib.contextmanager
def listening(api: ApiConfiguration) -> Iterator[socket.socket]:
    """The port, taken before anything else is started."""
    door = socket.socket(socket.AF_INET6 if ":" in api.host else socket.AF_INET)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((api.host, api.port))
        door.listen()
    except OSError as fault:
        door.close()
        values = {"host": api.host, "port": str(api.port), "why": str(fault.strerror)}
        where = f"api.toml  [http] port = {api.port}"
        raise Refused(Problem("port-in-use", where, values=values)) from fault
    try:
        yield door
    finally:
        door.close()
