"""Where each kind of message goes. Site, collector and device are read from the topic alone."""

import re
from dataclasses import dataclass

ROOT = "millprint/1"
NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
"""What a site, a collector or a device may be called."""
OF_DEVICES = ("readings", "birth", "live")
OF_COLLECTORS = ("records", "backlog", "state", "ack")


@dataclass(frozen=True, slots=True)
class Address:
    """What a topic says: whose message it is, and of which kind."""

    site: str
    collector: str
    device: str | None
    kind: str


def readings(site: str, collector: str, device: str) -> str:
    """Readings of one device."""
    return f"{ROOT}/{site}/{collector}/{device}/readings"


def records(site: str, collector: str) -> str:
    """Sequenced records that are no readings: births, anchors, read counts, gone ranges."""
    return f"{ROOT}/{site}/{collector}/records"


def backlog(site: str, collector: str) -> str:
    """Messages of both kinds that had to wait, in bundles."""
    return f"{ROOT}/{site}/{collector}/backlog"


def birth(site: str, collector: str, device: str) -> str:
    """A device's birth, retained, for those who look on."""
    return f"{ROOT}/{site}/{collector}/{device}/birth"


def live(site: str, collector: str, device: str) -> str:
    """Readings before their commit; never stored."""
    return f"{ROOT}/{site}/{collector}/{device}/live"


def state(site: str, collector: str) -> str:
    """Whether the collector is up; also its will."""
    return f"{ROOT}/{site}/{collector}/state"


def ack(site: str, collector: str) -> str:
    """Acknowledgements, from the gateway to the collector."""
    return f"{ROOT}/{site}/{collector}/ack"


def alarms(site: str) -> str:
    """What happens to alarms, from the server to whoever listens."""
    return f"{ROOT}/{site}/alarms"


def parse(topic: str) -> Address:
    """Take a topic apart.

    Raises:
        ValueError: It is not one of ours.
    """
    parts = topic.split("/")
    if "/".join(parts[:2]) != ROOT or len(parts) not in (5, 6):
        raise ValueError(f"{topic!r} is not a topic of {ROOT}")
    names, kind = parts[2:-1], parts[-1]
    for name in names:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} in {topic!r} is not a name")
    device = names[2] if len(names) == 3 else None
    if kind not in (OF_DEVICES if device else OF_COLLECTORS):
        raise ValueError(f"{kind!r} in {topic!r} is no kind of message")
    return Address(names[0], names[1], device, kind)
