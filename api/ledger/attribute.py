"""Attribution: every amount of a period to its accounts, all rules in order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from api.ledger.accounts import Account, Charge, Posting, posting
from api.ledger.gauges import Gauges
from api.ledger.machines import Shift, post_machine, post_shared
from api.ledger.plant import Plant
from api.ledger.pools import Flows, Window
from api.ledger.supplies import post_supplies
from api.ledger.utilities import WindowBalance, charge, post_inputs
from collector.wire.problem import Problem
from gateway.intervals import Measured, Slice

_NONE = Decimal(0)
_BY_MASS = {"mass", "mass-process"}


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who carries what of a period.

    Attributes:
        postings: Every meter's amounts by account: meter → accounts closes exactly.
        charges: Utilities' inputs by those who took the output: closes per window.
        windows: The windows themselves.
        problems: What was wrong.
    """

    postings: tuple[Posting, ...]
    charges: tuple[Charge, ...]
    windows: tuple[WindowBalance, ...]
    problems: tuple[Problem, ...]


def attribute(
    plant: Plant,
    shift: Shift,
    windows: Mapping[str, Sequence[Window]],
    measured: Mapping[str, Measured],
    gauges: Gauges | None = None,
) -> Attribution:
    """Attribute a period.

    Args:
        plant: The plant that holds for it.
        shift: What the machines did.
        windows: Balancing windows by utility, whole, inside the period; of a network without
            one, by its carrier.
        measured: Every meter over the period, cut by `api.ledger.cuts.cuts`.
        gauges: Means by slot of the gauges that networks are weighed by.
    """
    postings: list[Posting] = []
    slices = {meter: one.slices for meter, one in measured.items()}
    for machine in plant.machines:
        postings += post_machine(machine, plant, slices, shift)
    for shared in plant.shared:
        if shared.meter in measured:
            postings += post_shared(shared, plant, slices[shared.meter], shift)
    postings += post_inputs(plant, measured)
    postings, problems = post_supplies(plant, measured, postings)
    postings += _held(plant, measured)
    charges, balances, found = charge(Flows(plant, postings, measured, gauges or {}), windows)
    problems += found
    problems += [problem for one in measured.values() for problem in one.problems]
    problems += _without_mass(shift, postings)
    return Attribution(tuple(postings), tuple(charges), tuple(balances), tuple(problems))


def _held(plant: Plant, measured: Mapping[str, Measured]) -> Iterator[Posting]:
    """What meters counted across falls that nobody has decided on (rule 2)."""
    carriers = plant.carrier_of()
    for meter, one in measured.items():
        for piece in one.slices:
            if piece.held:
                # How it falls inside the gap is as little known as whose it is.
                share = Slice(
                    piece.start, piece.end, piece.held, _NONE, _NONE, piece.held, piece.complete
                )
                yield posting(meter, carriers[meter], share, Account("held", meter), "undecided")


def _without_mass(shift: Shift, postings: Iterable[Posting]) -> list[Problem]:
    """Masses that are none and that a division would have asked for: passed over, and said so."""
    wrong = {batch: mass for batch, mass in shift.masses_kg.items() if mass <= 0}
    if not wrong:
        return []
    asked = {
        run.batch
        for one in postings
        if one.division is not None and _BY_MASS & set(one.division.passed_over)
        for run in one.division.runs
    }
    return [
        Problem("mass-not-positive", batch, None, {"mass": f"{mass:f}"})
        for batch, mass in wrong.items()
        if batch in asked
    ]
