"""Tables of the commissioning commands: headings and judgements, in Chinese as well."""

from rich.table import Column, Table

_ZH = {
    "1 source": "一个来源",
    "2 sources": "两个来源",
    "batches": "批次数",
    "bus": "总线",
    "busy": "占用率",
    "certain": "确定",
    "check on site": "需现场核对",
    "coded": "编码",
    "devices": "设备数",
    "good": "良好",
    "good, but can that be?": "良好，但可能吗？",
    "how sure": "把握",
    "in the manual": "手册编号",
    "invented": "自拟",
    "kind": "类型",
    "likely": "很可能",
    "longest round": "最长一轮",
    "mill": "工厂",
    "model": "型号",
    "none fits": "无匹配",
    "on its face": "表面显示",
    "on the wire": "线上地址",
    "order": "字序",
    "point": "测点",
    "points": "测点数",
    "possible": "可能",
    "profile": "配置文件",
    "quality": "质量",
    "received": "收到时间",
    "registers": "寄存器",
    "requests/s": "请求/秒",
    "scale": "系数",
    "sealed day": "封存日",
    "seals": "封存数",
    "shown": "显示",
    "site": "站点",
    "sourced": "来源",
    "speaks for it": "依据",
    "type": "数据类型",
    "uncertain": "来源不一",
    "unit no.": "单元号",
    "unit": "单位",
    "value": "数值",
    "verified": "已核实",
}
_UNBROKEN = ("kind", "point", "profile")


def word(english: str, language: str) -> str:
    """A heading or a judgement in the language."""
    return _ZH[english] if language == "zh" else english


def headed(language: str, *headings: str, title: str | None = None) -> Table:
    """An empty table with these headings; names of points and profiles are not broken."""
    columns = (Column(word(one, language), no_wrap=one in _UNBROKEN) for one in headings)
    return Table(*columns, title=title)
