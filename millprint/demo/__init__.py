"""The demo mill: a small simulated dyehouse behind real Modbus sockets, which keeps the truth.

What the meters show is coded here by rules of its own, never by the collector's decoding, so
that the two check each other.
"""
