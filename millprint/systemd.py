"""What a process tells the systemd that keeps it: sd_notify(3), in the standard library alone."""

import os
import socket

READY = "READY=1"
OPEN = "READY=1\nSTATUS=The pages are open."
ALIVE = "WATCHDOG=1"


def tell(fact: str) -> None:
    """Tell it; nothing where nobody asked to be told, and nothing where nobody listens.

    Args:
        fact: `READY`, `OPEN`, `ALIVE`, or other assignments that sd_notify(3) knows.
    """
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
        try:
            # An @ stands for the zero byte that begins a name which no file has.
            line.sendto(fact.encode(), f"\0{place[1:]}" if place.startswith("@") else place)
        except OSError:
            return  # who does not hear us starts us again; polling goes on until then
