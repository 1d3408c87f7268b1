"""The words of the pages, as their two catalogues hold them."""

import re

from tests.house.sources import ROOT

_KEY = re.compile(r'"([a-z]+[.\w() -]*)":')

_TEXT = re.compile(r'"([a-z]+[.\w() -]*)": "([^"]*)"')


def page_words(language: str) -> set[str]:
    """Every key of a catalogue: ``hall.calm``, ``rule.direct``."""
    path = ROOT / f"api/pages/i18n/{language}.js"
    return set(_KEY.findall(path.read_text(encoding="utf-8")))


def page_texts(language: str) -> dict[str, str]:
    """The catalogue's words that are no functions, by key."""
    path = ROOT / f"api/pages/i18n/{language}.js"
    return dict(_TEXT.findall(path.read_text(encoding="utf-8")))


def of_kind(kind: str) -> set[str]:
    """What stands after ``rule.`` and the like."""
    return {key.removeprefix(f"{kind}.") for key in page_words("en") if key.startswith(f"{kind}.")}
