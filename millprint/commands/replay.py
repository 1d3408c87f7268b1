"""`millprint replay`."""

import json
import sys
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console
from rich.table import Table

from collector import profile_files
from collector.durations import milliseconds
from collector.toml_files import SHIPPED
from collector.wire.problem import Problem, Refused
from millprint.commands.manner import FAULT, SERVER, Language, need, progress, said
from millprint.replay.recording import Asked, Recording, read_recording

_SHOWN = 10


def replay(  # noqa: PLR0913 - each is an option of the command
    file: Annotated[Path, typer.Argument(help="A CSV file with a heading.")],
    column: Annotated[str, typer.Option(help="Heading of the column that is replayed.")],
    profile: Annotated[
        str, typer.Option(help="Meter model; see millprint collector profiles.")
    ] = "acrel-adl400",
    point: Annotated[str, typer.Option(help="Its counter; default: energy taken.")] = "",
    timezone: Annotated[str, typer.Option(help="Of times that name none.")] = "UTC",
    time: Annotated[str, typer.Option(help="Heading of the times; default: the first.")] = "",
    time_format: Annotated[
        str, typer.Option(help="As strptime reads it; default: found out.")
    ] = "",
    every: Annotated[str, typer.Option(help="Step, such as 15min; default: found out.")] = "",
    registers: Annotated[
        bool, typer.Option("--registers", help="The column holds registers, not amounts.")
    ] = False,
    unit: Annotated[str, typer.Option(help="The column's unit; default: the point's.")] = "",
    region: Annotated[str, typer.Option(help="Region of the plant, for the pages.")] = "CN",
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write what came back there.")
    ] = None,
    stay: Annotated[
        bool, typer.Option("--stay", help="Keep the pages running afterwards, until Ctrl-C.")
    ] = False,
    port: Annotated[int, typer.Option(help="Of the pages; 0 for a free one.")] = 0,
    built_in_broker: Annotated[
        bool, typer.Option("--built-in-broker", help="Even where Mosquitto is installed.")
    ] = False,
    lang: Language = "en",
) -> None:
    """A recorded load behind a meter's registers: polled, sent, stored, and compared with the file.

    A meter of the model is served on a real Modbus socket, the real collector polls it on the
    recording's own clock, and every interval is read back over HTTP.
    """
    need(*SERVER, "amqtt")
    from millprint.installation import opened
    from millprint.replay import play
    from millprint.replay.comparison import document, read_back

    with said(lang):
        found = profile_files.load(profile, (SHIPPED / "profiles",), "--profile")
        counter = play.counter_of(found, point)
        recording = read_recording(
            file,
            Asked(
                column=column,
                point=counter.name,
                zone=_zone(timezone),
                time=time,
                time_format=time_format,
                every=timedelta(milliseconds=milliseconds(every)) if every else None,
                registers=registers,
                unit=unit,
            ),
        )
        part = play.Part(recording, found, counter, region, port, built_in_broker)
        _say(recording, part)
        folder = Path(tempfile.mkdtemp(prefix="millprint-replay-"))
        with opened(play.Replay(folder, part)) as running:
            with progress() as bar:
                task = bar.add_task("replaying", total=len(recording.marks))
                play.until_stored(running, lambda count: bar.update(task, completed=count))
            verdict = read_back(running)
            if json_file is not None:
                text = json.dumps(document(running, verdict), indent=1)
                json_file.write_text(text + "\n", encoding="utf-8")
            _tell(verdict)
            if stay:
                _stay(running)
    if not verdict.agrees:
        raise typer.Exit(FAULT)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        why = "a name such as Asia/Shanghai"
        values = {"value": name, "why": why}
        raise Refused(Problem("wrong-value", "--timezone", values=values)) from None


def _say(recording: Recording, part: Any) -> None:
    """How the file was understood, and what of it was not."""
    mapping, marks = recording.mapping, recording.marks
    midnight = ", 00:00 ends the day that it names" if mapping.midnight_ends_day else ""
    print(
        f"{len(marks) - 1} intervals of {mapping.every}, {marks[0][0]:%Y-%m-%d %H:%M}Z to "
        f"{marks[-1][0]:%Y-%m-%d %H:%M}Z (times in {mapping.zone.key}{midnight})\n"
        f"as {part.point.name} of {part.profile.title}, polled every "
        f"{timedelta(milliseconds=recording.poll_every_ms)}"
    )
    for bad in recording.bad[:_SHOWN]:
        print(f"line {bad.line} is left out: {bad.why}: {bad.text}", file=sys.stderr)
    if len(recording.bad) > _SHOWN:
        print(f"and {len(recording.bad) - _SHOWN} lines more", file=sys.stderr)


def _tell(verdict: Any) -> None:
    unit, places = verdict.unit, Decimal("0.01")
    table = Table(show_footer=True)
    whole = verdict.whole
    table.add_column("month", "all")
    for heading, footer in (
        ("intervals", str(whole.intervals)),
        (f"file, {unit}", f"{whole.file.quantize(places):,}"),
        (f"read back, {unit}", f"{whole.journal.quantize(places):,}"),
        ("difference", str((whole.journal - whole.file).quantize(places))),
    ):
        table.add_column(heading, footer, justify="right")
    for one in verdict.months:
        table.add_row(
            one.name,
            str(one.intervals),
            f"{one.file.quantize(places):,}",
            f"{one.journal.quantize(places):,}",
            str((one.journal - one.file).quantize(places)),
        )
    Console().print(table)
    if verdict.agrees:
        print("Every interval came back.")
    else:
        print(
            f"{verdict.missing} readings are missing; {verdict.differ} intervals differ.",
            file=sys.stderr,
        )


def _stay(running: Any) -> None:
    from millprint.roots.house import keep

    print(f"\n  Dashboard   http://127.0.0.1:{running.port}/#key={running.key}")
    print("\nCtrl-C ends it and leaves nothing behind.", flush=True)
    keep(running.household)
