"""`millprint enrol`: who may bring readings, and how everybody knows whom he talks to."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from collector.wire.problem import Refused
from millprint.commands.manner import SERVER, Folder, Language, need, said

app = typer.Typer(
    no_args_is_help=True, help="Certificates of a site: its broker, its pages, its collectors."
)
_OWN = Path("var/tls")
_RELOAD = """Then let the broker read its files again: systemctl reload millprint-broker
(Debian's own service: systemctl reload mosquitto)"""
Kept = Annotated[
    Path,
    typer.Option(
        "--into",
        help="Where key and certificate are kept, from --config; where install.sh installed: "
        "/var/lib/millprint/tls, which the service may read.",
    ),
]


@app.command("site")
def site(
    host: Annotated[
        list[str] | None,
        typer.Option(help="A name or address under which this machine is reached; repeatable."),
    ] = None,
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """Make this site's authority, the certificates of its broker and pages, and the broker's files.

    Said again it completes what is missing, and changes nothing else.
    """
    need(*SERVER)
    from millprint.enrolment import site as sites

    with said(lang):
        known, made = sites.found(config, host or (), datetime.now(UTC))
        at = sites.places(config)
    print(f"Authority of {known.site}: {at.authority}/ca.pem; its key stays beside it.")
    print(f"Names: {', '.join(known.hosts)}.  New certificates: {', '.join(made) or 'none'}.")
    print(f"""
For Mosquitto   {at.broker}/millprint.conf
  (millprint-broker reads it in /etc/millprint/broker, Debian's service from /etc/mosquitto/conf.d)
For gateway.toml
  [mqtt]
  url = "mqtts://127.0.0.1:{known.port}"
  ca_file = "{_seen(config, at.authority / "ca.pem")}"
  cert_file = "{_seen(config, at.authority / "gateway.pem")}"
  key_file = "{_seen(config, at.authority / "gateway.key")}"
For api.toml
  [http]
  cert_file = "{_seen(config, at.authority / "pages.pem")}"
  key_file = "{_seen(config, at.authority / "pages.key")}"

Browsers of the mill trust these pages once ca.pem is among their authorities.
Next: millprint enrol collector NAME""")
    if own := _collector_in_the_clear(config):
        print(f"""
The broker then listens on {known.port} alone, so this machine's own collector is enrolled too:
  systemctl restart millprint-broker millprint
  millprint enrol collector {own} --config {config}
  systemctl reload millprint-broker
  millprint enrol join https://127.0.0.1:{sites.port(config)} CODE --config {config} \\
    --into {_seen(config, at.authority)}
and what that says goes into collector.toml; then: systemctl restart millprint""")


@app.command("collector")
def collector(
    name: Annotated[str, typer.Argument(help="The collector's, as in its collector.toml.")],
    hours: Annotated[int, typer.Option(min=1, max=720, help="How long the code is good.")] = 24,
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """Let a collector in, and make the one-time code by which it gets its certificate."""
    need(*SERVER)
    from millprint.enrolment import site as sites

    with said(lang):
        code = sites.invite(config, name, datetime.now(UTC), timedelta(hours=hours))
        url = sites.address(config)
    print(f"{code}\n\nGood once, for {hours} hours, for the name {name}. On its machine:")
    print(f"  millprint enrol join {url} {code}")
    print("Where install.sh installed, with: --into /var/lib/millprint/tls, and as --config")
    print(f"  /etc/millprint, or for a collector alone /etc/millprint/collectors/{name}")
    print(_RELOAD)


@app.command("join")
def join(
    url: Annotated[str, typer.Argument(help="Of the site's pages: https://millbox:8420")],
    code: Annotated[str, typer.Argument(help="What millprint enrol collector said.")],
    config: Folder = Path(),
    into: Kept = _OWN,
    lang: Language = "en",
) -> None:
    """On a collector: make a key, which stays here, and have the site sign it."""
    need("cryptography")
    from millprint.enrolment import joining

    with said(lang):
        joined = joining.join(config / into, url.rstrip("/"), code)
    print(f"This machine is collector {joined.name} of {joined.site} until {joined.expires}.")
    print(f"""
For collector.toml
  site = "{joined.site}"
  collector = "{joined.name}"
  [mqtt]
  url = "{joined.broker_url}"
  ca_file = "{into}/ca.pem"
  cert_file = "{into}/{joined.name}.pem"
  key_file = "{into}/{joined.name}.key\"""")


@app.command("rotate")
def rotate(
    due: Annotated[
        bool, typer.Option("--due", help="Only what ends within 60 days; for a timer.")
    ] = False,
    config: Folder = Path(),
    into: Kept = _OWN,
    lang: Language = "en",
) -> None:
    """New keys and certificates: on the server broker's, pages' and gateway's, else one's own.

    A collector asks the site's server, and shows by its present key who it is.
    """
    need("cryptography")
    from millprint.enrolment import joining

    now, made = datetime.now(UTC), []
    with said(lang):
        mine = joining.has_joined(config / into)
        if (config / "api.toml").is_file():
            made += _rotate_site(config, now, due, needed=not mine)
        elif not mine:
            joining.load(config / into)
        if mine:
            joined = joining.renew(config / into, now, due_only=due)
            made += [f"collector {joined.name}"] if joined else []
    print(f"New certificates: {', '.join(made) or 'none'}.")
    if "broker" in made or "gateway" in made:
        print(_RELOAD)


@app.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="The collector's.")],
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """Let a collector in no more: all its certificates and codes."""
    need(*SERVER)
    from millprint.enrolment import site as sites

    with said(lang):
        sites.revoke(config, name, datetime.now(UTC))
    print(f"{name} holds nothing any more. Then end connections that last, and shut it out:")
    print(
        "  systemctl restart millprint-broker  (Debian's own service: systemctl restart mosquitto)"
    )


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """Who holds a certificate of this site, until when, and who is awaited."""
    need(*SERVER)
    from dataclasses import asdict

    from rich.console import Console
    from rich.table import Table

    from millprint.enrolment import register
    from millprint.enrolment import site as sites

    with said(lang):
        known = register.load(sites.places(config).authority)
    if as_json:
        told = [{"name": one.name, "until": one.until} for one in known.invited]
        print(json.dumps({"issued": [asdict(one) for one in known.issued], "invited": told}))
        return
    now = datetime.now(UTC)
    table = Table("name", "role", "until", "")
    for one in known.issued:
        state = "revoked" if one.revoked else "" if one.holds(now) else "expired"
        table.add_row(one.name, one.role, one.expires[:10], state)
    for invitation in known.invited:
        table.add_row(invitation.name, "collector", invitation.until[:16], "awaited")
    Console().print(table)


def _collector_in_the_clear(config: Path) -> str:
    """The name of a collector beside the site that brings its readings without a certificate."""
    from collector import configuration

    try:
        found = configuration.load(config)
    except Refused:
        return ""
    return found.collector if found.mqtt.url.startswith("mqtt:") else ""


def _rotate_site(config: Path, now: datetime, due: bool, *, needed: bool) -> list[str]:
    from millprint.enrolment import register
    from millprint.enrolment import site as sites

    if not needed and not register.exists(sites.places(config).authority):
        return []
    return sites.rotate(config, now, due_only=due)


def _seen(config: Path, path: Path) -> Path:
    """A path as a configuration file of the folder names it."""
    return path.relative_to(config) if path.is_relative_to(config) else path
