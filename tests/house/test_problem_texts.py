"""The catalogue of problems against the code: every code is used, every code has its words."""

import ast
import re
import string
from collections.abc import Iterator

import pytest

from collector.toml_files import texts
from tests.house.sources import ROOMS, called, trees

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def problem_calls() -> Iterator[tuple[str, ast.Call, ast.Module]]:
    for path, tree in trees(*ROOMS):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) == "Problem":
                yield str(path), node, tree


def codes_beside_values(tree: ast.Module) -> Iterator[str]:
    """Codes of pairs ``("code", values)``, from which problems are made further down."""
    for node in ast.walk(tree):
        match node:
            case ast.Tuple(elts=[ast.Constant(value=str(code)), ast.Name() | ast.Dict()]):
                if CODE.fullmatch(code):
                    yield code


def codes_of_tables() -> dict[str, str]:
    """What is wrong with a table is said cell by cell, and becomes problems in one place."""
    return {
        node.value: str(path)
        for path, tree in trees("api")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"import(-[a-z]+)+", node.value)
    }


def codes_in_code() -> dict[str, str]:
    """Every code that the program may say, and the file that says it."""
    found = codes_of_tables()
    for path, call, tree in problem_calls():
        code = call.args[0] if call.args else next(k.value for k in call.keywords)
        if isinstance(code, ast.Constant):
            found[str(code.value)] = path
        else:
            found |= dict.fromkeys(codes_beside_values(tree), path)
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def in_english(chinese: str) -> set[str]:
    """What a Chinese text names, as the English one does: values that are words come in both."""
    return {name.removesuffix("_zh") for name in placeholders(chinese)}


def test_every_code_that_the_program_says_is_in_the_catalogue_and_the_reverse() -> None:
    said = codes_in_code()

    assert {code: path for code, path in said.items() if code not in texts()} == {}
    assert set(texts()) - set(said) == set()


@pytest.mark.parametrize("code", sorted(texts()))
def test_every_problem_has_text_and_remedy_in_both_languages(code: str) -> None:
    own = texts()[code]

    assert set(own) == {"text_en", "do_en", "text_zh", "do_zh"}
    assert all(text.strip() for text in own.values())
    english, chinese = own["text_en"] + own["do_en"], own["text_zh"] + own["do_zh"]
    assert re.search(r"[\u4e00-\u9fff]", own["text_zh"])
    assert re.search(r"[\u4e00-\u9fff]", own["do_zh"])
    assert not re.search(r"[\u4e00-\u9fff]", english)
    assert placeholders(own["text_en"]) == in_english(own["text_zh"])
    assert placeholders(english) == in_english(chinese)


def literal_names(call: ast.Call) -> set[str] | None:
    """Names of the values where they stand in the call itself; None where they come from afar."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "values"]
    given += call.args[3:4]
    if not given:
        return set()
    match given[0]:
        case ast.Dict(keys=keys) if all(isinstance(key, ast.Constant) for key in keys):
            return {str(key.value) for key in keys if isinstance(key, ast.Constant)}
        case _:
            return None


def test_a_problem_brings_every_value_that_its_words_quote() -> None:
    short = {}
    for path, call, _ in problem_calls():
        names = literal_names(call)
        code = call.args[0] if call.args else None
        if names is None or not isinstance(code, ast.Constant):
            continue
        own = texts()[str(code.value)]
        quoted = set().union(*(placeholders(text) for text in own.values()))
        if quoted - names:
            short[f"{path}:{call.lineno} {code.value}"] = quoted - names

    assert short == {}
