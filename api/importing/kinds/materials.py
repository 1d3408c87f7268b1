"""Materials: greige and chemicals that went in, scrap and waste that came out, in kilograms."""

from collections.abc import Mapping, Sequence

from api.calendar import month as month_of
from api.entering import check_batch, check_kg
from api.importing.fields import Field, Holds
from api.importing.parsing import Fault, Row
from api.importing.planning import Ground, Impossible, Plan, Spoken, plan_words, refused
from api.importing.spans import FIELDS as SPAN
from api.importing.spans import span_of

EN, ZH = "Materials", "物料"
KIND = "material"
SORTS: Mapping[str, tuple[str, ...]] = {
    "greige": ("greige", "grey fabric", "gray fabric", "yarn", "坯布", "胚布", "坯", "毛坯",
               "纱线"),
    "chemical": ("chemical", "chemicals", "dye", "dyes", "dyestuff", "auxiliary", "auxiliaries",
                 "salt", "alkali", "染料", "助剂", "染化料", "化学品", "化工料", "元明粉", "纯碱"),
    "scrap": ("scrap", "seconds", "rejects", "次品", "废品", "报废", "废布", "疵布"),
    "waste": ("waste", "sludge", "offcuts", "lint", "废料", "边角料", "废弃物", "污泥", "飞花"),
}  # fmt: skip
"""What a material may be, and what mills call it. Greige and chemicals go in."""
FIELDS = (
    Field("sort", "Sort", "类别", known=("kind", "type", "category", "物料类别", "类型"),
          needed=True, example="greige"),
    Field("material", "Material", "物料名称", known=("name", "item", "品名", "物料", "染化料名称"),
          most=48, example="32s greige"),
    Field("kg", "Mass (kg)", "重量(kg)", Holds.MASS, ("kg", "mass", "weight", "quantity", "净重",
          "重量", "数量", "用量", "公斤"), needed=True, example="1250"),
    Field("batch", "Batch", "缸号", Holds.NAME, ("batch id", "lot", "批号"), most=40),
    *SPAN,
)  # fmt: skip


def plan(rows: Sequence[Row], ground: Ground) -> Plan:
    """What went in and came out, by time, batch and name."""
    return plan_words(KIND, rows, ground, _speak)


def _speak(row: Row, ground: Ground) -> Spoken:
    said = row.said
    sort = next((one for one, names in SORTS.items() if said["sort"].casefold() in names), "")
    faults = refused(row.line, check_kg(said["kg"]))
    if "batch" in said:
        faults += refused(row.line, check_batch(said["batch"]))
    if not sort:
        values = {"choices": ", ".join(f"{one} / {names[-1]}" for one, names in SORTS.items())}
        faults.append(Fault(row.line, "sort", said["sort"], "import-cell-choice", values))
    if faults:
        raise Impossible(*faults)
    first, last = span_of(row)
    body = {name: said.get(name, "") for name in ("material", "batch")}
    body |= {"sort": sort, "kg": said["kg"], "first_day": first, "last_day": last}
    subject = "/".join((first, last, sort, body["batch"], body["material"]))
    return Spoken(subject, month_of(first[:7], ground.plant.timezone)[0], body)
