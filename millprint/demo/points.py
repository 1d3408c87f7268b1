"""Which point of a meter shows which flow."""

from millprint.demo.mill import Device, Mill

_COUNTERS = {
    "electricity": "energy_import_kwh",
    "steam": "mass_kg",
    "water": "volume_m3",
    "natural_gas": "volume_m3_0c",
    "compressed_air": "volume_m3_0c",
    "hot_water": "volume_m3",
    "soft_water": "volume_m3",
    "wastewater": "volume_m3",
}
RATES = {
    "electricity": "power_kw",
    "steam": "mass_flow_kg_h",
    "water": "flow_m3_h",
    "natural_gas": "flow_m3_0c_h",
    "compressed_air": "flow_m3_0c_h",
    "hot_water": "flow_m3_h",
    "soft_water": "flow_m3_h",
    "wastewater": "flow_m3_h",
}
"""The gauge that shows how fast it flows."""
PLC_COUNTERS = {"water": "water_m3", "steam": "steam_kg", "electricity": "energy_kwh"}
"""What a PLC counts by itself."""


def counter_of(device: Device) -> str:
    """The point at which a meter counts what it measures."""
    return device.counter or _COUNTERS[device.carrier]


def metered_points(mill: Mill) -> dict[str, str]:
    """The meter point of each source that has a meter: ``jet-01-steam.mass_kg``."""
    return {
        device.measures: f"{device.name}.{counter_of(device)}"
        for device in mill.devices.values()
        if device.carrier != "plc"
    }
