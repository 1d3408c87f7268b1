"""Nobody listens here in the clear who should not."""

from collections.abc import Iterator

from collector.wire.problem import Problem
from millprint.doctor.premises import Premises

_PLAIN_MQTT = 1883
_LISTENS = "0A"


def examine(premises: Premises) -> Iterator[Problem]:
    """A broker without TLS that the network can reach."""
    for name in ("tcp", "tcp6"):
        try:
            rows = (premises.root / "proc/net" / name).read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        for row in rows[1:]:
            address, port = row.split()[1].split(":")
            open_ = row.split()[3] == _LISTENS and int(port, 16) == _PLAIN_MQTT
            if open_ and not _loopback(address):
                yield Problem("plain-broker-listens", f"port {_PLAIN_MQTT}")
                return


def _loopback(address: str) -> bool:
    """Whether an address of ``/proc/net/tcp`` is 127.x.x.x or ::1; words are little-endian."""
    return address.endswith("7F") if len(address) == 8 else address == "0" * 24 + "01000000"
