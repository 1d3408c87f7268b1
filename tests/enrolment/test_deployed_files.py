"""The broker's files in `deploy/` are what the command writes."""

from pathlib import Path

from millprint.enrolment import broker_files
from tests.house.sources import ROOT

SHOWN = ROOT / "deploy" / "mosquitto"


def test_the_shown_settings_are_what_is_written() -> None:
    written = broker_files.settings(Path("/etc/millprint/var/broker"), 8883)

    assert (SHOWN / "millprint.conf").read_text(encoding="utf-8") == written


def test_the_shown_rules_are_what_is_written() -> None:
    written = broker_files.rules("keqiao", ["dyehouse-a", "dyehouse-b"])

    assert (SHOWN / "acl").read_text(encoding="utf-8") == written
