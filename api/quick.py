"""What is answered in a few milliseconds is answered a few at a time, in the order of asking.

SQLite lets go of the interpreter at every row. With twenty threads in the middle of their rows each
waits for all others again and again, and some much longer than others. What takes longer has the
other threads, so nobody who is quick waits behind it.
"""

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

_AT_ONCE = 2
_line: RunVar[CapacityLimiter] = RunVar("quick")

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def quick(answer: Callable[Asked, Answer]) -> Callable[Asked, Awaitable[Answer]]:
    """Answers in a thread, as FastAPI would, but in the line of those that are quick."""

    @wraps(answer)
    async def in_line(*args: Asked.args, **asked: Asked.kwargs) -> Answer:
        return await to_thread.run_sync(partial(answer, *args, **asked), limiter=_limit())

    return in_line


def _limit() -> CapacityLimiter:
    """Of this event loop."""
    try:
        return _line.get()
    except LookupError:
        _line.set(CapacityLimiter(_AT_ONCE))
        return _line.get()
