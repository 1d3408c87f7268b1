"""`millprint verify`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.toml_files import say
from millprint.commands.manner import FAULT, SERVER, Folder, Language, need, progress, said

if TYPE_CHECKING:
    from millprint.verification import Verdict

_SOUND = {
    "en": "Nothing was changed: {records} records of {epochs} epochs, and {seals} seals through "
    "{through}.",
    "zh": "未发现改动：{epochs} 个序列共 {records} 条记录，{seals} 份封存（至 {through}）。",
}
_FOUND = {
    "en": "{findings} findings among {records} records of {epochs} epochs and {seals} seals "
    "through {through}. Above, the first of each place.",
    "zh": "在 {epochs} 个序列共 {records} 条记录、{seals} 份封存（至 {through}）中"
    "发现 {findings} 处问题。以上为各处最先出现者。",
}
_HELD = {
    "en": "{held} seals that others hold were compared.",
    "zh": "已与他人持有的 {held} 份封存比对。",
}
_NOT_HELD = {
    "en": "No seal that somebody else holds was given (--against): that the whole site was set "
    "back cannot be seen from the site alone.",
    "zh": "未提供他人持有的封存（--against）：仅凭本站数据无法发现整站被恢复为旧版本。",
}
_KEY = {"en": "Public key of the seals: {key}", "zh": "封存公钥：{key}"}


def verify(
    config: Folder = Path(),
    against: Annotated[
        list[Path] | None,
        typer.Option(help="A seal that somebody else holds, or a folder of them; repeatable."),
    ] = None,
    public_key: Annotated[
        list[str] | None, typer.Option(help="A key that is known to be the site's; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    lang: Language = "en",
) -> None:
    """Whether readings, books and configuration still are what was received and sealed."""
    need(*SERVER)
    from millprint.verification import verify as look

    with said(lang), progress() as bar:
        task = bar.add_task("0", total=None)

        def tell(done: int, whole: int) -> None:
            bar.update(task, completed=done, total=whole, description=f"{done} / {whole}")

        verdict = look(config, against or [], public_key or [], tell)
    if as_json:
        print(json.dumps(_json(verdict), ensure_ascii=False, indent=1))
    else:
        _print(verdict, lang)
    if verdict.findings:
        raise typer.Exit(FAULT)


def _print(verdict: "Verdict", lang: str) -> None:
    for problem in verdict.findings:
        print(say(problem, lang) + "\n", file=sys.stderr)
    values = {
        "records": verdict.records,
        "epochs": verdict.epochs,
        "seals": verdict.seals,
        "through": verdict.through or "-",
        "held": verdict.held,
        "findings": len(verdict.findings),
        "key": verdict.keys[-1] if verdict.keys else "-",
    }
    for words in (
        _FOUND if verdict.findings else _SOUND,
        _HELD if verdict.held else _NOT_HELD,
        _KEY,
    ):
        print(words[lang].format_map(values))


def _json(verdict: "Verdict") -> dict[str, object]:
    from api.assemble import problem_body

    return {
        "records": verdict.records,
        "epochs": verdict.epochs,
        "seals": verdict.seals,
        "through": verdict.through,
        "held": verdict.held,
        "keys": list(verdict.keys),
        "findings": [problem_body(problem) for problem in verdict.findings],
    }
