"""What an explanation says, in English and Chinese."""

from collections.abc import Mapping
from typing import Any

WORDS: Mapping[str, dict[str, Any]] = {
    "en": {
        "head": "Batch {batch}, revision {revision}, {status}: {kgco2e} kgCO2e",
        "per_kg": ", {kgco2e_per_kg} per kg of {accepted_kg} kg.",
        "line": "{carrier}: {amount} {unit} from {from} ({rule}){priced}: {emitted}.",
        "priced": ", priced by {factor}",
        "unpriced": "not priced: no factor",
        "no_factor": "no factor",
        "idle": " (idle)",
        "register": "    register {value} {unit} at {at} (read {around})",
        "and": " and ",
        "difference": "    difference {difference} {unit}, in {slots} slices; "
        "carried {carried}, a share of {weight}",
        "quality": "    quality: measured {measured}, interpolated {interpolated}, "
        "estimated {estimated}",
        "input": "    made from {amount} {unit} {carrier} ({from}) by {by}: {kg} kgCO2e",
        "window": "Window of {utility}, {start} to {end}: {taken} taken, {lost} lost on the way.",
        "factor": "Factor {id}: {value} {value_unit}, {publisher}, {document}. Why: {why}.",
        "revision": "Revision {revision}, {computed_at}, {reason}: {kgco2e} kgCO2e{change}.",
        "problem": "Problem {code}, {where}: {text}",
        "statuses": {},
        "carriers": {},
        "rules": {
            "direct": "all of it, because no other batch was on the machine",
            "standby": "what the machine used while idle before this batch",
            "utility-last-window": "all of it; priced by the last closed window, since this one "
            "is open",
            "distribution-loss": "its part of what was made and reached no consumer's meter",
            "mass": "divided by mass among the batches that were on",
            "equal": "divided equally among the batches that were on",
            "run-hours": "divided by run hours",
            "rated-run-hours": "divided by rated power times run hours",
            "declared": "as a person declared it",
        },
    },
    "zh": {
        "head": "批次 {batch}，第 {revision} 版，{status}：{kgco2e} kgCO2e",
        "per_kg": "，每千克 {kgco2e_per_kg}（合格品 {accepted_kg} kg）。",
        "line": "{carrier}：{amount} {unit}，来自 {from}（{rule}）{priced}：{emitted}。",
        "priced": "，按因子 {factor} 计价",
        "unpriced": "未计价：没有因子",
        "no_factor": "没有因子",
        "idle": "（待机）",
        "register": "    {at} 的表底数为 {value} {unit}（读数 {around}）",
        "and": " 与 ",
        "difference": "    差值 {difference} {unit}，共 {slots} 段；"
        "本批承担 {carried}，占比 {weight}",
        "quality": "    质量：实测 {measured}，内插 {interpolated}，估算 {estimated}",
        "input": "    由 {amount} {unit} {carrier}（{from}）制得，因子 {by}：{kg} kgCO2e",
        "window": "{utility} 的平衡窗口 {start} 至 {end}：取用 {taken}，途中损失 {lost}。",
        "factor": "因子 {id}：{value} {value_unit}，{publisher}，{document}。"
        "选用理由：适用的最窄地区为 {region}，"
        "数据年 {data_year} 是计算时已发布的最新一年（{published}）。",
        "revision": "第 {revision} 版，{computed_at}，{reason}：{kgco2e} kgCO2e{change}。",
        "problem": "问题 {code}，{where}：{text}",
        "statuses": {
            "final": "最终",
            "provisional": "暂定",
            "running": "运行中",
            "withdrawn": "已撤回",
        },
        "carriers": {
            "electricity": "电力",
            "steam": "蒸汽",
            "natural_gas": "天然气",
            "water": "水",
            "compressed_air": "压缩空气",
            "thermal_oil_heat": "导热油热量",
            "wastewater": "废水",
        },
        "rules": {
            "direct": "全部，因为机台上没有其他批次",
            "standby": "本批之前机台待机所用",
            "utility-last-window": "全部；因本窗口尚未关闭，按上一个已关闭窗口计价",
            "distribution-loss": "制得而未到达任何用户表计的部分中本批的份额",
            "mass": "在机各批次按质量分摊",
            "equal": "在机各批次平均分摊",
            "run-hours": "按运行时数分摊",
            "rated-run-hours": "按额定功率乘运行时数分摊",
            "declared": "由人员申报",
        },
    },
}
