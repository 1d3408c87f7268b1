"""Batches as the mill's own system has them: article, colour, order, accepted mass."""

from collections.abc import Sequence

from api.books.batches import KIND
from api.entering import check_batch, check_kg
from api.importing.fields import Field, Holds
from api.importing.parsing import Row
from api.importing.planning import Ground, Impossible, Plan, Spoken, plan_words, refused

EN, ZH = "Batches", "批次"
FIELDS = (
    Field("batch", "Batch", "缸号", Holds.NAME, ("batch id", "batch no", "lot", "lot no", "dye lot",
          "批号", "批次", "批次号", "缸次", "卡号", "流转卡号", "缸号(批号)"), needed=True, most=40,
          example="002409"),
    Field("article", "Article", "品名", known=("product", "style", "fabric", "quality", "品种",
          "产品", "产品名称", "布种", "坯布品名", "面料", "款号", "织物"),
          example="32s single jersey"),
    Field("colour", "Colour", "颜色", known=("color", "shade", "色号", "色名", "颜色名称", "色别"),
          example="navy 19-3921"),
    Field("order", "Order", "订单号", Holds.NAME, ("order no", "order number", "po", "po no",
          "sales order", "订单", "合同号", "订单编号", "计划单号", "生产单号", "客户订单号"),
          example="SO-0260317"),
    Field("accepted_kg", "Accepted mass (kg)", "净重(kg)", Holds.MASS, ("accepted", "kg", "mass",
          "net weight", "net", "weight", "quantity kg", "净重", "重量", "公斤", "公斤数",
          "合格质量", "合格重量", "成品重量", "入库重量", "产量"), example="478.5"),
)  # fmt: skip


def plan(rows: Sequence[Row], ground: Ground) -> Plan:
    """What is said of batches; a cell that is empty leaves what is known."""
    known = ground.books.batches.every(row.said["batch"] for row in rows)
    stands = {name: one.word("", ground.now).body for name, one in known.items()}
    return plan_words(KIND, rows, ground, _speak, stands)


def _speak(row: Row, ground: Ground) -> Spoken:
    said = row.said
    found = check_batch(said["batch"])
    found += check_kg(said["accepted_kg"]) if "accepted_kg" in said else []
    if found:
        raise Impossible(*refused(row.line, found, kg="accepted_kg"))
    body = {name: text for name, text in said.items() if name != "batch"}
    return Spoken(said["batch"], ground.now, body)
