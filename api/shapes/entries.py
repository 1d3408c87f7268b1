"""Shapes of declared emissions, savings, seals and enrolment."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.shapes import At, Day, Exact, Shape, says


class Emission(Shape):
    """Something that was used and emits, and that no meter counts."""

    id: int = says("In the order in which they were entered")
    batch: str = says("The batch that carries it")
    carrier: str = says("As in /factors")
    unit: str = says("Of the amount")
    amount: Exact = says("How much [unit]")
    at: At = says("When")
    by: str = says("Who says so")
    why: str = says("What for")
    evidence: str = says("What proves it")
    entered_at: At = says("When it was entered")


class DeclaredEmission(Emission):
    """The same, and whether a factor prices it."""

    priced: bool = says("Whether a factor prices it")
    nearest: str | None = says("The closest one that has a factor, where this has none")


class Emissions(Shape):
    """What was declared."""

    emissions: list[Emission] = says("In the order in which they were entered")


class SavedAmount(Shape):
    """An amount that was spent for nothing."""

    carrier: str = says("Of what")
    unit: str = says("Of the amount")
    amount: Exact = says("How much [unit]")


class Evidence(Shape):
    """What proves a saving."""

    of: str = says("A batch, meter or machine")
    kgco2e: Exact = says("Its part [kgCO2e]")


class Saving(Shape):
    """What was spent for nothing."""

    kind: Literal["idle", "above-golden", "rework", "solar-exported", "nothing-ran"] = says("How")
    where: str = says("A machine, article or utility")
    amounts: list[SavedAmount] = says("By carrier")
    kgco2e: Exact = says("What it emitted [kgCO2e]")
    money: Exact | None = says("What it cost, where the site says its prices [currency]")
    evidence: list[Evidence] = says("What proves it, the most first")
    among: int = says("Of how many pieces of evidence those are")


class Savings(Shape):
    """Where to save."""

    start: At = says("Beginning of the days that were looked at", alias="from")
    end: At = says("Their end", alias="to")
    currency: str | None = says("Of all money")
    batches: int = says("How many final batches were looked at")
    savings: list[Saving] = says("The costliest first")


class SealEntry(Shape):
    """A seal in the list."""

    number: int = says("From 1")
    day: Day = says("The day that it seals")
    made: At = says("When it was made")


class Seals(Shape):
    """Every seal."""

    site: str = says("Of which site")
    key: str | None = says("Public key of the newest, Ed25519 in base64; null before the first")
    seals: list[SealEntry] = says("The newest first")


Pair = Annotated[list[str], Field(min_length=2, max_length=2)]


class Seal(Shape):
    """The seal of a day; what `millprint verify --against` reads."""

    seal: dict[str, Any] = says("What is signed, in its RFC 8785 form")
    signature: str = says("Of that form: Ed25519, base64url without padding")
    leaves: list[Pair] = says("What it names, each with its SHA-256 in base64url")


class Certificate(Shape):
    """What a collector gets that joined, or changed its key."""

    name: str = says("Its name at the broker")
    site: str = says("Of which site")
    port: int = says("The broker's port for TLS")
    certificate: str = says("Its certificate [PEM]")
    authority: str = says("The certificate that everybody of the site trusts [PEM]")
    expires: At = says("Until when its own holds")
