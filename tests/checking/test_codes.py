"""The table of codes: each is given by its example, and everything that a definition can be told has one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import fsm_langgraph
from fsm_langgraph.checking import CODES, Code, Finding, as_finding, code_named, examine
from fsm_langgraph.checking.codes.loading_codes import LOADING_CODES
from fsm_langgraph.errors import DefinitionError
from fsm_langgraph.loading import load_definition

SHOWN = [code for code in CODES.values() if code.example]
ELSEWHERE = {"not-proved"}
"""Shown only where z3 is missing, which other tests see to."""
PACKAGE = Path(fsm_langgraph.__file__).parent
ROOMS = ("data", "loading", "logic", "templates", "handlers", "tools", "machine.py", "cli/findings/handlers_held.py")
"""The rooms that make the problems of a definition, and of the handlers for it."""


def found(text: str, folder: Path) -> tuple[Finding, ...]:
    """Write a definition to a file, and examine that."""
    file = folder / ("fsm.json" if text.startswith("{") else "fsm.yaml")
    file.write_text(text, encoding="utf-8")
    try:
        return examine(load_definition(file)).findings
    except DefinitionError as error:
        return tuple(map(as_finding, error.problems))


def test_the_numbers_are_unique_and_in_order() -> None:
    numbers = [code.number for code in CODES.values()]

    assert all(re.fullmatch(r"FSM\d{3}", number) for number in numbers)
    assert numbers == sorted(set(numbers))


def test_the_names_are_unique_and_no_numbers() -> None:
    tables = [code for code in LOADING_CODES if CODES[code.name] is not code]

    assert tables == []
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in CODES)


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.name)
def test_a_code_is_had_by_its_name_and_by_its_number(code: Code) -> None:
    assert code_named(code.name) is code_named(code.number) is code


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.name)
def test_a_code_has_an_example_or_says_why_not(code: Code) -> None:
    assert bool(code.example) == bool(code.mended) != bool(code.unshown)
    assert code.title[0].isupper()
    assert not code.title.endswith(".")
    assert code.explanation.rstrip().endswith((".", ":", "`"))


@pytest.mark.parametrize("code", [code for code in SHOWN if code.name not in ELSEWHERE], ids=lambda code: code.name)
def test_the_example_gives_it_with_a_place(code: Code, tmp_path: Path) -> None:
    given = [finding for finding in found(code.example, tmp_path) if finding.code == code.name]

    assert given
    assert all(finding.place is not None for finding in given)


@pytest.mark.parametrize("code", SHOWN, ids=lambda code: code.name)
def test_the_mended_example_gives_nothing(code: Code, tmp_path: Path) -> None:
    told = found(code.mended, tmp_path)

    assert [finding for finding in told if finding.severity != "note"] == []
    assert code.name not in {finding.code for finding in told}


def test_whatever_a_definition_can_be_told_is_in_the_table_and_nothing_else() -> None:
    made = {code for room in ROOMS for file in _files(PACKAGE / room) for code in _codes_made(file)}

    assert made == {code.name for code in LOADING_CODES}


def _files(room: Path) -> list[Path]:
    return [room] if room.suffix else sorted(room.rglob("*.py"))


def _codes_made(file: Path) -> Iterator[str]:
    """Yield the codes of the problems that a module makes."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            index = _CODE_OF.get(
                node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            )
            if index is not None and isinstance(given := node.args[index], ast.Constant):
                yield str(given.value)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("(code, "):
            for pair in ast.walk(node.value):
                if isinstance(pair, ast.Tuple):
                    yield str(ast.literal_eval(pair.elts[0]))


_CODE_OF = {"Problem": 1, "UnreadableError": 0, "_report": 0}
"""Which argument is the code, of each call that makes a problem."""
