"""Readings of meters that somebody took by hand: registers as they stood."""

from collections.abc import Sequence
from decimal import Decimal

from api.entering import Refusal
from api.importing.fields import Field, Holds
from api.importing.parsing import Fault, Row
from api.importing.planning import Ground, Impossible, Plan, Spoken, plan_words, refused, unknown
from collector.toml_files import nearest
from collector.wire.reading import parse_stamp, stamp

EN, ZH = "Meter readings", "抄表"
KIND = "hand-reading"
FIELDS = (
    Field("meter", "Meter", "仪表", Holds.NAME, ("device.point", "meter id", "表号", "仪表编号",
          "电表", "水表", "气表", "计量点"), needed=True, most=100,
          example="main-1.energy_import_kwh"),
    Field("at", "Read at", "抄表时间", Holds.TIME, ("time", "date", "read on", "时间", "日期",
          "抄表日期"), needed=True, example="2026-03-31 08:00"),
    Field("value", "Register", "读数", Holds.NUMBER, ("reading", "register", "index", "示数",
          "表底", "本次读数", "抄见数"), needed=True, example="50360.4"),
)  # fmt: skip


def plan(rows: Sequence[Row], ground: Ground) -> Plan:
    """What registers showed; the same meter at the same time once."""
    return plan_words(KIND, rows, ground, _speak)


def _speak(row: Row, ground: Ground) -> Spoken:
    said = row.said
    at = parse_stamp(said["at"])
    meters = {ref for plant in ground.plants for ref in plant.carrier_of()}
    faults: list[Fault] = []
    if said["meter"] not in meters:
        near = nearest(said["meter"], sorted(meters))
        faults.append(unknown(row.line, "meter", said["meter"], near))
    if at > ground.now:
        now = stamp(ground.now)
        late = Refusal("at", said["at"], f"not in the future: it is {now}", f"不晚于现在 {now}")
        faults += refused(row.line, [late])
    if not 0 <= Decimal(said["value"]) < 10**15:
        faults += refused(
            row.line,
            [Refusal("value", said["value"], "from 0 on, below 1e15", "不小于 0、小于 1e15")],
        )
    if faults:
        raise Impossible(*faults)
    return Spoken(f"{said['meter']} {said['at']}", at, {name: said[name] for name in said})
