"""Shapes of water and pollution, beside carbon."""

from api.shapes import Exact, Shape, says


class Measured(Shape):
    """How much of something a meter saw; where none did there is no amount, which is not 0."""

    amount: Exact = says("How much [unit]")
    unit: str = says("Of the amount: m3 or kg")
    per_kg: Exact | None = says("Per accepted kilogram; null where there is none [unit/kg]")


class OfBatch(Measured):
    """What was measured of a batch."""

    runs_measured: int = says("In how many of its runs")
    runs: int = says("Of how many runs")


class OfBatches(Measured):
    """What was measured of several batches, per kilogram of those of which it was."""

    batches_measured: int = says("Of how many of them")
    batches: int = says("How many there are")


class Environment(Shape):
    """Water and pollution of a batch; null for what nothing measures."""

    water: OfBatch | None = says("Water, soft and hot water too [m3]")
    wastewater: OfBatch | None = says("Wastewater [m3]")
    cod_removed: OfBatch | None = says("Chemical oxygen demand that treatment removed [kg]")
    cod_discharged: OfBatch | None = says("And what of it left with the treated water [kg]")
    voc: OfBatch | None = says("Volatile organic compounds in the exhaust [kg]")


class EnvironmentOfBatches(Shape):
    """Water and pollution of several batches; null for what nothing measures."""

    water: OfBatches | None = says("Water, soft and hot water too [m3]")
    wastewater: OfBatches | None = says("Wastewater [m3]")
    cod_removed: OfBatches | None = says("Chemical oxygen demand that treatment removed [kg]")
    cod_discharged: OfBatches | None = says("And what of it left with the treated water [kg]")
    voc: OfBatches | None = says("Volatile organic compounds in the exhaust [kg]")
