"""The names of the package: each is where it is said to be, and none is waited for before it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import fsm_langgraph

MODULES = {name: module for module, names in fsm_langgraph._MODULES.items() for name in names.split()}


@pytest.mark.parametrize("name", fsm_langgraph.__all__)
def test_a_name_is_found_in_its_module(name: str) -> None:
    module = import_module(f"fsm_langgraph.{MODULES[name]}")
    assert getattr(fsm_langgraph, name) is getattr(module, name)


def test_type_checkers_find_the_names_in_the_same_modules() -> None:
    source = ast.parse(Path(fsm_langgraph.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    seen = {
        alias.name: node.module
        for node in ast.walk(source)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if str(node.module).startswith("fsm_langgraph.")
    }
    assert seen == {name: f"fsm_langgraph.{MODULES[name]}" for name in fsm_langgraph.__all__}
    listed = next(ast.literal_eval(node.value) for node in source.body if isinstance(node, ast.Assign))
    assert sorted(listed) == fsm_langgraph.__all__


def test_the_modules_stand_in_order() -> None:
    assert list(fsm_langgraph._MODULES) == sorted(fsm_langgraph._MODULES)


def test_every_name_is_listed_once() -> None:
    assert [name for name in dir(fsm_langgraph) if name in fsm_langgraph.__all__] == sorted(fsm_langgraph.__all__)


def test_a_name_that_is_not_there_is_told() -> None:
    with pytest.raises(AttributeError, match="module 'fsm_langgraph' has no attribute 'Cut'"):
        fsm_langgraph.Cut  # type: ignore[attr-defined]  # noqa: B018 - no name of the package, which raises


def test_importing_the_package_waits_for_nothing() -> None:
    program = (
        "import sys, fsm_langgraph; print(sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'langchain', 'langchain_core', 'langgraph', 'pydantic'}))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    assert run.stdout.strip() == "[]"
