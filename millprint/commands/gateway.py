"""`millprint gateway`: from the broker to the journal."""

from pathlib import Path

import typer

from millprint.commands.manner import SERVER, Folder, Language, become, check_parts, need

app = typer.Typer(no_args_is_help=True, help="From the broker to the journal.")


@app.command("run")
def run(config: Folder = Path()) -> None:
    """Run the gateway alone."""
    need(*SERVER)
    become("millprint.roots.server", "--config", str(config), "--part", "gateway")


@app.command("check")
def check(config: Folder = Path(), lang: Language = "en") -> None:
    """Check gateway.toml."""
    check_parts(config, ("gateway",), lang)
    print(f"{config}/gateway.toml: nothing is wrong.")
