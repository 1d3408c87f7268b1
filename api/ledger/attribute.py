"""Attribution: every amount of a period to its accounts, all rules in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.ledger.accounts import Charge, Posting
from api.ledger.gauges import Gauges
from api.ledger.machines import Shift, post_machine, post_shared
from api.ledger.plant import Plant
from api.ledger.pools import Flows, Window
from api.ledger.supplies import post_supplies
from api.ledger.utilities import WindowBalance, charge, post_inputs
from collector.wire.problem import Problem
from gateway.intervals import Measured


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
    for machine in plant.machines:
        for _, meter in machine.meters:
            if meter in measured:
                postings += post_machine(machine, meter, measured[meter].slices, shift)
    for shared in plant.shared:
        if shared.meter in measured:
            postings += post_shared(shared, plant, measured[shared.meter].slices, shift)
    postings += post_inputs(plant, measured)
    postings, problems = post_supplies(plant, measured, postings)
    charges, balances, found = charge(Flows(plant, postings, measured, gauges or {}), windows)
    problems += found
    problems += [problem for one in measured.values() for problem in one.problems]
    return Attribution(tuple(postings), tuple(charges), tuple(balances), tuple(problems))
