"""The house's line to a broker: paho-mqtt behind one face, for agent and gateway alike.

Each connection is a fresh paho client, so that nothing is left in its memory queue: what must
not be lost stands in the spool or in the journal. MQTT 5 first, for its reason codes; 3.1.1
where the broker knows no other.
"""

from collector.mqtt.faults import Refusal
from collector.mqtt.line import Line, Listener, Token, Will
from collector.mqtt.settings import MqttSettings, read_settings

__all__ = ["Line", "Listener", "MqttSettings", "Refusal", "Token", "Will", "read_settings"]
