"""The broker's files: its settings, and who may write what.

Each identity stands in the list by name, not by a pattern: who is taken out of it is silent at the
next message, although his connection may last.
"""

from collections.abc import Iterable
from pathlib import Path

from collector.toml_files import SHIPPED
from collector.wire import topics

SETTINGS, RULES, REVOKED = "millprint.conf", "acl", "crl.pem"
USER = "mosquitto"
_ANY = "+"


def gateway_name(site: str) -> str:
    """The gateway's identity; no collector's name has a point."""
    return f"gateway.{site}"


def settings(folder: Path, port: int) -> str:
    """``millprint.conf`` of a broker whose files stand in a folder."""
    template = (SHIPPED / "mosquitto" / SETTINGS).read_text(encoding="utf-8")
    return template.format(folder=folder, port=port)


def rules(site: str, collectors: Iterable[str]) -> str:
    """``acl``: a collector writes its own topics, the gateway reads all and writes answers."""
    lines = [
        "# Written by `millprint enrol`; edits are lost. What is not allowed here is forbidden.",
        "",
        f"user {gateway_name(site)}",
        f"topic read {topics.ROOT}/{site}/#",
        f"topic write {topics.ack(site, _ANY)}",
    ]
    for name in collectors:
        written = (
            topics.readings(site, name, _ANY),
            topics.birth(site, name, _ANY),
            topics.live(site, name, _ANY),
            topics.records(site, name),
            topics.backlog(site, name),
            topics.state(site, name),
        )
        lines += ["", f"user {name}", *(f"topic write {topic}" for topic in written)]
        lines.append(f"topic read {topics.ack(site, name)}")
    return "\n".join(lines) + "\n"
