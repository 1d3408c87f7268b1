"""The ladder (rule 7): the first driver whose signal the whole group has divides a slice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

from api.ledger import drivers
from api.ledger.accounts import Division, Run, Weight
from api.ledger.drivers import Case, equal

Ladders: TypeAlias = Mapping[str, Sequence[str]]
"""By machine, what divides it among batches that are on it at once."""

_ONE = Decimal(1)


def divide(case: Case, rungs: Sequence[str], within: Ladders) -> Division:
    """How a slice is divided among its runs: one rung for all of them.

    Where a machine counts once, it is divided among its own batches by its own ladder. Below
    the last rung all runs count the same. A division may be idle: the signal is there, and 0.
    """
    passed_over: list[str] = []
    for rung in rungs:
        weights = _weigh(replace(case, argument=rung.partition(":")[2]), rung, within)
        if weights is not None:
            return Division(rung, case.runs, weights, tuple(passed_over))
        passed_over.append(rung)
    return Division("equal", case.runs, _all(case, equal.weigh) or (), tuple(passed_over))


def evenly(case: Case, within: Ladders) -> Division:
    """Every machine counts once, and is divided among its own batches by its own ladder."""
    weights = tuple(Weight(_ONE, {}) for _ in case.runs)
    return Division("equal", case.runs, _among_batches(case, weights, within))


def varies(rungs: Sequence[str]) -> bool:
    """Whether a division by these may change while its runs stay the same."""
    return any(drivers.driver(rung).VARIES for rung in rungs)


def _weigh(case: Case, rung: str, within: Ladders) -> tuple[Weight, ...] | None:
    driver = drivers.driver(rung)
    weights = _all(case, driver.weigh)
    if weights is not None and driver.PER_MACHINE:
        return _among_batches(case, weights, within)
    return weights


def _all(case: Case, weigh: Callable[[Case, Run], Weight | None]) -> tuple[Weight, ...] | None:
    """The weight of every run; None where one is missing: the rung holds for all or none."""
    weights = []
    for run in case.runs:
        weight = weigh(case, run)
        if weight is None:
            return None
        weights.append(weight)
    return tuple(weights)


def _among_batches(case: Case, weights: tuple[Weight, ...], within: Ladders) -> tuple[Weight, ...]:
    """Weights of machines as weights of runs: several batches share what their machine counts."""
    machines = [run.machine for run in case.runs]
    if len(set(machines)) == len(machines):
        return weights
    parts: dict[Run, Decimal] = {}
    for machine in dict.fromkeys(machines):
        own = tuple(run for run in case.runs if run.machine == machine)
        rungs = [one for one in within.get(machine, ()) if not drivers.driver(one).PER_MACHINE]
        among = divide(replace(case, runs=own), rungs, {})
        whole = sum((weight.value for weight in among.weights), Decimal(0))
        parts |= {run: weight.value / whole for run, weight in zip(own, among.weights, strict=True)}
    return tuple(
        Weight(weight.value * parts[run], {**weight.inputs, "part_of_machine": parts[run]})
        for run, weight in zip(case.runs, weights, strict=True)
    )
