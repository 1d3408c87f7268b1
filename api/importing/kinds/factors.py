"""Factors of the mill's own: a supplier's letter, a measurement; each with source and proof."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from api.books.entries import Decision
from api.factor_book import KIND
from api.factor_files import GASES, entered
from api.importing.fields import Field, Holds
from api.importing.parsing import Fault, Row
from api.importing.planning import Ground, Impossible, Plan, Spoken, plan_words, unknown
from collector.toml_files import nearest
from collector.wire.problem import Refused

EN, ZH = "Factors", "排放因子"
CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "views": {"footprint": ("足迹", "产品碳足迹"), "inventory": ("清单", "组织盘查"),
              "inventory footprint": ("both", "二者", "两者", "footprint inventory")},
    "component": {"direct": ("直接", "直接排放"), "upstream": ("上游",),
                  "life_cycle": ("life cycle", "生命周期", "全生命周期"), "calorific": ("热值",)},
    "method": {"location": ("位置", "基于位置"), "market": ("市场", "基于市场")},
    "primary": {"yes": ("是", "y"), "no": ("否", "n")},
}  # fmt: skip
"""Codes, and what they may be called besides."""
_LONG = 300
FIELDS = (
    Field("id", "Factor id", "因子编号", Holds.NAME, ("factor", "id", "因子", "编号"),
          needed=True, most=64, example="own-grid-2025"),
    Field("name_en", "Name", "英文名称", known=("name",), example="Our supplier's electricity"),
    Field("name_zh", "Chinese name", "名称", known=("因子名称",), example="供电公司电力"),
    Field("carrier", "Carrier", "能源介质", known=("能源", "品种", "energy"), needed=True, most=40,
          example="electricity"),
    Field("unit", "Per unit", "单位", known=("unit", "per", "计量单位"), needed=True, most=16,
          example="kWh"),
    Field("views", "Account", "口径", known=("views", "view", "核算口径"), needed=True, most=24,
          example="footprint"),
    Field("component", "Component", "组成", known=("part",), needed=True, most=16,
          example="life_cycle"),
    Field("method", "Method", "电力方法", most=16, example="market"),
    Field("gas", "Gas", "气体", needed=True, most=16, example="CO2e"),
    Field("value", "Value (kg of the gas per unit)", "数值", Holds.NUMBER, ("value", "factor value",
          "因子值", "排放系数", "排放因子"), needed=True, example="0.4213"),
    Field("region", "Region", "地区", most=40),
    Field("data_from", "Data year from", "数据起始日", Holds.DAY, ("data from", "valid from",
          "有效起始日"), needed=True, example="2025-01-01"),
    Field("published", "Published", "发布日期", Holds.DAY, ("published on", "发布日"), needed=True,
          example="2026-01-15"),
    Field("publisher", "Publisher", "发布机构", known=("source", "来源"), needed=True, most=_LONG,
          example="Supplier"),
    Field("document", "Document", "文件", needed=True, most=_LONG, example="Letter of 2026-01-15"),
    Field("source_url", "Where it is found", "出处", known=("url", "address", "网址"), needed=True,
          most=_LONG, example="file 12, accounting"),
    Field("confidence", "Confidence", "可信度", needed=True, most=40, example="confirmed"),
    Field("licence", "Licence", "许可", most=_LONG),
    Field("gwp_set", "Warming potentials", "GWP 版本", most=16, example="AR6"),
    Field("primary", "Primary data", "初级数据", most=4, example="yes"),
    Field("evidence", "Evidence file", "证明文件", known=("proof", "证据"), needed=True, most=200,
          example="letter.pdf"),
    Field("notes", "Notes", "备注", most=_LONG),
)  # fmt: skip


def plan(rows: Sequence[Row], ground: Ground) -> Plan:
    """What is said of factors; all rows beside what stands, so that no two claim one place."""
    found = plan_words(KIND, rows, ground, partial(_speak, _known(ground)))
    if found.bad:
        return found
    own = dict(ground.factors.standing())
    own |= {
        step.word.subject: step.word.body for step in found.steps if isinstance(step.word, Decision)
    }
    try:
        ground.factors.beside(own.values())
    except Refused as fault:
        lines = {str(step.said["id"]): step.line for step in found.steps}
        first = found.steps[0].line
        clashes = [
            Fault(lines.get(one.where, first), "id", one.where, one.code, dict(one.values))
            for one in fault.problems
        ]
        return Plan(found.steps, clashes)
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """What every row is held against: ids and units of the catalogue's files, and proofs."""

    ids: frozenset[str]
    units: Mapping[str, frozenset[str]]
    proofs: Mapping[str, str]


def _known(ground: Ground) -> _Known:
    factors, units = ground.factors.files.factors, defaultdict[str, set[str]](set)
    for one in factors:
        units[one.carrier].add(one.unit)
    return _Known(
        frozenset(one.id for one in factors),
        {carrier: frozenset(some) for carrier, some in units.items()},
        ground.books.proofs.named(),
    )


def _speak(known: _Known, row: Row, ground: Ground) -> Spoken:
    said = dict(row.said)
    faults = [fault for name in CHOICES if name in said for fault in _choose(row.line, said, name)]
    faults += _of_basis(row, known)
    if said["id"] in known.ids:
        why, why_zh = "an id that no row of the catalogue's files has", "目录文件中没有的编号"
        values = {"why": why, "why_zh": why_zh}
        faults.append(Fault(row.line, "id", said["id"], "import-refused", values))
    if said["evidence"] not in known.proofs:
        values = {"name": said["evidence"]}
        faults.append(
            Fault(row.line, "evidence", said["evidence"], "import-factor-unproved", values)
        )
    if faults:
        raise Impossible(*faults)
    body = said | {"region": said.get("region", ground.plant.place)}
    body |= {"value_unit": f"kg{said['gas']}/{said['unit']}"}
    body |= {"evidence": f"{said['evidence']} sha256:{known.proofs[said['evidence']]}"}
    try:
        entered(body)
    except ValueError as fault:
        values = {"why": str(fault)}
        raise Impossible(Fault(row.line, "id", said["id"], "bad-factor", values)) from None
    return Spoken(said["id"], ground.now, body)


def _choose(line: int, said: dict[str, str], name: str) -> list[Fault]:
    """Put the code in the place of what it is called."""
    for code, names in CHOICES[name].items():
        if said[name].casefold() in (code, *names):
            said[name] = code
            return []
    values = {"choices": ", ".join(CHOICES[name])}
    return [Fault(line, name, said[name], "import-cell-choice", values)]


def _of_basis(row: Row, known: _Known) -> list[Fault]:
    """A carrier that is known, per a unit in which it is priced, of a gas that can be summed."""
    carrier, unit = row.said["carrier"], row.said["unit"]
    units = known.units.get(carrier, frozenset())
    if not units:
        near = nearest(carrier, sorted(known.units))
        return [unknown(row.line, "carrier", carrier, near)]
    if unit not in units:
        values = {"choices": ", ".join(sorted(units))}
        return [Fault(row.line, "unit", unit, "import-cell-choice", values)]
    gas = row.said["gas"]
    if gas not in (*GASES, "GJ"):
        values = {"choices": ", ".join(GASES)}
        return [Fault(row.line, "gas", gas, "import-cell-choice", values)]
    return []
