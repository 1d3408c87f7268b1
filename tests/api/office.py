"""A mill as its office knows it: articles, accepted masses, and estimates of what is left out."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from api.books.batches import BatchEntry
from tests.api.given import PLANT, World, world

SHARED = PLANT.replace(
    'meter = "main-1.energy_import_kwh"', 'meter = "main-1.energy_import_kwh"\nunmetered = "share"'
)
T_SHIRT = {"B2601": "400", "缸号-7": "100"}
ESTIMATES = (
    ("upstream-missing", "natural_gas", "m3_0c", "0.01"),
    ("factor-missing", "water", "m3", "0.2"),
)
"""Made up."""


def office(folder: Path, plant: str = SHARED) -> World:
    """Two and a half hours of a mill whose batches were entered, all final."""
    mill = world(folder, plant)
    mill.passes(0, 150)
    enter(mill, **T_SHIRT)
    enter(mill, "Jacket", C1="250")
    mill.closes_its_books()
    return mill


def enter(mill: World, article: str = "T-shirt", **masses: str) -> None:
    """Batches of an article, with their accepted masses."""
    for batch, kg in masses.items():
        assert mill.service.bookkeeper.enter_batch(BatchEntry(batch, article, kg), "engineer")


def estimates(mill: World, *, per_unit: str | None = None) -> None:
    """What is left out is estimated, as an accountant found it."""
    for omitted, carrier, unit, kgco2e in ESTIMATES:
        said = {"omitted": omitted, "carrier": carrier, "unit": unit}
        said |= {"kgco2e_per_unit": per_unit or kgco2e, "source": "made up", "why": "for a test"}
        assert mill.caller("accountant").post("/exemptions", said).status_code == 201


def declared(mill: World, article: str = "T-shirt", **query: str) -> dict[str, Any]:
    """The declared value of an article."""
    answer = mill.caller("certifier").get(f"/articles/{article}/declared", **query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def total(mill: World, batch: str) -> Decimal:
    """What a batch carries. [kgCO2e]"""
    return Decimal(mill.caller().get(f"/batches/{batch}/footprint").json()["total"]["kgco2e"])
