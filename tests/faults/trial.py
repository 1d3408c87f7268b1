"""A trial: a fault, injected into a hall so many times, and what it cost."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

from tests.faults.hall import Hall, now_ms
from tests.faults.layout import Layout
from tests.faults.namespaces import small_disk
from tests.faults.row import Dose, Row

_LONGEST_PAUSE_S = 1.5


@contextlib.contextmanager
def hall(
    layout: Layout,
    *,
    small: Mapping[str, int] | None = None,
    prepare: Callable[[Path], None] = lambda _: None,
) -> Iterator[Hall]:
    """A running hall that leaves nothing behind.

    Args:
        layout: What differs from other halls.
        small: Size of a disk of its own for ``edge`` or ``office``. [MB]
        prepare: What is done in its folder before anything is started.
    """
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        for place, size_mb in (small or {}).items():
            stack.enter_context(small_disk(folder / place, size_mb))
        one = Hall(folder, layout)
        prepare(folder)
        try:
            one.open()
            yield one
        finally:
            one.close()


Fault = Callable[[Hall, Random], int | None]
"""Injects it; says when the fault ended, where recovery begins later than at once. [ms]"""


def tried(
    number: int,
    fault: str,
    inject: Fault,
    dose: Dose,
    layout: Layout = Layout(),  # noqa: B008 - it is frozen
    *,
    small: Mapping[str, int] | None = None,
    prepare: Callable[[Path], None] = lambda _: None,
) -> Row:
    """Inject a fault into a hall so many times, and count what it cost."""
    drawn = dose.drawn(number)
    chosen = replace(layout, bound_s=dose.bound_s, tapped=layout.tapped or dose.trust_puback)
    with hall(chosen, small=small, prepare=prepare) as one:
        slowest_s = 0.0
        one.trusting = dose.trust_puback
        one.order(trust=one.trusting)
        for _ in range(dose.times):
            one.watch(drawn.uniform(0, _LONGEST_PAUSE_S))
            one.fresh()
            began_ms = now_ms()
            ended_ms = inject(one, drawn) or began_ms
            one.arrived(ended_ms)
            slowest_s = max(slowest_s, (now_ms() - ended_ms) / 1000)
        return judged(number, fault, one, dose.times, slowest_s)


def judged(number: int, fault: str, one: Hall, injected: int, slowest_s: float) -> Row:
    """The row of what was done to a hall: what is lost or doubled, and what is broken."""
    compared = one.settled()
    broken = list(dict.fromkeys([*one.broken, *one.faults_of_evidence()]))
    if compared.invented:
        broken.insert(0, f"{compared.invented} values in the journal that no meter said")
    return Row(
        number,
        fault,
        injected,
        compared.readings,
        len(compared.lost),
        compared.doubled,
        slowest_s,
        tuple(broken),
    )
