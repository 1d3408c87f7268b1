"""A box that is enrolled: its own collector over TLS, and everything lost and put back."""

import json
from pathlib import Path
from typing import Any

from tests.box import mill
from tests.box.lives import Box

_CONFIG = ("--config", "/etc/millprint")
_TLS = "/var/lib/millprint/tls"
_BACKUP = "/root/site.backup"
_AS_THE_SERVICE = ("setpriv", "--reuid=millprint", "--regid=millprint", "--clear-groups")


def enrolled(box: Box) -> dict[str, Any]:
    """Installed, enrolled as `docs/install.md` says, backed up, lost, and put back."""
    box.bring("millprint")
    box.install("millprint", "--config", "/root/mill")
    box.wait_for_more(set())
    _enrol(box)
    # What the old connection brought may be stored late; of the new one it takes more.
    box.wait_for_more(mill.stored(box.machine), by=5)
    asked = (*_AS_THE_SERVICE, "millprint", "doctor", "--json", *_CONFIG)
    found = json.loads(box.machine.run(*asked, check=False).stdout)

    box.machine.run("millprint", "backup", _BACKUP, *_CONFIG)
    have = mill.stored(box.machine)
    box.install("millprint", "--uninstall")
    box.machine.run("rm", "-rf", "/etc/millprint", "/var/lib/millprint")
    _put_back(box)
    return {
        "doctor_finds_once_enrolled": sorted(one["code"] for one in found),
        "readings_in_backup": len(have),
        "readings_lost_by_restoring": len(have - mill.stored(box.machine)),
    }


def _enrol(box: Box) -> None:
    """The site, then the box's own collector, which nobody hears in the clear any more."""
    run, etc = box.machine.run, box.root / "etc/millprint"
    run("millprint", "enrol", "site", *_CONFIG)
    _write(etc / "gateway.toml", _in_the_clear(), _encrypted("gateway"))
    _write(etc / "api.toml", "[http]", f"[http]\n{_own('pages')}")
    run("systemctl", "restart", "millprint-broker", "millprint")
    code = run("millprint", "enrol", "collector", mill.COLLECTOR, *_CONFIG).stdout.split()[0]
    run("systemctl", "reload", "millprint-broker")
    box.wait_for_pages()
    url = "https://127.0.0.1:8420"
    run("millprint", "enrol", "join", url, code, *_CONFIG, "--into", _TLS)
    _write(etc / "collector.toml", _in_the_clear(), _encrypted(mill.COLLECTOR))
    run("systemctl", "restart", "millprint")


def _put_back(box: Box) -> None:
    """As `docs/backup.md` says of a box from install.sh."""
    box.install("millprint")
    box.machine.run("systemctl", "stop", "millprint*")
    box.machine.run("mv", "/etc/millprint/broker/millprint.conf", "/root")  # of a box not enrolled
    box.machine.run("millprint", "restore", _BACKUP, *_CONFIG)
    box.install("millprint")
    box.wait_for_more(mill.stored(box.machine))


def _in_the_clear() -> str:
    return 'url = "mqtt://127.0.0.1:1883"'


def _encrypted(name: str) -> str:
    return f'url = "mqtts://127.0.0.1:8883"\nca_file = "{_TLS}/ca.pem"\n{_own(name)}'


def _own(name: str) -> str:
    return f'cert_file = "{_TLS}/{name}.pem"\nkey_file = "{_TLS}/{name}.key"'


def _write(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
