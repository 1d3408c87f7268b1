"""`millprint doctor`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from millprint.commands.manner import FAULT, SERVER, Folder, Language, need, progress, said, tell

_SOUND = {"en": "{count} examinations, and nothing is wrong.", "zh": "{count} 项检查，一切正常。"}
_FOUND = {"en": "{count} findings.", "zh": "发现 {count} 处问题。"}


def doctor(
    config: Folder = Path(),
    bundle: Annotated[
        Path | None,
        typer.Option(help="Also write a file for those who help from afar; no secret is in it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    lang: Language = "en",
) -> None:
    """Look an installation over: each finding with what to do. Best said as the service's user.

    Disk, clock, memory, certificates, permissions, databases, broker, server, meters, backups,
    seals.
    """
    need(*SERVER)
    from api.assemble import problem_body
    from collector.clock import SystemClock
    from millprint.doctor import bundle as bundles
    from millprint.doctor.examinations import examine, names
    from millprint.doctor.premises import look

    premises = look(config, datetime.now(UTC), SystemClock().state())
    with progress() as bar:
        task = bar.add_task("", total=len(names()))
        found = examine(premises, lambda name: bar.update(task, advance=1, description=name))
    if as_json:
        print(json.dumps([problem_body(one) for one in found], ensure_ascii=False, indent=1))
    else:
        tell(found, lang)
        words = _FOUND if found else _SOUND
        print(words[lang].format(count=len(found) or len(names())))
    if bundle is not None:
        with said(lang):
            inside = bundles.write(premises, found, bundle)
        if not as_json:
            print(f"{bundle}:", *inside, sep="\n  ")
    if found:
        raise typer.Exit(FAULT)
