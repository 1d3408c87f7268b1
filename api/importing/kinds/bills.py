"""Bills of what the mill buys: amount and money of a supply over days, as the seller counted."""

from collections.abc import Sequence
from decimal import Decimal

from api.bills import BILL, UNITS, units_of
from api.calendar import month as month_of
from api.entering import Refusal
from api.importing.fields import Field, Holds
from api.importing.parsing import Fault, Row
from api.importing.planning import Ground, Impossible, Plan, Spoken, plan_words, refused, unknown
from api.importing.spans import FIELDS as SPAN
from api.importing.spans import span_of
from collector.toml_files import nearest

EN, ZH = "Bills", "账单"
FIELDS = (
    Field("supply", "Supply", "供应", Holds.NAME, ("supply id", "account", "户号", "供应编号",
          "来源"), needed=True, most=64, example="grid"),
    Field("amount", "Amount", "用量", Holds.NUMBER, ("quantity", "consumption", "数量", "电量",
          "水量", "气量", "结算量", "计费量"), needed=True, example="182340"),
    Field("unit", "Unit", "单位", known=("计量单位",), needed=True, most=16, example="kWh"),
    Field("money", "Money", "金额", Holds.NUMBER, ("total", "amount due", "cost", "总金额", "电费",
          "水费", "气费", "费用", "金额(元)"), example="127638"),
    Field("currency", "Currency", "币种", known=("货币",), most=3, example="CNY"),
    Field("number", "Bill number", "账单号", Holds.NAME, ("invoice", "invoice no", "发票号",
          "票据号"), most=40, example="2026030117"),
    *SPAN,
)  # fmt: skip


def plan(rows: Sequence[Row], ground: Ground) -> Plan:
    """What was billed, one bill for the same days of a supply."""
    return plan_words(BILL, rows, ground, _speak)


def _speak(row: Row, ground: Ground) -> Spoken:
    said = row.said
    faults = _faults(row, ground)
    if faults:
        raise Impossible(*faults)
    first, last = span_of(row)
    said = said | {"unit": _unit(row)}
    names = ("supply", "amount", "unit", "money", "currency", "number")
    body = {name: said[name] for name in names if name in said}
    body |= {"first_day": first, "last_day": last}
    subject = "/".join((said["supply"], first, last))
    return Spoken(subject, month_of(first[:7], ground.plant.timezone)[0], body)


def _faults(row: Row, ground: Ground) -> list[Fault]:
    said = row.said
    supplies = {one.id: one for plant in ground.plants for one in plant.supplies}
    supply = supplies.get(said["supply"])
    if supply is None:
        near = nearest(said["supply"], sorted(supplies))
        return [unknown(row.line, "supply", said["supply"], near)]
    faults: list[Fault] = []
    units = units_of(supply)
    if _unit(row) not in units:
        values = {"choices": ", ".join(units)}
        faults.append(Fault(row.line, "unit", said["unit"], "import-cell-choice", values))
    for name in ("amount", "money"):
        if not 0 <= Decimal(said.get(name, "0")) < 10**12:
            faults += refused(row.line, [Refusal(name, said[name], "0 or more", "不小于 0")])
    return faults


def _unit(row: Row) -> str:
    """The unit as the house writes it."""
    said = row.said["unit"]
    return UNITS.get(said.casefold(), said)
