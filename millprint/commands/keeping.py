"""`millprint backup` and `millprint restore`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from collector.wire.problem import Problem, Refused
from millprint.commands.manner import SERVER, Folder, Language, need, progress, said

PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="A file whose first line seals the backup."),
]


def backup(
    file: Annotated[Path, typer.Argument(help="The file that is made.")],
    config: Folder = Path(),
    passphrase_file: PassphraseFile = None,
    lang: Language = "en",
) -> None:
    """All of a site in one file, while it runs: configuration, journal, books, seals and their key.

    Without --passphrase-file it holds the key of the seals in the clear: keep it as you keep keys.
    """
    need(*SERVER)
    from millprint.keeping.backup import back_up

    with said(lang), progress() as bar:
        task = bar.add_task("", total=None)

        def tell(name: str, done: int, whole: int) -> None:
            bar.update(task, completed=done, total=whole, description=name)

        manifest = back_up(config, file, datetime.now(UTC), _passphrase(passphrase_file), tell)
    size = file.stat().st_size / 10**6
    print(f"{file}: {len(manifest.entries)} files, {size:.1f} MB, proved.")
    for one in manifest.reaches:
        print(f"  {one.collector}, epoch {one.epoch[:8]}: through number {one.through}")


def restore(
    file: Annotated[Path, typer.Argument(help="What millprint backup made.")],
    config: Folder = Path(),
    passphrase_file: PassphraseFile = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only prove it, and say where its files would go.")
    ] = False,
    lang: Language = "en",
) -> None:
    """Put a site back from a backup. Nothing that exists is overwritten.

    What was delivered after the backup is missing from the journal then: collectors are asked for
    it again, and what they no longer have is reported as a gap.
    """
    need(*SERVER)
    from millprint.keeping.restore import restore as put_back

    with said(lang), progress() as bar:
        task = bar.add_task("proving", total=None)
        manifest, places = put_back(
            file,
            config,
            _passphrase(passphrase_file),
            lambda done, whole: bar.update(task, completed=done, total=whole),
            dry_run=dry_run,
        )
    if dry_run:
        print(*places, sep="\n")
    done = "would be put" if dry_run else "are"
    print(f"The {len(places)} files of {manifest.made} {done} in place.")
    for one in manifest.reaches:
        print(f"  {one.collector}, epoch {one.epoch[:8]}: through number {one.through}")


def _passphrase(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        first = file.read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, UnicodeError, IndexError) as fault:
        values = {"why": str(fault)}
        raise Refused(Problem("file-unreadable", str(file), values=values)) from fault
    if not first:
        values = {"why": "its first line is empty"}
        raise Refused(Problem("file-unreadable", str(file), values=values))
    return first
