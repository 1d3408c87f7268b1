"""What commands say beside their tables, in English and in Chinese."""

_ZH = {
    "{where}: {count} unit(s)": "{where}：{count} 个单元",
    "{count} of {all} values": "{all} 个数值中 {count} 个吻合",
    "its own name, {values}": "设备自报型号，{values}",
    "or {profile}": "或 {profile}",
    "Unit {unit} calls itself {name}.": "单元 {unit} 自报名称：{name}。",
    "Unit {unit}, on site: {check}": "单元 {unit}，需现场核对：{check}",
    "Compare with the display: {points}.": "与表面显示比对：{points}。",
    "For collector.toml, with names of your own:": "写入 collector.toml，名称请自定：",
    "the ratio of its transformers": "互感器变比",
    "What does the meter show now?": "仪表现在显示多少？",
    "What does the meter show after it has changed?": "变化之后仪表显示多少？",
    "A number that is not 0, such as 18230.4": "请输入不为 0 的数，例如 18230.4",
    "Nothing fits at {address}, but at {here}: the manual counts from another number.": (
        "{address} 处无匹配，{here} 处有：手册的编号起点不同。"
    ),
    "More than one leads there: learn again after it has counted further.": (
        "有不止一种解法：待仪表继续计数后再学习一次。"
    ),
    "Assumed: {thinks_ms} ms of thinking a read, {trip_ms} ms a read over TCP.": (
        "按以下假定计算：每次读取仪表响应 {thinks_ms} ms，TCP 每次读取 {trip_ms} ms。"
    ),
    "{file}: nothing is wrong.": "{file}：没有问题。",
    "No model fits. Its registers can be learned: millprint collector learn --help": (
        "没有匹配的型号。可以学习其寄存器：millprint collector learn --help"
    ),
    "Source: {source}": "资料来源：{source}",
    "Every point: {how}": "每个测点的依据：{how}",
    "As delivered: {baud} baud, parity {parity}, unit {unit}": (
        "出厂设置：波特率 {baud}，校验 {parity}，单元号 {unit}"
    ),
    "As delivered: TCP port {port}, unit {unit}": "出厂设置：TCP 端口 {port}，单元号 {unit}",
    "Addresses count from where SunSpec model {number} begins (base).": (
        "地址从 SunSpec 模型 {number} 的起点（base）算起。"
    ),
    "Look at it on site: {check}": "需现场核对：{check}",
    "version {version}": "版本 {version}",
    "Unit {units} on {where}. Another window: millprint collector scan {where}": (
        "单元 {units} 在 {where}。另开窗口：millprint collector scan {where}"
    ),
    "Ctrl-C ends it.": "按 Ctrl-C 结束。",
    "Not all of it arrived: {why}. Start the same command again.": (
        "未全部送达：{why}。请再次执行同一命令。"
    ),
    "{count} readings were brought in.": "已导入 {count} 个读数。",
    "{name}: made anew, {count} numbers.": "{name}：已重建，共 {count} 个数值。",
    "{name}: {compared} numbers compared, {missing} were missing and sent, "
    "{refused} of them it dropped again, {foreign} are of nobody.": (
        "{name}：比对 {compared} 个数值，补送缺失的 {missing} 个，其中 {refused} 个又被丢弃，"
        "{foreign} 个来源不明。"
    ),
    "It broke off: {why}. Start the same command again.": "中途中断：{why}。请再次执行同一命令。",
    "{rows} rows were copied and read again; {records} records follow from one another. "
    "Before the server starts, write:": (
        "已复制并复核 {rows} 行；{records} 条记录首尾相接。启动服务器前请写入："
    ),
}


def sentence(english: str, language: str, **values: object) -> str:
    """One of these in the language, filled in."""
    return (_ZH[english] if language == "zh" else english).format(**values)
