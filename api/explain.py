"""Explain: a footprint's derivation, from kilograms back to register readings."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from api.assemble import plain
from api.derivation import Derivation, Piece
from api.explain_words import WORDS
from api.ledger.accounts import Posting
from api.ledger.lines import Line, whole_of
from api.words import word
from collector.wire.reading import stamp
from gateway.intervals import Measured, RegisterAt, Step


def explain_body(
    found: Derivation,
    lines: Sequence[Line],
    body: dict[str, Any],
    history: Sequence[Any],
    lang: str,
) -> dict[str, Any]:
    """The derivation of a footprint as JSON and as text.

    Args:
        found: The tally, and what it was made from.
        lines: Its lines, in the order of the footprint.
        body: The footprint.
        history: Its revisions: number, when, why, from how much to how much.
        lang: ``en`` or ``zh``, of the text.
    """
    told = [_told(line, body_line(body, str(place)), found) for place, line in enumerate(lines)]
    for one in told:
        one["sentence"] = _sentence(one, lang)
    derivation = {
        "batch": body["batch"],
        "revision": body["revision"],
        "status": body["status"],
        "lines": told,
        "windows": [_window(one) for one in _windows(found)],
        "factors": body["factors"],
        "genealogy": body.get("genealogy", []),
        "revisions": list(history),
    }
    return derivation | {"text": _text(body, derivation, lang)}


def body_line(body: dict[str, Any], name: str) -> dict[str, Any]:
    """A line of a footprint by its id."""
    found = [line for run in body["runs"] for line in run["lines"]] + body["idle"]
    return dict(next(line for line in found if line["id"] == name))


def _told(line: Line, told: dict[str, Any], found: Derivation) -> dict[str, Any]:
    registers: list[dict[str, Any]] = []
    if line.rule not in ("distribution-loss", "declared"):
        used_by = found.tally.origin_of(line)
        for piece in (one for one in found.pieces if one.batch == used_by):
            for meter in line.meter.split(", "):
                own = _postings(line, piece, meter)
                registers += _registers(piece.measured[meter], own) if own else []
    told |= {"machine": line.run.machine, "idle": line.idle, "register": registers}
    return told | _handed(line, found) if found.tally.events else told


def _handed(line: Line, found: Derivation) -> dict[str, Any]:
    """Whose line it was, and what of it came with the kilograms (rule 21)."""
    whole = whole_of(line, found.used).amount
    part = line.amount / whole if whole else Decimal(1)
    return {
        "handed": {
            "batch": line.run.batch,
            "used": plain(whole),
            "part": f"{part.quantize(Decimal('0.0001')):f}",
        }
    }


def _postings(line: Line, piece: Piece, meter: str) -> list[Posting]:
    kind = "standby" if line.idle else "run"
    if line.rule == "unmetered-share":
        kind = "unmetered"
    return [
        posting
        for posting in piece.attribution.postings
        if posting.meter == meter
        and posting.account.run == line.run
        and posting.account.kind == kind
        and posting.carrier == line.carrier
        and (posting.rule == line.rule or line.utility)
    ]


def _registers(measured: Measured, postings: Sequence[Posting]) -> list[dict[str, Any]]:
    """The register at both ends of each unbroken stretch of a line's postings."""
    marks = {mark.at: mark for mark in measured.marks}
    stretches: list[list[Posting]] = []
    for posting in sorted(postings, key=lambda one: one.start):
        if stretches and stretches[-1][-1].end == posting.start:
            stretches[-1].append(posting)
        else:
            stretches.append([posting])
    return [_stretch(measured, marks, own) for own in stretches]


def _stretch(
    measured: Measured, marks: dict[datetime, RegisterAt], own: Sequence[Posting]
) -> dict[str, Any]:
    start, end = marks[own[0].start], marks[own[-1].end]
    whole, carried = end.total - start.total, sum((one.amount for one in own), Decimal(0))
    return {
        "meter": measured.counter.ref,
        "unit": measured.counter.unit,
        "start": _mark(start),
        "end": _mark(end),
        "difference": plain(whole),
        "carried": plain(carried),
        "weight": f"{(carried / whole).quantize(Decimal('0.0001')):f}" if whole else "1",
        "slots": len(own),
    }


def _mark(mark: RegisterAt) -> dict[str, Any]:
    """A register's value at an instant, as its face would show it there."""
    wraps = mark.before.total - mark.before.shown if mark.before else Decimal(0)
    return {
        "at": stamp(mark.at),
        "value": plain(mark.total - wraps),
        "before": _step(mark.before),
        "after": _step(mark.after),
    }


def _step(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {"at": stamp(step.at), "value": plain(step.shown), "quality": "good"}


def _windows(found: Derivation) -> list[Any]:
    """Balancing windows of the utilities behind the lines."""
    names = {line.utility for line in found.tally.lines if line.utility}
    windows = {
        (one.utility, one.makes, one.window): one
        for piece in found.pieces
        for one in piece.attribution.windows
        if one.utility in names
    }
    return list(windows.values())


def _window(one: Any) -> dict[str, Any]:
    return {
        "utility": one.utility,
        "makes": one.makes,
        "start": stamp(one.window.start),
        "end": stamp(one.window.end),
        "closed": one.window.closed,
        "inputs": {meter: plain(amount) for meter, amount in one.inputs.items()},
        "output": None if one.output is None else plain(one.output),
        "taken": plain(one.taken),
        "lost": plain(one.lost),
    }


def _sentence(line: dict[str, Any], lang: str) -> str:
    words: dict[str, Any] = WORDS[lang]
    emitted = words["unpriced"] if line["kgco2e"] is None else f"{line['kgco2e']} kgCO2e"
    priced = words["priced"].format_map(line) if line["factor"] else ""
    rule = words["rules"].get(line["rule"].partition(":")[0], line["rule"])
    carrier = word("carrier", line["carrier"], lang) if lang == "zh" else line["carrier"]
    said = line | {"rule": rule, "priced": priced, "emitted": emitted, "carrier": carrier}
    return str(words["line"].format_map(said))


def _text(body: dict[str, Any], derivation: dict[str, Any], lang: str) -> str:
    words, total = WORDS[lang], body["total"]
    status = word("status", body["status"], lang) if lang == "zh" else body["status"]
    said = [words["head"].format_map(body | {"status": status, "kgco2e": total["kgco2e"]})]
    if total["kgco2e_per_kg"]:
        said[0] += words["per_kg"].format_map(body | total)
    said += [_event_text(one, words) for one in derivation["genealogy"]]
    said.append("")
    for line in derivation["lines"]:
        said += _line_text(line, words)
    said.append("")
    said += [words["window"].format_map(one) for one in derivation["windows"]]
    said += [words["factor"].format_map(one) for one in body["factors"]]
    said += [words["revision"].format_map(one) for one in derivation["revisions"]]
    said += [
        words["problem"].format_map(one | {"text": one[f"text_{lang}"]}) for one in body["problems"]
    ]
    return "\n".join(said)


def _event_text(event: dict[str, Any], words: dict[str, Any]) -> str:
    to = ", ".join(words["heir"].format_map(one | {"kg": one["kg"] or "-"}) for one in event["to"])
    told = {"from": ", ".join(event["from"]), "to": to or "-"}
    return str(words["kinds"][event["kind"]].format_map(event | told))


def _line_text(line: dict[str, Any], words: dict[str, Any]) -> list[str]:
    said = [f"{line['machine']}{words['idle'] if line['idle'] else ''}  {line['sentence']}"]
    if "handed" in line:
        said.append(words["handed"].format_map(line["handed"] | {"unit": line["unit"]}))
    for one in line["register"]:
        said += [
            _register_text(one["start"], one["unit"], words),
            _register_text(one["end"], one["unit"], words),
            words["difference"].format_map(one),
        ]
    said.append(words["quality"].format_map(line["quality"]))
    if "readings" in line:
        said.append(words["readings"].format_map(line["readings"]))
    said += [
        words["input"].format_map(
            one | {"by": one["factor"] or words["no_factor"], "kg": one["kgco2e"] or "-"}
        )
        for one in line["inputs"]
    ]
    return said


def _register_text(mark: dict[str, Any], unit: str, words: dict[str, Any]) -> str:
    steps = [step for step in (mark["before"], mark["after"]) if step is not None]
    around = words["and"].join(f"{step['value']} ({step['at']})" for step in steps)
    return str(words["register"].format_map(mark | {"unit": unit, "around": around}))
