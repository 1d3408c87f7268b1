"""What the commissioning commands say, they say in both languages, with the same blanks."""

import re
import string

import pytest

from millprint.commands import sentences
from tests.house.sources import ROOT

SAID = sentences._ZH
SOURCES = [path.read_text(encoding="utf-8") for path in (ROOT / "millprint/commands").glob("*.py")]


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("english", SAID)
def test_a_sentence_has_the_same_blanks_in_both_languages_and_somebody_says_it(english: str):
    others = "".join(text for text in SOURCES if "_ZH = {" not in text)
    others = re.sub(r'"\n +"', "", others)  # a long one stands on two lines

    assert blanks(SAID[english]) == blanks(english)
    assert f'"{english}"' in others


def test_every_sentence_that_is_asked_for_by_name_is_there():
    asked = {words for text in SOURCES for words in re.findall(r'sentence\("([^"]+)"', text)}

    assert asked
    assert asked <= SAID.keys()


def test_a_sentence_is_filled_in():
    assert sentences.sentence("or {profile}", "zh", profile="abb-b23") == "或 abb-b23"
