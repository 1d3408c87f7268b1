"""What a report says, in English and Chinese.

Its order is that of a product carbon footprint study: who and what, goal, scope, inventory, impact,
interpretation, and how to verify it.
"""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Carbon footprint report", "产品碳足迹报告"),
    "title_inventory": ("Emission inventory report", "排放清单报告"),
    "batch": ("Batch {about}", "批次 {about}"),
    "article": ("Article {about}", "品种 {about}"),
    "month": ("Month {about}", "{about} 月度"),
    "period": ("Period {about}", "期间 {about}"),
    "result": ("Result", "结果"),
    "per_kg": ("kgCO2e per kg accepted", "kgCO2e/kg 合格品"),
    "refused": ("Not declared", "不予声明"),
    "declared": ("Declared value", "声明值"),
    "batch-value": ("Batch value (a single batch)", "单批值（仅一批）"),
    "final": ("Final", "最终"),
    "not_final": ("Not final: figures may still move", "尚非最终，数值可能变动"),
    "unpriced": ("no factor", "无因子"),
    "not_measured": ("not measured", "未计量"),
    "none": ("none", "无"),
    "unstated": ("not stated in the text read", "所读文本未注明"),
    "unknown": ("nobody has estimated it", "尚无人估计"),
    # 1
    "general": ("1  General", "1  概况"),
    "mill": ("Mill", "工厂"),
    "product": ("Product", "产品"),
    "article_name": ("Article", "品种"),
    "time": ("Production period", "生产期间"),
    "zone": ("Times are in", "时区"),
    "made": ("Report written", "报告生成时间"),
    "software": ("Software", "软件"),
    "account": ("Account", "核算口径"),
    "footprint": ("Product footprint, life-cycle factors", "产品碳足迹（生命周期因子）"),
    "inventory": ("Organisation's inventory", "组织盘查"),
    "method": ("Electricity", "电力方法"),
    "location": ("location-based", "按所在地电网"),
    "market": ("market-based", "按市场合同"),
    # 2
    "goal": ("2  Goal", "2  目的"),
    "goal_text": (
        "To say what one accepted kilogram carries of the emissions of the processes in this mill, "
        "from the mill's own meters, so that it can be recomputed from their readings.",
        "依据本厂自有计量表，量化每千克合格品在本厂各工序中承担的温室气体排放，"
        "且可由原始读数重新计算。",
    ),
    # 3
    "scope": ("3  Scope", "3  范围"),
    "unit": ("Declared unit", "声明单位"),
    "unit_text": ("1 kg of accepted product", "1 kg 合格产品"),
    "boundary": ("System boundary", "系统边界"),
    "boundary_text": (
        "Gate to gate: energy, water and direct emissions of the processes below. Raw materials, "
        "chemicals, transport, use and end of life are outside.",
        "门到门：下列工序的能源、用水与直接排放。原材料、染化料、运输、使用与废弃阶段不在边界内。",
    ),
    "stages": ("Processes inside", "包含的工序"),
    "mass": ("Accepted mass", "合格质量"),
    "count": ("Batches", "批次数"),
    "cutoff": ("What is left out", "取舍与未计入项"),
    "cutoff_text": (
        "A declared value leaves out at most 3 % of the whole.",
        "声明值未计入部分不超过总量的 3 %。",
    ),
    "left_out_share": ("Share left out", "未计入占比"),
    # 4
    "data": ("4  Inventory", "4  清单"),
    "meters": ("Meters and amounts", "计量点与用量"),
    "meter": ("Meter", "计量点"),
    "carrier": ("Carrier", "能源介质"),
    "amount": ("Amount", "用量"),
    "allocation": ("Allocation", "分配"),
    "allocation_text": (
        "A machine's own meter goes to the batch on it; a shared meter by the first declared "
        "driver that was measured; a utility's input to those who took its output; losses and "
        "standby are lines of their own. Every amount is posted once.",
        "机台自有计量表归机台上的批次；共用表按首个有信号的既定动因分摊；公用设备投入归其产出的取用者；"
        "损耗与待机单独列出。每笔用量只记一次。",
    ),
    "rule": ("Rule", "分配规则"),
    "factors": ("Factors", "排放因子"),
    "factor": ("Factor", "因子"),
    "value": ("Value", "数值"),
    "region": ("Region, year", "地区、年份"),
    "source": ("Publisher, document", "发布机构、文件"),
    "quality": ("Data quality", "数据质量"),
    "uncertainty": ("Uncertainty of the result", "结果不确定度"),
    "uncertainty_text": (
        "not stated: neither meters' classes nor uncertainties of factors are combined",
        "未给出：未合成计量表准确度等级与因子不确定度",
    ),
    "measured": ("On measured amounts", "实测用量"),
    "interpolated": ("On interpolated amounts", "插值用量"),
    "estimated": ("On estimated amounts", "估算用量"),
    "metered_share": ("On machines' own meters", "机台自有计量表占比"),
    "primary_data_share": ("Activity and factor both primary", "初级数据占比"),
    # 5
    "impact": ("5  Impact assessment", "5  影响评价"),
    "gwp": ("Characterisation", "特征化"),
    "gwp_text": (
        "Global warming potential over 100 years, IPCC AR6 where a factor gives its gases; "
        "factors that do not split their gases were characterised by: {sets}.",
        "100 年全球增温潜势；因子给出分气体数值时采用 IPCC AR6，"
        "未分气体的因子所用 GWP 版本：{sets}。",
    ),
    "total": ("Total", "合计"),
    "kept": ("The month's kept total", "已存档月度总量"),
    "by_process": ("By stage", "按工序"),
    "process": ("Process", "工序"),
    "by_carrier": ("By carrier", "按能源介质"),
    "by_gas": ("By gas", "按气体"),
    "gas": ("Gas", "气体"),
    "share": ("Share", "占比"),
    "biogenic": ("Biogenic CO2, apart", "生物源 CO2（另列）"),
    "spread": ("Spread of the batches", "批次离散"),
    "low": ("Lowest", "最低"),
    "high": ("Highest", "最高"),
    "deviation": ("Standard deviation, by mass", "标准差（按质量加权）"),
    "mean": ("by mass", "加权"),
    "environment": ("Water and pollution", "用水与污染物"),
    "water": ("Water", "用水"),
    "wastewater": ("Wastewater", "废水"),
    "cod_removed": ("COD removed", "去除 COD"),
    "cod_discharged": ("COD discharged", "排放 COD"),
    "voc": ("VOC", "挥发性有机物"),
    "of_batches": ("measured in {measured} of {of} batches", "{of} 批中计量了 {measured} 批"),
    "per_unit": ("per kg", "每千克"),
    "batches": ("Batches in this report", "本报告的批次"),
    "more": (
        "The {shown} that carry most, of {of}; all of them stand in the same export's workbook.",
        "共 {of} 批，此处列出排放最多的 {shown} 批；全部批次见同一导出的工作簿。",
    ),
    "id": ("Batch", "缸号"),
    "ended": ("End", "结束"),
    "revision": ("Revision", "修订"),
    "status": ("Status", "状态"),
    # 6
    "interpretation": ("6  Interpretation and limits", "6  解释与局限"),
    "limits_text": (
        "The result holds for the period, boundary and factors above. It is no comparison with "
        "products of other mills. Uncertainty of factors is not in it.",
        "结果仅适用于上述期间、边界与因子，不可与其他工厂的产品直接比较，且未包含因子的不确定度。",
    ),
    "problems": ("Problems found in the data", "数据问题"),
    "times": ("{count} times", "{count} 次"),
    "closed": ("Closed", "关账"),
    "waiting": ("Waiting for a decision, and not in the sums", "待决定，未计入合计"),
    "waiting_text": (
        "{count} restatement(s) would change what is reported here: Office → Months.",
        "有 {count} 项重述会改变本报告的数值：见“办公室 → 月结”。",
    ),
    "open": ("Not final, and not in the sums", "尚非最终，未计入合计"),
    # 7
    "verification": ("7  Revision and verification", "7  修订与核验"),
    "digest": ("SHA-256 of what is reported", "所报告内容的 SHA-256"),
    "not_kept": ("not kept yet: this report is not final", "尚未存档：本报告非最终"),
    "verify_batch": (
        "GET /api/v1/batches/{about}/footprint?revision={revision} gives it byte for byte; "
        "/explain leads each line back to register readings. The digest is SHA-256 over it as JSON "
        "with sorted keys, without revision, computed_at, reason, difference, made_with, "
        "environment and its lines' readings.",
        "GET /api/v1/batches/{about}/footprint?revision={revision} 逐字节给出本修订；"
        "/explain 可追溯至表计读数。摘要为其 JSON（键排序）的 SHA-256，不含 revision、computed_at、"
        "reason、difference、made_with、environment 及各行 readings。",
    ),
    "verify_article": (
        "GET /api/v1/articles/{about}/declared?from={start}&to={end} gives the same value and "
        "digest as long as no batch has been revised since; each batch is kept by its revision.",
        "GET /api/v1/articles/{about}/declared?from={start}&to={end} 给出相同数值与摘要"
        "（此后无批次修订时）；各批按修订号存档。",
    ),
    "verify_month": (
        "GET /api/v1/periods/{about}/totals?revision={revision} gives the kept totals; "
        "/periods/{about} gives the digest of each revision.",
        "GET /api/v1/periods/{about}/totals?revision={revision} 给出已存档汇总；"
        "/periods/{about} 给出各修订的摘要。",
    ),
    "verify_seals": (
        "Results and readings are sealed daily: millprint verify, on a copy of the site's folder, "
        "shows whether anything was changed since.",
        "结果与读数每日封存：在现场文件夹的副本上运行 millprint verify，可查明此后是否被改动。",
    ),
}


def say(key: str, lang: str, **values: object) -> str:
    """A text in a language."""
    return WORDS[key][lang == "zh"].format_map(values)
