"""Which imports the contract about private names refuses."""

from __future__ import annotations

import pytest
from contracts import private_imports

PACKAGES = frozenset({"langgraph", "langchain_core"})


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from langgraph._internal._constants import NS", [(1, "langgraph._internal._constants.NS")]),
        ("\nimport langgraph.pregel._write", [(2, "langgraph.pregel._write")]),
        ("from langgraph.pregel import _write, Pregel", [(1, "langgraph.pregel._write")]),
        ("import typing, langchain_core._api as api", [(1, "langchain_core._api")]),
        ("def f():\n    from langgraph.graph._branch import A, B", [(2, f"langgraph.graph._branch.{x}") for x in "AB"]),
        ("if TYPE_CHECKING:\n    import langgraph._internal", [(2, "langgraph._internal")]),
        ("from langgraph.pregel import Pregel", []),
        ("from langgraph.version import __version__", []),
        ("from pydantic._internal import _fields", []),
        ("from ._internal import langgraph", []),
        ("import fsm_langgraph.graph._branch", []),
    ],
    ids=lambda value: value.strip().replace("\n", ";") if isinstance(value, str) else "",
)
def test_private_names_of_the_packages_are_found(source: str, found: list[tuple[int, str]]) -> None:
    assert list(private_imports(source, PACKAGES)) == found
