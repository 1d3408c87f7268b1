"""Heat of steam (rule 13): net = mass × (enthalpy in the header - enthalpy of the feed water)."""

from datetime import datetime
from decimal import Decimal

from api.ledger.cuts import slot_start
from api.ledger.gauges import Gauges
from api.ledger.plant import Heat
from api.ledger.steam import enthalpy_kj_per_kg, saturation_pressure_kpa_abs, water_kj_per_kg

KJ_PER_KWH = Decimal(3600)
_TENTH_OF_JOULE = Decimal("0.0001")
_QUANTUM = Decimal("1e-9")


class Header:
    """A steam network's header: what a kilogram of its steam is worth, slot by slot."""

    def __init__(self, heat: Heat, gauges: Gauges) -> None:
        self._heat = heat
        self._pressure = gauges.get(heat.pressure or "", {})
        self._temperature = gauges.get(heat.temperature or "", {})
        self._known: dict[tuple[Decimal, Decimal | None], Decimal] = {}
        boiling = saturation_pressure_kpa_abs(heat.condensate_c)
        returned = water_kj_per_kg(boiling, heat.condensate_c).quantize(_TENTH_OF_JOULE)
        self._condensate_kj_per_kg = returned - heat.feed_kj_per_kg

    def weigh(self, meter: str, at: datetime, amount: Decimal) -> Decimal:
        """Heat of what a meter counted in the slot of an instant. [kJ]

        A consumer with a mass meter only takes the header's enthalpy; a heat meter is believed.
        """
        if meter.endswith("_kwh"):
            return amount * KJ_PER_KWH
        return amount * self.net_kj_per_kg(slot_start(at))

    def returned(self, amount_kg: Decimal) -> Decimal:
        """Heat that comes back with condensate: whoever returns it took so much less. [kJ]"""
        return amount_kg * self._condensate_kj_per_kg

    def net_kj_per_kg(self, slot: datetime) -> Decimal:
        """What a kilogram brings: its enthalpy less that of the feed water. [kJ/kg]"""
        pressure = self._pressure.get(slot, self._heat.pressure_kpa_abs)
        temperature = self._temperature.get(slot, self._heat.temperature_c)
        key = (pressure, temperature)
        if key not in self._known:
            gross = enthalpy_kj_per_kg(pressure, temperature, self._heat.dryness)
            self._known[key] = gross - self._heat.feed_kj_per_kg
        return self._known[key]

    def unknown(self, slot: datetime) -> bool:
        """Whether a gauge that is declared says nothing of a slot, so that nominal values stand."""
        heat = self._heat
        return bool(
            (heat.pressure and slot not in self._pressure)
            or (heat.temperature and slot not in self._temperature)
        )


def kwh(amount_kj: Decimal) -> Decimal:
    """Kilojoules as kilowatt-hours, to whole quanta. [kWh]"""
    return (amount_kj / KJ_PER_KWH).quantize(_QUANTUM)
