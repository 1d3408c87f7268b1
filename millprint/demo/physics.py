"""The physics of a dyehouse, as plain formulas. Pure."""

WATER_KJ_PER_KG_C = 4.19
FABRIC_KJ_PER_KG_C = 1.7
"""Between cotton (1.3) and the wet, air-free rope that a jet circulates; a demo value."""
EVAPORATION_KJ_PER_KG = 2600.0
"""Water from fabric at room temperature into the exhaust air of a stenter."""


def heat_kj(liquor_kg: float, fabric_kg: float, rise_c: float) -> float:
    """Heat that a bath and its fabric take up. [kJ]

    Args:
        liquor_kg: Bath. [kg]
        fabric_kg: Fabric. [kg]
        rise_c: By how much both get warmer. [°C]
    """
    return (liquor_kg * WATER_KJ_PER_KG_C + fabric_kg * FABRIC_KJ_PER_KG_C) * rise_c


def mixed_c(warm_kj_per_c: float, warm_c: float, water_kg: float, water_c: float) -> float:
    """Temperature after water has been added. [°C]

    Args:
        warm_kj_per_c: Heat capacity of what is there. [kJ/°C]
        warm_c: Its temperature. [°C]
        water_kg: Water added. [kg]
        water_c: Its temperature. [°C]
    """
    added = water_kg * WATER_KJ_PER_KG_C
    return (warm_kj_per_c * warm_c + added * water_c) / (warm_kj_per_c + added)


def drying_kj_per_kg(moisture: float, rise_c: float) -> float:
    """Heat that a kilogram of dry fabric takes to be dried and heat-set. [kJ/kg]

    Args:
        moisture: Water in it. [kg/kg]
        rise_c: From the room to the setting temperature. [°C]
    """
    return moisture * EVAPORATION_KJ_PER_KG + FABRIC_KJ_PER_KG_C * rise_c


def efficiency_at(load: float, idle: float, full: float) -> float:
    """A burner's efficiency, better under load. [1]

    Args:
        load: Share of full load; more than 1 is taken as 1.
        idle: Efficiency without load.
        full: Efficiency at full load.
    """
    return idle + (full - idle) * min(1.0, load)
