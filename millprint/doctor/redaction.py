"""What must not leave the mill is taken out: by where it stands, by its looks, and by heart."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

REDACTED = "[redacted]"
_TELLING = re.compile(r"(?i)pass|secret|token|credential|^key$|_key$|^user(name)?$")
_PATHS = ("_file",)
_LOOKS = (
    re.compile(r"(?<=://)[^/\s@\"']+@"),  # who somebody is, before the host of an address
    re.compile(r"\bmp_[A-Za-z0-9_-]{8,}"),  # an API key
    re.compile(r"\b(?:[A-Z2-7]{4}-){11}[A-Z2-7]{4}\b"),  # a code of an enrolment
    re.compile(r"-----BEGIN [^-]*PRIVATE KEY-----.*?(?:-----END [^-]*-----|\Z)", re.DOTALL),
    re.compile(r"(?i)(?<=bearer )\S+|(?<=authorization: token )\S+"),
    re.compile(r"(?i)(?<=password[=:])\s*\S+|(?<=passphrase[=:])\s*\S+|(?<=secret[=:])\s*\S+"),
)
_SHORTEST = 4  # shorter secrets would take half of every text with them


class Redactor:
    """Takes secrets out of texts.

    Args:
        secret_files: Files of this machine that hold secrets: no line of them is let through.
    """

    def __init__(self, secret_files: Iterable[Path]) -> None:
        known = {line for path in secret_files for line in _lines(path)}
        self._known = sorted((one for one in known if len(one) >= _SHORTEST), key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without what is known or looks like a secret."""
        for secret in self._known:
            text = text.replace(secret, REDACTED)
        for looks in _LOOKS:
            text = looks.sub(REDACTED, text)
        return text

    def table(self, said: object, key: str = "") -> object:
        """What TOML gave, the same way; a value whose key tells that it is secret goes whole."""
        if isinstance(said, Mapping):
            return {str(name): self.table(one, str(name)) for name, one in said.items()}
        if isinstance(said, list | tuple):
            return [self.table(one, key) for one in said]
        if _TELLING.search(key) and not key.endswith(_PATHS):
            return REDACTED
        return self.text(said) if isinstance(said, str) else said


def _lines(path: Path) -> list[str]:
    """The lines of a file, and what stands in quotes in it."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    if "\0" in text:
        return []  # a database: what is secret of it are keys, and it has their hashes alone
    plain = [line.strip() for line in text.splitlines() if not line.startswith("-----")]
    return plain + re.findall(r'"([^"]{16,})"', text)
