"""Words for the codes that results hold: what files and explanations say, as the pages do."""

from collections.abc import Mapping

Words = Mapping[str, tuple[str, str]]
"""What a code is called in English and in Chinese."""

_STATUSES: Words = {
    "running": ("Running", "进行中"),
    "provisional": ("Provisional", "暂估"),
    "final": ("Final", "最终"),
    "withdrawn": ("Withdrawn", "已撤回"),
}
_PROCESSES: Words = {
    "spinning": ("Spinning", "纺纱"),
    "weaving": ("Weaving", "织造"),
    "knitting": ("Knitting", "针织"),
    "desizing": ("Desizing", "退浆"),
    "scouring": ("Scouring", "煮练"),
    "bleaching": ("Bleaching", "漂白"),
    "mercerising": ("Mercerising", "丝光"),
    "singeing": ("Singeing", "烧毛"),
    "dyeing": ("Dyeing", "染色"),
    "dyeing-exhaust": ("Exhaust dyeing", "浸染"),
    "dyeing-continuous": ("Continuous dyeing", "连续染色"),
    "dyeing-cold-pad-batch": ("Cold pad-batch dyeing", "冷轧堆染色"),
    "printing": ("Printing", "印花"),
    "washing": ("Washing", "水洗"),
    "drying": ("Drying", "烘干"),
    "heat-setting": ("Heat-setting", "热定形"),
    "finishing": ("Finishing", "后整理"),
    "sewing": ("Sewing", "缝制"),
    "standby": ("Standby", "待机"),
    "overhead": ("Site overhead", "全厂公摊"),
    "idle": ("Standby", "待机"),
    "unmetered": ("Unmetered", "未计量"),
    "distribution-loss": ("Distribution loss", "输送损耗"),
}
_CARRIERS: Words = {
    "electricity": ("Electricity", "用电"),
    "electricity_solar": ("Own solar", "自发光伏"),
    "steam": ("Steam", "蒸汽"),
    "natural_gas": ("Natural gas", "天然气"),
    "water": ("Water", "用水"),
    "compressed_air": ("Compressed air", "压缩空气"),
    "thermal_oil_heat": ("Thermal oil heat", "导热油"),
    "wastewater": ("Wastewater", "废水"),
    "lpg": ("LPG", "液化石油气"),
    "diesel": ("Diesel", "柴油"),
    "fuel_oil": ("Fuel oil", "燃料油"),
    "bituminous_coal": ("Bituminous coal", "烟煤"),
    "anthracite": ("Anthracite", "无烟煤"),
    "soft_water": ("Soft water", "软水"),
    "hot_water": ("Hot water", "热水"),
    "heat": ("Heat", "热力"),
    "condensate": ("Condensate", "冷凝水"),
    "cod_aerobic": ("COD removed, aerobic", "去除COD（好氧）"),
    "cod_anaerobic_reactor": ("COD removed, anaerobic reactor", "去除COD（厌氧反应器）"),
    "cod_shallow_lagoon": ("COD removed, shallow lagoon", "去除COD（浅塘）"),
    "cod_deep_lagoon": ("COD removed, deep lagoon", "去除COD（深塘）"),
    "nitrogen_aerobic": ("Nitrogen taken in, aerobic", "进水总氮（好氧）"),
    "cod_discharged": ("COD discharged", "排放COD"),
    "voc": ("VOC", "挥发性有机物"),
}
_RULES: Words = {
    "direct": ("The machine's own meter", "机台自有计量表"),
    "standby": ("Standby of the machine before this batch", "本批次前的机台待机"),
    "overhead": ("Site overhead, shared", "全厂公摊"),
    "unmetered": ("Main meter minus sub-meters, shared", "总表减分表，分摊"),
    "distribution-loss": ("Loss on the way, shared in proportion", "输送损耗，按比例分摊"),
    "utility-last-window": (
        "The machine's own meter, priced by the last closed window",
        "机台自有计量表，按最近已关闭窗口计价",
    ),
    "standby-too-long": ("Standby beyond the limit", "待机超过上限"),
    "utility": ("In proportion to what was drawn", "按取用量比例"),
    "signal": ("Shared by a machine signal", "按机台信号分摊"),
    "rated-run-hours": ("Shared by rated power × run hours", "按额定功率 × 运行时间分摊"),
    "run-hours": ("Shared by run hours", "按运行时间分摊"),
    "liquor": ("Shared by liquor volume × temperature rise", "按浴量 × 温升分摊"),
    "mass-process": ("Shared by mass × process coefficient", "按重量 × 工序系数分摊"),
    "mass": ("Shared by mass", "按重量分摊"),
    "power": (
        "Shared by the drives' power and what machines draw besides",
        "按传动功率及机台其余功率分摊",
    ),
    "rated-on-hours": (
        "Shared by rated power × hours that drives were on",
        "按额定功率 × 传动接通时数分摊",
    ),
    "length": ("Shared by length", "按长度分摊"),
    "area": ("Shared by area", "按面积分摊"),
    "pieces": ("Shared by pieces", "按匹数分摊"),
    "passes": ("Shared by passes", "按道数分摊"),
    "unmetered-share": (
        "Its part of what the main meter saw and no sub-meter did",
        "总表计得、分表未计得部分中的份额",
    ),
    "solar": ("Used of what the own roof made", "取自本厂屋顶光伏"),
    "declared": ("As a person declared it", "由人员申报"),
    "group-standby": (
        "Its part of what a group of machines used while all of it was idle",
        "机组全部待机期间所用中的份额",
    ),
    "standby-outside-shifts": ("Standby outside every shift", "班次之外的待机"),
    "equal": ("Shared equally", "平均分摊"),
    "fixed": ("Shared by fixed parts", "按固定比例分摊"),
}
_REASONS: Words = {
    "factor-missing": ("no factor for it in the catalogue", "因子库中没有对应因子"),
    "upstream-missing": (
        "only what it emits here is priced: no factor for what came before",
        "只计现场排放：缺少上游因子",
    ),
    "unmetered": (
        "what the main meter saw and no meter behind it did",
        "总表计得、分表未计得且无人承担的部分",
    ),
}
KINDS: Mapping[str, Words] = {
    "status": _STATUSES,
    "process": _PROCESSES,
    "carrier": _CARRIERS,
    "rule": _RULES,
    "why": _REASONS,
}


def word(kind: str, code: str, lang: str) -> str:
    """What a code of a kind is called; a code that nobody knows stands as it is."""
    known = KINDS[kind].get(code)
    return code if known is None else known[lang == "zh"]
