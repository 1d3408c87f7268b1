"""The ``millprint`` command: check before run, explain after results."""

import http.client
import json
import os
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from collector import profiles
from collector.toml_files import SHIPPED, say
from collector.wire.problem import Refused
from millprint import __version__
from millprint.children import python

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="The footprint of every batch, from the mill's own meters.",
    pretty_exceptions_enable=False,
)
collector_app = typer.Typer(no_args_is_help=True, help="The agent beside the meters.")
gateway_app = typer.Typer(no_args_is_help=True, help="From the broker to the journal.")
api_app = typer.Typer(no_args_is_help=True, help="The ledger, its pages and its keys.")
app.add_typer(collector_app, name="collector")
app.add_typer(gateway_app, name="gateway")
app.add_typer(api_app, name="api")

_FAULT, _BAD_CONFIGURATION = 1, 2
_SERVER = ("sqlalchemy", "alembic", "fastapi", "uvicorn", "jinja2", "apscheduler")

Folder = Annotated[
    Path, typer.Option("--config", "-c", help="The configuration folder.", show_default=True)
]
Language = Annotated[Literal["en", "zh"], typer.Option("--lang", help="The language of faults.")]


def main() -> None:
    """The command."""
    app()


def _say_version(asked: bool) -> None:
    if asked:
        print(f"millprint {__version__}")
        raise typer.Exit


@app.callback()
def _version(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Say the version and stop."
        ),
    ] = False,
) -> None:
    """Options of the command itself."""


@contextmanager
def _said(language: str = "en") -> Iterator[None]:
    """Bad configuration as sentences, and exit code 2."""
    try:
        yield
    except Refused as refused:
        for problem in refused.problems:
            print(say(problem, language), file=sys.stderr)
        raise typer.Exit(_BAD_CONFIGURATION) from None


@app.command()
def demo(  # noqa: PLR0913 - each is an option of the command
    once: Annotated[
        bool, typer.Option("--once", help="Play until the first batches are final; then compare.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="With --once: write footprints and truth there.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of all that is drawn; default: a new one.")
    ] = None,
    mill: Annotated[
        Path, typer.Option(help="Another mill than the shipped one; see docs/demo-mill.md.")
    ] = SHIPPED / "demo" / "mill.toml",
    tamper: Annotated[
        list[str] | None, typer.Option(help="Let a meter read wrong: jet-02-power:+3%")
    ] = None,
    port: Annotated[int, typer.Option(help="Of the pages; 0 for a free one.")] = 8420,
    speed: Annotated[float, typer.Option(help="Seconds at the mill per second.")] = 60.0,
    built_in_broker: Annotated[
        bool, typer.Option("--built-in-broker", help="Even where Mosquitto is installed.")
    ] = False,
) -> None:
    """A simulated dyehouse behind real Modbus and MQTT, turned into footprints of batches."""
    _need(*_SERVER, "amqtt")
    from millprint.demo import play
    from millprint.demo.mill_file import load
    from millprint.demo.stage import Casting

    drawn = play.new_seed() if seed is None else seed
    with _said():
        casting = Casting(
            mill_file=mill,
            mill=load(mill),
            seed=drawn,
            speed=0 if once else speed,
            once=once,
            tamper=tuple(tamper or ()),
            port=0 if once else port,
            built_in_broker=built_in_broker,
        )
        if once:
            _demo_once(casting, json_file)
        else:
            _demo_on(casting)


def _demo_once(casting: Any, json_file: Path | None) -> None:
    from millprint.demo import play

    print(f"Demo mill, seed {casting.seed}.")
    with _progress() as bar:
        task = bar.add_task("starting", total=None)

        def tell(at: play.Progress) -> None:
            text = f"{at.done} of {at.whole} batches final, {at.said}"
            bar.update(task, completed=at.done, total=at.whole, description=text)

        outcome = play.play_once(casting, tell)
    if json_file is not None:
        play.write_document(json_file, outcome)
    for batch in outcome.document["batches"]:
        total = batch["footprint"]["total"]
        verdict = "agrees with the truth" if batch["agrees"] else "does NOT agree"
        print(f"{batch['footprint']['batch']}  {total['kgco2e']} kgCO2e  {verdict}")
    for difference in outcome.differences:
        print(difference.sentence(), file=sys.stderr)
    for meter in outcome.unbalanced:
        print(f"{meter}: its accounts do not add up to its register", file=sys.stderr)
    if not outcome.agrees:
        print(f"It fails. To see it again: --seed {casting.seed}", file=sys.stderr)
        raise typer.Exit(_FAULT)
    meters = len(outcome.document["meters"])
    print(f"All agree; {meters} meters balance exactly.")


def _demo_on(casting: Any) -> None:
    from millprint.demo import play
    from millprint.demo.stage import staged
    from millprint.roots.house import keep

    folder = Path(tempfile.mkdtemp(prefix="millprint-demo-"))
    with staged(folder, casting) as stage:
        broker = "Mosquitto" if stage.mosquitto else "the built-in broker (MQTT 3.1.1)"
        print(f"The demo mill runs, {casting.speed:g} times as fast as a real one, over {broker}.")
        print(f"\n  Dashboard   {play.page_address(stage)}")
        print(f"  API         http://127.0.0.1:{stage.port}/docs    key {stage.key}")
        print(f"  Its files   {folder}\n\nCtrl-C ends it and leaves nothing behind.", flush=True)
        code = keep(stage.household)
    if code:
        raise typer.Exit(code)


@app.command()
def run(config: Folder = Path(), lang: Language = "en") -> None:
    """Run collector and server on this machine, and keep them running."""
    from api import configuration
    from millprint.door import door_of

    _check(config, ("collector", "gateway", "api"), lang)
    with _said(lang), door_of(configuration.load(config)):
        pass  # the port is free: the server will get it, and nothing is started in vain
    _become("millprint.roots.house", "--config", str(config))


@app.command()
def check(config: Folder = Path(), lang: Language = "en") -> None:
    """Check the whole configuration; every fault with its place and what to do."""
    _check(config, ("collector", "gateway", "api"), lang)
    print(f"{config}: nothing is wrong.")


@collector_app.command("run")
def collector_run(config: Folder = Path()) -> None:
    """Run the agent alone."""
    _become("millprint.roots.collector", "--config", str(config))


@collector_app.command("check")
def collector_check(config: Folder = Path(), lang: Language = "en") -> None:
    """Check collector.toml and its profiles."""
    _check(config, ("collector",), lang)
    print(f"{config}/collector.toml: nothing is wrong.")


@collector_app.command("profiles")
def collector_profiles(
    search: Annotated[str, typer.Argument(help="Part of a maker or model.")] = "",
) -> None:
    """The register maps that are there, and how well each is sourced."""
    table = Table("profile", "model", "points", "sourced")
    folders = (SHIPPED / "profiles",)
    for name in profiles.names(folders):
        profile = profiles.load(name, folders, "shipped")
        if search.lower() in f"{name} {profile.title}".lower():
            counters = {p.confidence for p in profile.points if p.kind == "counter"}
            table.add_row(
                name, profile.title, str(len(profile.points)), ", ".join(sorted(counters))
            )
    Console().print(table)


@gateway_app.command("run")
def gateway_run(config: Folder = Path()) -> None:
    """Run the gateway alone."""
    _need(*_SERVER)
    _become("millprint.roots.server", "--config", str(config), "--part", "gateway")


@gateway_app.command("check")
def gateway_check(config: Folder = Path(), lang: Language = "en") -> None:
    """Check gateway.toml."""
    _check(config, ("gateway",), lang)
    print(f"{config}/gateway.toml: nothing is wrong.")


@api_app.command("run")
def api_run(config: Folder = Path()) -> None:
    """Run the api alone, on a journal that a gateway writes on this machine."""
    _need(*_SERVER)
    _become("millprint.roots.server", "--config", str(config), "--part", "api")


@api_app.command("check")
def api_check(config: Folder = Path(), lang: Language = "en") -> None:
    """Check api.toml and the plant."""
    _check(config, ("api",), lang)
    print(f"{config}/api.toml and plant/: nothing is wrong.")


@api_app.command("keys")
def api_keys(
    name: Annotated[str, typer.Argument(help="Who is to hold the key.")],
    role: Annotated[
        str, typer.Option(help="engineer, accountant, certifier or admin")
    ] = "engineer",
    config: Folder = Path(),
) -> None:
    """Make an API key; it is shown once."""
    _need(*_SERVER)
    from datetime import UTC, datetime

    from api import configuration
    from api.books import Books
    from api.books.keys import ROLES

    if role not in ROLES:
        print(f"{role!r} is no role; there are {', '.join(ROLES)}.", file=sys.stderr)
        raise typer.Exit(_BAD_CONFIGURATION)
    with _said():
        books = Books(configuration.load(config).books)
    books.migrate()
    print(books.keys.make(name, role, datetime.now(UTC)))
    books.close()


@api_app.command("explain")
def api_explain(
    batch: Annotated[str, typer.Argument(help="The batch's id.")],
    url: Annotated[str, typer.Option(help="Where the api is.")] = "http://127.0.0.1:8420",
    key: Annotated[str, typer.Option(envvar="MILLPRINT_KEY", help="An API key.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Where each number of a batch's footprint comes from, down to register readings."""
    body = _ask(url, f"/api/v1/batches/{quote(batch, safe='')}/explain", key)
    print(json.dumps(body, indent=1) if as_json else body["text"])


def _ask(url: str, path: str, key: str) -> Any:
    """What an api answers; where it refuses or there is none, that in a sentence and exit 1."""
    try:
        request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as fault:
        print(_detail(fault), file=sys.stderr)
    except (OSError, ValueError, http.client.HTTPException) as fault:
        print(f"{url} does not answer: {fault}", file=sys.stderr)
    raise typer.Exit(_FAULT)


def _detail(fault: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(fault)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{fault.url} answers {fault.code}, not as millprint would."


def _need(*libraries: str) -> None:
    """Say in one sentence what an agent alone does not have."""
    missing = [name for name in libraries if find_spec(name) is None]
    if missing:
        print(
            f"This is an agent alone: {', '.join(missing)} is not installed. "
            "Do: pip install --require-hashes -r requirements/demo.txt",
            file=sys.stderr,
        )
        raise typer.Exit(_BAD_CONFIGURATION)


def _check(config: Path, parts: tuple[str, ...], language: str) -> None:
    if "collector" in parts and len(parts) == 1:
        from collector.configuration import load

        with _said(language):
            load(config)
        return
    from millprint.check import check as find

    problems = find(config, parts)
    for problem in problems:
        print(say(problem, language), file=sys.stderr)
    if problems:
        raise typer.Exit(_BAD_CONFIGURATION)


def _become(module: str, *arguments: str) -> None:
    """Turn into a root: what the command line needed is not kept in memory for years."""
    command = python(module, *arguments)
    os.execv(command[0], command)


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
