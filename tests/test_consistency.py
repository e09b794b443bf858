"""The names that are refused because LangGraph refuses them."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph

from fsm_langgraph.loading import find_problems
from fsm_langgraph.loading.consistency import LANGGRAPH_NAMES

REFUSED = (*LANGGRAPH_NAMES, START, END, "__input__", "__interrupt__", "a|b", "a:b")


class Channels(TypedDict):
    text: str


@pytest.mark.parametrize("name", REFUSED)
def test_a_reserved_state_id_is_one_that_langgraph_refuses(name: str) -> None:
    graph: Any = StateGraph(Channels)

    with pytest.raises(ValueError, match="reserved"):
        graph.add_node(name, lambda _: {}).add_edge(START, name).compile()


@pytest.mark.parametrize("name", [*REFUSED, "__mine", ""])
def test_a_name_that_langgraph_needs_is_a_reserved_state_id(name: str) -> None:
    state = {"id": name, "description": "d", "purpose": "p", "transitions": []}

    problems = find_problems({"name": "n", "description": "d", "initial_state": name, "states": {name: state}})

    assert [problem.code for problem in problems] == ["reserved-name"]
