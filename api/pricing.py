"""Pricing: a tally and factors make a footprint; nothing else is needed (rule 17)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.ledger.factors import LATEST, Catalogue, Price, Prices, Question
from api.ledger.footprint import Footprint, footprint
from api.ledger.lines import priced_line
from api.ledger.tally import Intake, Tally
from collector.wire.problem import Problem


@dataclass(frozen=True, slots=True)
class Priced:
    """How something is priced: for which account, by which method, with which potentials.

    Attributes:
        view: ``inventory`` or ``footprint``.
        asked: Time of computation: factors published later are not used.
        method: ``location`` or ``market``.
        edition: Of the warming potentials.
    """

    view: str
    asked: datetime
    method: str = "location"
    edition: str = LATEST


@dataclass(frozen=True, slots=True)
class Report:
    """A batch's tally, priced.

    Attributes:
        tally: The physical side.
        how: How it was priced.
        footprint: The result.
        problems: What is wrong.
    """

    tally: Tally
    how: Priced
    footprint: Footprint
    problems: tuple[Problem, ...]


class Pricer:
    """Prices tallies by a catalogue, and is the one who knows which one holds."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._prices = Prices(catalogue)

    @property
    def catalogue(self) -> Catalogue:
        """The one that holds now."""
        return self._prices.catalogue

    def use(self, catalogue: Catalogue) -> None:
        """Price by another one from now on."""
        self._prices = Prices(catalogue)

    def price(self, tally: Tally, how: Priced) -> Report:
        """Price a tally; the tally is all that this needs."""
        prices = self._prices  # the same for all of it, whatever is entered meanwhile
        found = {one.batch: prices.of(one.wanted, _question(one, how)) for one in tally.intakes}
        return Report(
            tally=tally,
            how=how,
            footprint=footprint(
                [priced_line(line, found[tally.origin_of(line)][0]) for line in tally.lines]
            ),
            problems=(*tally.problems, *(one for _, own in found.values() for one in own)),
        )

    def prices(self, intake: Intake, how: Priced) -> Mapping[tuple[str, str], Price]:
        """The prices that a batch needs, by carrier and unit."""
        return self._prices.of(intake.wanted, _question(intake, how))[0]


def _question(intake: Intake, how: Priced) -> Question:
    return Question(how.view, how.method, intake.region, intake.about, how.asked, how.edition)
