"""Passwords: made and compared in a short-lived process, one at a time.

Argon2id is to cost memory and time. In a process of its own it costs the server neither: readings
are stored meanwhile, and the memory is given back. The cryptography is loaded in that one alone.
"""

import json
import subprocess
import sys
import threading
import unicodedata

SHORTEST, LONGEST = 12, 200
_FEWEST_LETTERS = 5
_PATIENCE_S = 60.0
_MOST_WAITING = 4
_one_at_a_time = threading.Lock()
_waiting = threading.BoundedSemaphore(_MOST_WAITING)


class Busy(Exception):
    """More people wait to be let in than this machine can think of at once."""


def is_acceptable(password: str, name: str) -> bool:
    """Whether a password is long enough, and not a person's name or one letter again and again."""
    text = _same(password)
    few = len(set(text)) < _FEWEST_LETTERS
    return SHORTEST <= len(text) <= LONGEST and not few and name.casefold() not in text.casefold()


def hashed(password: str) -> str:
    """A password's hash with its salt and parameters, in Argon2id's own form."""
    return str(_think({"password": _same(password)})["kept"])


def is_right(password: str, kept: str | None) -> bool:
    """Whether it is the password of a kept hash; without one it takes as long, and it is not."""
    if kept is None:
        hashed(password)
        return False
    return bool(_think({"password": _same(password), "kept": kept})["right"])


def _same(password: str) -> str:
    """One form of what is typed alike on different keyboards (NFKC, as NIST SP 800-63B advises)."""
    return unicodedata.normalize("NFKC", password)


def _think(asked: dict[str, str]) -> dict[str, object]:
    if not _waiting.acquire(blocking=False):
        raise Busy
    try:
        with _one_at_a_time:
            done = subprocess.run(
                [sys.executable, "-m", "api.passwords"],
                input=json.dumps(asked).encode(),
                stdout=subprocess.PIPE,
                timeout=_PATIENCE_S,
                check=True,
            )
        found: dict[str, object] = json.loads(done.stdout)
        return found
    finally:
        _waiting.release()
