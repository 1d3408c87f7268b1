"""Spans: the days that a row is about: a month, a day, or from a first to a last one."""

from calendar import monthrange
from datetime import date

from api.importing.fields import Field, Holds
from api.importing.parsing import Fault, Row
from api.importing.planning import Impossible

FIELDS = (
    Field("month", "Month", "月份", Holds.MONTH, ("period", "账期", "期间", "年月", "所属月份"),
          example="2026-03"),
    Field("day", "Day", "日期", Holds.DAY, ("date", "入库日期", "领用日期", "记账日期")),
    Field("first_day", "First day", "开始日期", Holds.DAY, ("from", "start", "起始日期", "开始",
          "抄表起日", "起日")),
    Field("last_day", "Last day", "结束日期", Holds.DAY, ("to", "end", "until", "截止日期", "结束",
          "抄表止日", "止日")),
)  # fmt: skip


def span_of(row: Row) -> tuple[str, str]:
    """First and last day that a row is about, both included; `Impossible` where it says none."""
    said = row.said
    if "first_day" in said and "last_day" in said:
        first, last = said["first_day"], said["last_day"]
    elif "month" in said:
        year, month = (int(part) for part in said["month"].split("-"))
        first = f"{said['month']}-01"
        last = date(year, month, monthrange(year, month)[1]).isoformat()
    elif "day" in said:
        first = last = said["day"]
    else:
        raise Impossible(Fault(row.line, "month", "", "import-period"))
    if last < first:
        values = {"why": f"not before the first day, {first}", "why_zh": f"不早于首日 {first}"}
        raise Impossible(Fault(row.line, "last_day", last, "import-refused", values))
    return first, last
