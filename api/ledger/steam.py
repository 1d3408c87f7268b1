"""Enthalpy of water and steam: IAPWS-IF97, regions 1, 2 and 4, in Decimal.

Source: IAPWS R7-97(2012), Revised Release on the IAPWS Industrial Formulation 1997 for the
Thermodynamic Properties of Water and Steam: equations 7, 15 to 17, 30 and 31. Checked against the
release's own verification values in the tests. No binary float takes part, so a result is the
same on every machine.
"""

from decimal import Context, Decimal, localcontext

from api.ledger.if97 import REGION_1, REGION_2, REGION_2_IDEAL, SATURATION

_EXACT = Context(prec=28)
_GAS_CONSTANT_KJ_PER_KG_K = Decimal("0.461526")
_ZERO_C_IN_K = Decimal("273.15")
_KPA_PER_MPA = Decimal(1000)
_TENTH_OF_JOULE = Decimal("0.0001")
NEAR_SATURATION_K = Decimal(5)
"""A thermometer in a steam main cannot tell wet from dry steam closer to saturation than this."""
LOWEST_KPA_ABS, HIGHEST_KPA_ABS = Decimal("0.612"), Decimal(16529)
"""Where the saturation line runs beside regions 1 and 2; no mill's steam is beyond."""
HIGHEST_C = Decimal(800)


def saturation_temperature_c(pressure_kpa_abs: Decimal) -> Decimal:
    """Temperature at which water boils; equation 31. [°C]

    Args:
        pressure_kpa_abs: Absolute pressure. [kPa]
    """
    n = SATURATION
    with localcontext(_EXACT):
        beta = (pressure_kpa_abs / _KPA_PER_MPA).sqrt().sqrt()
        e = beta**2 + n[2] * beta + n[5]
        f = n[0] * beta**2 + n[3] * beta + n[6]
        g = n[1] * beta**2 + n[4] * beta + n[7]
        d = 2 * g / (-f - (f**2 - 4 * e * g).sqrt())
        whole = n[9] + d
        kelvin = (whole - (whole**2 - 4 * (n[8] + n[9] * d)).sqrt()) / 2
        return kelvin - _ZERO_C_IN_K


def saturation_pressure_kpa_abs(temperature_c: Decimal) -> Decimal:
    """Pressure at which water boils; equation 30. [kPa absolute]

    Args:
        temperature_c: Temperature. [°C]
    """
    n = SATURATION
    with localcontext(_EXACT):
        kelvin = temperature_c + _ZERO_C_IN_K
        theta = kelvin + n[8] / (kelvin - n[9])
        a = theta**2 + n[0] * theta + n[1]
        b = n[2] * theta**2 + n[3] * theta + n[4]
        c = n[5] * theta**2 + n[6] * theta + n[7]
        return (2 * c / (-b + (b**2 - 4 * a * c).sqrt())) ** 4 * _KPA_PER_MPA


def water_kj_per_kg(pressure_kpa_abs: Decimal, temperature_c: Decimal) -> Decimal:
    """Specific enthalpy of liquid water, region 1; equation 7. [kJ/kg]

    Args:
        pressure_kpa_abs: Absolute pressure. [kPa]
        temperature_c: Temperature, at most that of saturation. [°C]
    """
    with localcontext(_EXACT):
        kelvin = temperature_c + _ZERO_C_IN_K
        tau = Decimal(1386) / kelvin
        p = Decimal("7.1") - pressure_kpa_abs / _KPA_PER_MPA / Decimal("16.53")
        t = tau - Decimal("1.222")
        slope = sum((n * j * p**i * t ** (j - 1) for i, j, n in REGION_1 if j), Decimal(0))
        return tau * slope * _GAS_CONSTANT_KJ_PER_KG_K * kelvin


def vapour_kj_per_kg(pressure_kpa_abs: Decimal, temperature_c: Decimal) -> Decimal:
    """Specific enthalpy of dry steam, region 2; equations 15 to 17. [kJ/kg]

    Args:
        pressure_kpa_abs: Absolute pressure. [kPa]
        temperature_c: Temperature, at least that of saturation. [°C]
    """
    with localcontext(_EXACT):
        kelvin = temperature_c + _ZERO_C_IN_K
        tau, p = Decimal(540) / kelvin, pressure_kpa_abs / _KPA_PER_MPA
        t = tau - Decimal("0.5")
        ideal = sum((n * j * tau ** (j - 1) for j, n in REGION_2_IDEAL if j), Decimal(0))
        real = sum((n * j * p**i * t ** (j - 1) for i, j, n in REGION_2 if j), Decimal(0))
        return tau * (ideal + real) * _GAS_CONSTANT_KJ_PER_KG_K * kelvin


def wet_steam_kj_per_kg(pressure_kpa_abs: Decimal, dryness: Decimal) -> Decimal:
    """Specific enthalpy of saturated steam with that part of vapour in it. [kJ/kg]

    Args:
        pressure_kpa_abs: Absolute pressure. [kPa]
        dryness: Part of vapour by mass, 0 to 1.
    """
    boiling = saturation_temperature_c(pressure_kpa_abs)
    water = water_kj_per_kg(pressure_kpa_abs, boiling)
    return water + dryness * (vapour_kj_per_kg(pressure_kpa_abs, boiling) - water)


def enthalpy_kj_per_kg(
    pressure_kpa_abs: Decimal, temperature_c: Decimal | None, dryness: Decimal = Decimal(1)
) -> Decimal:
    """Specific enthalpy of what flows in a steam main, to a tenth of a joule. [kJ/kg]

    Within 5 K of saturation it is saturated steam at the declared dryness: half a kelvin below
    saturation is a thermometer's error and not water (rule 13). This is the one place where an
    enthalpy is rounded; every sum takes it as it is given here.

    Args:
        pressure_kpa_abs: Absolute pressure; gauges in boiler houses show gauge pressure. [kPa]
        temperature_c: Temperature; None where nobody measures it: saturated. [°C]
        dryness: Part of vapour by mass in saturated steam, 0 to 1.

    Raises:
        ValueError: Beyond what regions 1 and 2 of the formulation describe.
    """
    if not LOWEST_KPA_ABS <= pressure_kpa_abs <= HIGHEST_KPA_ABS:
        raise ValueError(f"{pressure_kpa_abs} kPa absolute is no steam main's pressure")
    if temperature_c is not None and not 0 <= temperature_c <= HIGHEST_C:
        raise ValueError(f"{temperature_c} °C is no steam main's temperature")
    above = (temperature_c or 0) - saturation_temperature_c(pressure_kpa_abs)
    if temperature_c is None or abs(above) <= NEAR_SATURATION_K:
        found = wet_steam_kj_per_kg(pressure_kpa_abs, dryness)
    elif above > 0:
        found = vapour_kj_per_kg(pressure_kpa_abs, temperature_c)
    else:
        found = water_kj_per_kg(pressure_kpa_abs, temperature_c)
    return found.quantize(_TENTH_OF_JOULE)
