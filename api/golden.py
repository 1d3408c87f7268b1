"""The golden batch: what an article, or a process, was shown to need. Pure.

The reference is no design value and no wish: a batch of this mill reached it. It is the batch at
the low decile, and never the very best one, which is as likely a slip of a meter as a feat. Fewer
than `LEAST` batches set no reference, and only final footprints without a problem count.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

LEAST = 10
"""Batches that it takes to set a reference."""
_ONE_OF = 10
_NO_DOUBT = {"effluent-load-missing"}
"""Problems of all batches of a mill alike, which change none of the amounts that are compared."""
_PER_KG = Decimal("1e-6")

Key: TypeAlias = tuple[str, str]
"""Article and process; no process: the whole batch. No article: those of all articles."""
WHOLE = ""
ANY = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """What a batch came to, as its final footprint says it.

    Attributes:
        batch: Which.
        article: Of which article; empty where nobody entered it.
        process: In which process; `WHOLE` for all of it, idling included.
        kgco2e_per_kg: Its intensity, per accepted kilogram. [kgCO2e/kg]
    """

    batch: str
    article: str
    process: str
    kgco2e_per_kg: Decimal


@dataclass(frozen=True, slots=True)
class Golden:
    """A reference.

    Attributes:
        batch: The batch that reached it: its footprint is the evidence.
        kgco2e_per_kg: What it needed. [kgCO2e/kg]
        among: How many batches were compared.
    """

    batch: str
    kgco2e_per_kg: Decimal
    among: int


def finished(article: str, body: Mapping[str, Any]) -> list[Finished]:
    """What a footprint's body says of its batch, whole and process by process.

    Args:
        article: The batch's article, or empty.
        body: The footprint, as `api.assemble.footprint_body` writes it.

    Returns:
        Nothing where it is not final, has a problem of its own, or has no accepted mass.
    """
    whole = body["total"]["kgco2e_per_kg"]
    doubts = {problem["code"] for problem in body["problems"]} - _NO_DOUBT
    if body["status"] != "final" or doubts or whole is None:
        return []
    batch, mass_kg = body["batch"], Decimal(body["accepted_kg"])
    return [Finished(batch, article, WHOLE, Decimal(whole))] + [
        Finished(
            batch,
            article,
            part["process"],
            (Decimal(part["kgco2e"]) / mass_kg).quantize(_PER_KG),
        )
        for part in body["by_process"]
    ]


def golden(batches: Iterable[Finished]) -> Golden | None:
    """The reference that batches of one kind set: the second best of ten, the third of twenty, …

    Returns:
        None where they are fewer than `LEAST`.
    """
    ranked = sorted(batches, key=lambda one: (one.kgco2e_per_kg, one.batch))
    if len(ranked) < LEAST:
        return None
    reached = ranked[len(ranked) // _ONE_OF]
    return Golden(reached.batch, reached.kgco2e_per_kg, len(ranked))


def references(batches: Iterable[Finished]) -> dict[Key, Golden]:
    """Every reference that these batches set, by article and process.

    A process has one over all articles too; whole batches have not: what one of polyester takes
    says nothing of one of cotton.
    """
    kinds: dict[Key, list[Finished]] = {}
    for one in batches:
        if one.article:
            kinds.setdefault((one.article, one.process), []).append(one)
        if one.process != WHOLE:
            kinds.setdefault((ANY, one.process), []).append(one)
    return {key: found for key, own in kinds.items() if (found := golden(own)) is not None}


def reference(known: Mapping[Key, Golden], article: str, process: str) -> Golden | None:
    """What a batch of an article is measured against in a process, or whole.

    Its article's own reference; for a process, where there is none, that of all articles.
    """
    return known.get((article, process)) or known.get((ANY, process))
