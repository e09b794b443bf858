"""The rules of the house that no linter knows: names that are given once, and docstrings that say it straight."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import fsm_langgraph

PACKAGE = Path(fsm_langgraph.__file__).parent


@pytest.fixture(scope="module")
def modules() -> dict[Path, ast.Module]:
    return {path.relative_to(PACKAGE): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def test_no_two_modules_share_a_name(modules: dict[Path, ast.Module]) -> None:
    assert _shared((path.stem, str(path)) for path in modules if path.stem != "__init__") == {}


def test_no_two_classes_share_a_name(modules: dict[Path, ast.Module]) -> None:
    assert (
        _shared(
            (node.name, f"{path}:{node.lineno}")
            for path, module in modules.items()
            for node in _statements(module)
            if isinstance(node, ast.ClassDef)
        )
        == {}
    )


def test_no_docstring_begins_with_what(modules: dict[Path, ast.Module]) -> None:
    assert [
        f"{path}:{text.lineno}"
        for path, module in modules.items()
        for text in _docstrings(module)
        if str(text.value).split(maxsplit=1)[:1] == ["What"]
    ] == []


def test_private_names_of_other_packages_are_reached_in_files_that_say_why(modules: dict[Path, ast.Module]) -> None:
    assert {path.as_posix() for path, module in modules.items() if _reached(module)} == {
        "logic/qubit.py",
        "models/langchain_internals.py",
        "models/provider_stream.py",
        "tools/hidden_writes.py",
    }


def _reached(module: ast.Module) -> set[str]:
    """The private attributes that a module takes from anything but its own classes and their bases."""
    nodes = [*ast.walk(module)]
    methods = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    private = [node for node in nodes if isinstance(node, ast.Attribute) and re.match("_[a-z]", node.attr)]
    own = [node.attr for node in private if ast.unparse(node.value) in ("self", "super()")]
    return {node.attr for node in private} - {*own, *methods, "_replace"}  # the last is public in named tuples


def _shared(named: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """The names that are given more than once, and where."""
    places = list(named)
    count = Counter(name for name, _ in places)
    return {name: [place for other, place in places if other == name] for name in count if count[name] > 1}


def _docstrings(module: ast.Module) -> Iterator[ast.Constant]:
    """The docstrings of modules, classes, functions and, under them, attributes."""
    for node in _statements(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements in a node, however deep: a tenth of what `ast.walk` walks through."""
    for name in ("body", "orelse", "handlers", "finalbody", "cases"):
        inner = getattr(node, name, ())
        for statement in inner if isinstance(inner, list) else ():
            yield statement
            yield from _statements(statement)
