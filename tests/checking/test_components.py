"""Components are what comes round: it is tried against every way between two nodes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fsm_langgraph.checking.structure.components import components, is_ring, joined_groups

NODES = "abcdef"
GRAPHS = st.fixed_dictionaries({node: st.lists(st.sampled_from(NODES + "x"), max_size=3) for node in NODES})


def after(graph: dict[str, list[str]], first: str) -> set[str]:
    """Return the nodes that come after one, in one step or more."""
    found: set[str] = set()
    waiting = [*graph[first]]
    while waiting:
        node = waiting.pop()
        if node in graph and node not in found:
            found.add(node)
            waiting += graph[node]
    return found


@given(GRAPHS)
def test_two_nodes_are_in_one_component_where_each_leads_to_the_other(graph: dict[str, list[str]]) -> None:
    leads = {node: after(graph, node) for node in graph}

    assert {frozenset(found) for found in components(graph)} == {
        frozenset({node, *(other for other in leads[node] if node in leads[other])}) for node in graph
    }


@given(GRAPHS)
def test_a_component_comes_after_those_that_it_leads_to(graph: dict[str, list[str]]) -> None:
    order = {node: number for number, found in enumerate(components(graph)) for node in found}

    assert all(order[target] <= order[node] for node in graph for target in after(graph, node))


@given(GRAPHS)
def test_a_component_is_a_ring_where_one_of_it_comes_round(graph: dict[str, list[str]]) -> None:
    assert all(is_ring(found, graph) == (found[0] in after(graph, found[0])) for found in components(graph))


@given(GRAPHS)
def test_what_an_edge_joins_is_in_one_group(graph: dict[str, list[str]]) -> None:
    number = {node: index for index, group in enumerate(joined_groups(NODES, graph)) for node in group}
    both_ways = {node: [n for n in NODES if n in graph[node] or node in graph[n]] for node in NODES}

    assert {frozenset(n for n in NODES if number[n] == number[node]) for node in NODES} == {
        frozenset({node, *after(both_ways, node)}) for node in NODES
    }
    assert all(group == sorted(group) for group in joined_groups(NODES, graph))


def test_a_chain_may_be_longer_than_the_stack_is_deep() -> None:
    chain = {str(n): [str(n + 1)] for n in range(20_000)}

    assert sum(1 for _ in components(chain)) == 20_000
