"""``drivers = […]``: what divides a meter, rung by rung."""

from collections.abc import Sequence

from api.ledger import drivers
from api.plant.findings import Findings
from collector import toml_files
from collector.wire.problem import Problem

_OF_A_SIGNAL = ("signal", "power", "rated-on-hours")


def check_ladder(
    rungs: Sequence[str], where: str, findings: Findings, *, of_batches: bool = False
) -> None:
    """Whether every rung is a driver, with its argument where it takes one.

    Args:
        rungs: The ladder.
        where: File and place.
        findings: What is wrong is added here.
        of_batches: Whether it divides one machine among batches that are on it at once.
    """
    known = drivers.names()
    for rung in rungs:
        name, _, argument = rung.partition(":")
        if name not in known:
            values = {"driver": rung, "nearest": toml_files.nearest(name, known)}
            values["known"] = ", ".join(known)
            findings.problems.append(Problem("unknown-driver", where, None, values))
        elif bool(argument) != (name in _OF_A_SIGNAL):
            findings.wrong(
                f"{where} drivers",
                repr(rung),
                "one of a signal names its point: signal:motor_on",
            )
        elif of_batches and drivers.driver(rung).PER_MACHINE:
            findings.wrong(
                f"{where} drivers", repr(rung), "it does not tell batches of one machine apart"
            )
