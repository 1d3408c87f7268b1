"""How every projection stands, for those who look at the site's health."""

from collections.abc import Mapping

from gateway.journal import Journal
from gateway.projecting.follower import READINGS, where
from gateway.projecting.kept import Kept
from gateway.projecting.reconcile import Comparison
from gateway.projections import Engine, Standing

_MOST = 10_000  # slots that are counted


def standings(engines: Mapping[str, Engine], journal: Journal, kept: Kept) -> tuple[Standing, ...]:
    """How each engine stands, by what is kept; none is asked."""
    found = []
    for name, engine in engines.items():
        position = where(journal, kept, engine.target, READINGS)
        _, behind = journal.changed_since(position, _MOST)
        made, last = kept.comparison(engine.target) or (None, Comparison())
        found.append(
            Standing(
                name,
                len(behind),
                kept.fault(engine.target),
                made,
                missing=last.missing,
                refused=last.refused,
                foreign=last.foreign,
                compared=last.compared,
            )
        )
    return tuple(found)
