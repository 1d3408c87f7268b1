"""Row 13: calls on the disk fail, at the nth time and some times after."""

from random import Random

from tests.faults import powercut
from tests.faults.damaged import put_aside
from tests.faults.hall import Hall, now_ms
from tests.faults.row import Dose, Row, joined
from tests.faults.stracing import database, failing, inject
from tests.faults.trial import tried

_CALLS = (("fdatasync", "fsync"), ("pwrite64",), ("fdatasync", "fsync", "pwrite64", "ftruncate"))
_ERRORS = ("EIO", "ENOSPC")
_FAULTY_S = 4.0


def disk(dose: Dose) -> Row:
    """Row 13: also cut the power behind a sync that failed."""
    fault = "sync and write fail with EIO or ENOSPC at the nth call"
    when = f"{dose.drawn(13).randint(5, 30)}+{dose.drawn(13).randint(3, 9)}"
    return joined(
        fault,
        tried(13, fault, _collector, dose),
        tried(13, fault, _server, dose),
        powercut.server_failing(13, fault, dose, (inject(_CALLS[0], "EIO", when),)),
    )


def _collector(one: Hall, drawn: Random) -> int:
    return _fail(one, "collector", drawn)


def _server(one: Hall, drawn: Random) -> int:
    return _fail(one, "server", drawn)


def _fail(one: Hall, name: str, drawn: Random) -> int:
    first, times = drawn.randint(1, 40), drawn.randint(0, 20)
    when = f"{first}..{first + times}"
    files = database(one.spool if name == "collector" else one.journal)
    one.again(name, failing(drawn.choice(_CALLS), drawn.choice(_ERRORS), when, files))
    one.watch(_FAULTY_S)
    one.polled(now_ms(), within_s=10)
    ended_ms = now_ms()
    if one.child(name).code is None:
        one.again(name)
    else:
        one.begin(name)
    if name == "collector":
        one.excuse_death(ended_ms)  # its last commit may have failed too
        one.excuse_memory(ended_ms)
    if put_aside(one.spool):
        one.broken.append(f"a spool was given up though its disk only failed ({when})")
    return ended_ms
