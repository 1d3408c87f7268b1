"""`millprint demo`."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from collector.toml_files import SHIPPED
from millprint.commands.manner import FAULT, SERVER, need, progress, said


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
    full: Annotated[
        bool, typer.Option("--full", help="The whole mill, with some days behind it.")
    ] = False,
    days: Annotated[int, typer.Option(help="With --full: days of history.", min=0, max=60)] = 1,
    keep: Annotated[
        Path | None, typer.Option(help="Keep it in this folder, and go on there next time.")
    ] = None,
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
    need(*SERVER, "amqtt")
    from millprint.demo import play
    from millprint.demo.mill_file import load
    from millprint.demo.stage import Casting

    drawn = play.new_seed() if seed is None else seed
    if full:
        mill = SHIPPED / "demo" / "full.toml"
    with said():
        casting = Casting(
            mill_file=mill,
            mill=load(mill),
            days=days if full and not once else 0,
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
            _demo_on(casting, keep)


def _demo_once(casting: Any, json_file: Path | None) -> None:
    from millprint.demo import play

    print(f"Demo mill, seed {casting.seed}.")
    with progress() as bar:
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
        raise typer.Exit(FAULT)
    meters = len(outcome.document["meters"])
    print(f"All agree; {meters} meters balance exactly.")


def _demo_on(casting: Any, kept: Path | None) -> None:
    from millprint.demo import play
    from millprint.demo.clerk import Clerk, at_work
    from millprint.demo.kept import resumed
    from millprint.demo.stage import Stage
    from millprint.installation import opened
    from millprint.roots.house import keep

    folder = kept.absolute() if kept else Path(tempfile.mkdtemp(prefix="millprint-demo-"))
    casting = resumed(folder, casting) if kept else casting
    with opened(Stage(folder, casting), keep=kept is not None) as stage:
        clerk = Clerk(casting.mill, stage)
        if stage.has_past:
            _make_past(stage, clerk)
        broker = "Mosquitto" if stage.mosquitto else "the built-in broker (MQTT 3.1.1)"
        print(f"The demo mill runs, {casting.speed:g} times as fast as a real one, over {broker}.")
        print(f"\n  Dashboard   {play.page_address(stage)}")
        print(f"  API         http://127.0.0.1:{stage.port}/docs    key {stage.key}")
        print(f"  Its files   {folder}\n\nCtrl-C ends it", end="")
        print(
            "; it goes on there next time." if kept else " and leaves nothing behind.", flush=True
        )
        with at_work(clerk):
            code = keep(stage.household)
    if code:
        raise typer.Exit(code)


def _make_past(stage: Any, clerk: Any) -> None:
    from millprint.demo import past

    with progress() as bar:
        task = bar.add_task("starting", total=None)
        for at in past.make(stage, clerk):
            bar.update(task, completed=at.done, total=at.whole, description=at.said)
