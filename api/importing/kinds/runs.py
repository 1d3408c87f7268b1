"""Runs that no PLC shows: which batch was on which machine, and when."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from api.entering import (
    Change,
    Draft,
    Refusal,
    addition,
    check,
    check_change,
    correction,
    said_otherwise,
    same,
)
from api.importing.fields import Field, Holds
from api.importing.parsing import Fault, Row
from api.importing.planning import Body, Ground, Plan, Step, refused
from api.ledger.corrections import Stated
from collector.wire.reading import parse_stamp, stamp

EN, ZH = "Runs", "机台生产记录"
FIELDS = (
    Field("machine", "Machine", "机台", Holds.NAME, ("machine id", "机台号", "设备", "机器", "机号",
          "缸台", "设备编号"), needed=True, most=64, example="jet-07"),
    Field("batch", "Batch", "缸号", Holds.NAME, ("batch id", "batch no", "lot", "批号", "批次号"),
          needed=True, most=40, example="002409"),
    Field("process", "Process", "工序", known=("工艺", "工序名称"), most=64,
          example="dyeing-exhaust"),
    Field("start", "Start", "开始时间", Holds.TIME, ("from", "begin", "start time", "开始",
          "进缸时间", "入缸时间", "上机时间"), needed=True, example="2026-03-01 08:30"),
    Field("end", "End", "结束时间", Holds.TIME, ("to", "end time", "结束", "出缸时间", "下机时间",
          "完成时间"), example="2026-03-01 14:05"),
    Field("kg", "Mass (kg)", "重量(kg)", Holds.MASS, ("kg", "mass", "weight", "净重", "重量",
          "公斤", "投坯重量"), example="478.5"),
)  # fmt: skip


def plan(rows: Sequence[Row], ground: Ground) -> Plan:
    """What would be entered of runs; rows of which two cannot both be are bad."""
    known = ground.books.runs.stated_of({row.said["batch"] for row in rows})
    twice = _Twice()
    steps: list[Step] = []
    bad: list[Fault] = []
    for row in rows:
        draft = draft_of(row.said)
        found = check(ground.plant, draft, ground.now) + twice.refuses(draft, row.line)
        was = same(known.get(draft.batch, ()), draft)
        if was is not None:
            found += check_change(was, said_otherwise(was, draft), ground.now)
        if found:
            bad += refused(row.line, found)
        else:
            steps.append(_step(row, draft, was, ground))
    return Plan(steps, bad + _clashing(steps, ground))


def draft_of(said: Body) -> Draft:
    """What a row says of a run."""
    end = said.get("end")
    return Draft(
        machine=str(said["machine"]),
        batch=str(said["batch"]),
        process=said.get("process") or "",
        start=parse_stamp(str(said["start"])),
        end=parse_stamp(end) if end else None,
        kg=said.get("kg"),
        source="csv",
    )


def _step(row: Row, draft: Draft, was: Stated | None, ground: Ground) -> Step:
    if was is None:
        word = addition(ground.plant, draft, ground.by, ground.now)
        return Step(row.line, "new", row.said, {}, word)
    change = said_otherwise(was, draft)
    if change == Change():
        return Step(row.line, "same", row.said, {}, None)
    before = {
        "process": was.run.process,
        "end": None if was.run.going_on else stamp(was.run.end),
        "kg": was.kg,
    }
    other = {name: text for name, text in before.items() if getattr(change, name) is not None}
    word = correction(was, change, ground.by, "csv", ground.now)
    return Step(row.line, "changed", row.said, other, word)


def _clashing(steps: Sequence[Step], ground: Ground) -> list[Fault]:
    """Rows that contradict what people said before, or each other."""
    own = [step for step in steps if step.word is not None]
    first = ground.books.run_entries.next_number()
    entries = [step.word for step in own]
    found = []
    for entry, other in ground.bookkeeper.clashes(entries):  # type: ignore[arg-type]
        step = own[entry.number - first]
        until = "" if other.run.going_on else stamp(other.run.end)
        values = {
            "machine": entry.machine,
            "batch": other.run.batch,
            "from": stamp(other.run.start),
            "until": until or "now",
            "run": other.id,
        }
        found.append(Fault(step.line, "start", str(step.said["start"]), "import-clash", values))
    return found


class _Twice:
    """What two lines of a file cannot both say."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str, datetime], int] = {}
        self._masses: dict[str, tuple[Decimal, int]] = {}

    def refuses(self, draft: Draft, line: int) -> list[Refusal]:
        """What a line says that an earlier one says already, or otherwise."""
        key = (draft.machine, draft.batch, draft.start)
        found = []
        if self._runs.setdefault(key, line) != line:
            allowed = f"each run once; line {self._runs[key]} has it already"
            allowed_zh = f"每个运行只写一次；第 {self._runs[key]} 行已有"
            found.append(Refusal("start", draft.start.isoformat(), allowed, allowed_zh))
        if draft.kg is not None:
            mass, first = self._masses.setdefault(draft.batch, (Decimal(draft.kg), line))
            if mass != Decimal(draft.kg):
                allowed = f"one mass for a batch; line {first} says {mass:f}"
                allowed_zh = f"一个批次一个重量；第 {first} 行为 {mass:f}"
                found.append(Refusal("kg", draft.kg, allowed, allowed_zh))
        return found
