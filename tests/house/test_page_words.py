"""The pages have a word for all that the server says, in both languages, and none for nothing."""

import re

from api.explain_words import WORDS
from api.words import KINDS
from tests.house.page_words import of_kind, page_texts, page_words
from tests.house.sources import ROOT

PAGES = (ROOT / "api/pages", ROOT / "api/group/page")


def test_the_pages_know_the_same_words_in_both_languages() -> None:
    assert len(page_words("en")) > 100
    assert page_words("en") == page_words("zh")


def test_every_rule_that_explanations_know_has_a_word_on_the_pages() -> None:
    assert set(WORDS["en"]["rules"]) - of_kind("rule") == set()


def test_files_and_explanations_call_everything_as_the_pages_do() -> None:
    for place, language in enumerate(("en", "zh")):
        shown = page_texts(language)
        for kind, words in KINDS.items():
            said = {f"{kind}.{code}": both[place] for code, both in words.items()}
            assert said == {key: text for key, text in shown.items() if key in said}
            assert {code for code in of_kind(kind) if "." not in code} == set(words)


def test_every_reason_why_something_is_left_out_has_a_word_on_the_pages() -> None:
    assembled = (ROOT / "api/assemble.py").read_text(encoding="utf-8")
    reasons = set(re.findall(r'\(result\.\w+, "([a-z-]+)"\)', assembled))

    assert len(reasons) > 1
    assert reasons | {"unmetered"} == of_kind("why")


def test_every_reason_for_a_missing_or_doubtful_value_has_a_word_on_the_pages() -> None:
    contracts = (ROOT / "docs/contracts.md").read_text(encoding="utf-8")
    said = contracts.split("Reasons why a point has no value:")[1].split("\n\n")[0]
    reasons = {one.removesuffix("-N") for one in re.findall(r"`([a-z-]+(?:-N)?)`", said)}

    assert len(reasons) > 10
    assert reasons - of_kind("reason") == set()


def test_every_word_is_shown_somewhere() -> None:
    files = [one for folder in PAGES for one in folder.rglob("*.js")]
    scripts = [one for one in files if one.name not in ("en.js", "zh.js")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in scripts)
    kinds = tuple(f"{kind}." for kind in re.findall(r'word\("(\w+)"', code))
    begun = tuple(re.findall(r"`([a-z]+\.(?:[\w-]+\.)*)\$\{", code))

    unseen = {key for key in page_words("en") if f'"{key}"' not in code}
    assert {key for key in unseen if not key.startswith(kinds + begun)} == set()
