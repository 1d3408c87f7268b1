"""What pyserial opens for ``line://``: its own socket, without waiting for more to send."""

import socket

from serial.urlhandler import protocol_socket
from typing_extensions import override


class Serial(protocol_socket.Serial):
    @override
    def from_url(self, url: str):
        return super().from_url(url.replace("line:", "socket:"))

    @override
    def open(self) -> None:
        super().open()
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
