"""A serial line for virtual time: to pyserial a port, in truth a socket that holds nothing back."""

import serial

serial.protocol_handler_packages.append(__name__)


def url(port: int) -> str:
    """What a bus takes for its serial device."""
    return f"line://127.0.0.1:{port}"
