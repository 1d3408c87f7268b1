"""TLS towards a broker: whom we trust, and who we are."""

import ssl

from collector.mqtt.settings import MqttSettings


class _Socket(ssl.SSLSocket):
    """Closes itself where the handshake fails; paho leaves it to the garbage collector."""

    # An agent does not load typing_extensions for the sake of a decorator.
    def do_handshake(self, *block: bool) -> None:  # type: ignore[explicit-override]
        try:
            super().do_handshake(*block)
        except OSError:
            self.close()
            raise


def context(settings: MqttSettings) -> ssl.SSLContext:
    """What a connection of these settings is made with; OSError where a file does not fit."""
    made = ssl.create_default_context(cafile=settings.ca_file or None)
    made.sslsocket_class = _Socket
    if settings.cert_file:
        made.load_cert_chain(settings.cert_file, settings.key_file or None)
    return made
