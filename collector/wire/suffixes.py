"""Suffixes: the unit of a point is the end of its name, for all who speak to the gateway."""

SUFFIXES: dict[str, str] = {
    "kwh": "kWh",
    "kvarh": "kvarh",
    "kvah": "kVAh",
    "kw": "kW",
    "kvar": "kvar",
    "kva": "kVA",
    "v": "V",
    "a": "A",
    "hz": "Hz",
    "pf": "1",
    "kg": "kg",
    "kg_h": "kg/h",
    "m3": "m3",
    "m3_0c": "m3_0c",
    "m3_20c": "m3_20c",
    "m3_h": "m3/h",
    "m3_0c_h": "m3_0c/h",
    "l": "L",
    "kpa_abs": "kPa_abs",
    "kpa_gauge": "kPa_gauge",
    "c": "°C",
    "m_s": "m/s",
    "m_min": "m/min",
    "kg_m3": "kg/m3",
    "pct": "%",
    "pulses": "pulses",
    "s": "s",
}
"""What each suffix of a point's name says that its unit is."""


def stored_unit(point: str) -> str:
    """The unit that a point's name says: of its longest known suffix, else none.

    ``volume_m3_0c`` is in ``m3_0c``, ``batch_id`` and ``machine_state`` are in nothing.
    """
    words = point.split("_")
    for start in range(1, len(words)):
        unit = SUFFIXES.get("_".join(words[start:]))
        if unit is not None:
            return unit
    return ""
