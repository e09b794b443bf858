"""The machine decides: which transition is taken, line by line of the rules and as laws."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm_langgraph.definition import EVERYTHING, State, Transition
from fsm_langgraph.logic import evaluate, is_present, truthy
from fsm_langgraph.routing import Route, Router

LAW = settings(deadline=None, max_examples=200)

Edge = tuple[str, dict[str, Any]]


def edge(target: str, *, needs: Iterable[str] = (), logic: Any = None, priority: int = 100) -> dict[str, Any]:
    """Write a transition, with one condition where something is asked for."""
    condition = {"description": "c", "requires_context_keys": list(needs), "logic": logic}
    conditions = [condition] if needs or logic is not None else []
    return {"target_state": target, "description": "d", "conditions": conditions, "priority": priority}


def router(*edges: dict[str, Any], **fields: Any) -> Router:
    return Router(
        State.model_validate({"id": "here", "description": "d", "purpose": "p", "transitions": list(edges), **fields})
    )


def taken(route: Route) -> str | None:
    return route.transition.target_state if route.transition else None


A, B = edge("a"), edge("b")
A_IF_X, B_IF_X, B_IF_Y = edge("a", needs=["x"]), edge("b", needs=["x"]), edge("b", needs=["y"])
SELF, SELF_IF_X = edge("here"), edge("here", needs=["x"])
EVEN_IF = edge("a", logic={"var": ""})
LOGIC, SILENT, THOUGHT = {"decision": "logic"}, {"silent": True}, {"listens": False}


@pytest.mark.parametrize(
    ("machine", "context", "changed", "proposed", "target", "why"),
    [
        # the model chooses
        pytest.param(router(A, B), {}, "", "b", "b", "proposed", id="an open edge is taken"),
        pytest.param(router(A, B), {}, "", "here", None, "stayed", id="the own id stays"),
        pytest.param(router(A_IF_X, B), {}, "", "a", None, "vetoed", id="a closed edge is not taken"),
        pytest.param(router(A_IF_X), {"x": False}, "x", "a", None, "vetoed", id="false opens no gate"),
        pytest.param(router(A_IF_X), {"x": 0}, "x", "a", "a", "proposed", id="0 does"),
        pytest.param(router(A), {}, "", "nowhere", None, "vetoed", id="an unknown target is vetoed"),
        pytest.param(router(A), {}, "", "", None, "vetoed", id="an empty target is vetoed"),
        pytest.param(router(), {}, "", "here", None, "stayed", id="a final state stays"),
        pytest.param(router(), {}, "", "a", None, "vetoed", id="a final state leads nowhere"),
        pytest.param(
            router(A_IF_X, edge("a", needs=["y"])),
            {"y": 1},
            "",
            "a",
            "a",
            "proposed",
            id="one open edge of two is enough",
        ),
        # the own id
        pytest.param(router(SELF), {}, "", "here", "here", "proposed", id="an open edge to itself is taken"),
        pytest.param(router(SELF_IF_X), {}, "", "here", None, "stayed", id="a closed one is staying"),
        pytest.param(router(SELF_IF_X), {"x": 1}, "", "here", "here", "proposed", id="an open condition"),
        # what the model forgot
        pytest.param(router(A_IF_X), {"x": 1}, "x", "here", "a", "fired", id="news opens an edge: it fires"),
        pytest.param(router(A_IF_X), {"x": 1}, "", "here", None, "stayed", id="what is old news does not"),
        pytest.param(router(A_IF_X), {"x": 1}, "y", "here", None, "stayed", id="nor other news"),
        pytest.param(router(A), {}, "x", "here", None, "stayed", id="an edge without conditions never fires"),
        pytest.param(router(A_IF_X, B), {"x": 1}, "x", "b", "b", "proposed", id="a proposal comes first"),
        pytest.param(router(A_IF_X, B_IF_Y), {"x": 1}, "x", "b", "a", "fired", id="after a veto too"),
        pytest.param(router(A_IF_X, B_IF_X), {"x": 1}, "x", "here", "a", "fired", id="the first of several"),
        pytest.param(router(SELF_IF_X), {"x": 1}, "x", "nowhere", "here", "fired", id="an edge to itself fires"),
        pytest.param(router(EVEN_IF), {"x": 1}, "x", "here", "a", "fired", id="who reads all reads this"),
        pytest.param(router(EVEN_IF), {"x": 1}, "", "here", None, "stayed", id="but only what is new"),
        pytest.param(
            router(edge("a", logic={"!": {"var": "x.y"}})),
            {},
            "x",
            "here",
            "a",
            "fired",
            id="a removed key is news",
        ),
        pytest.param(router(edge("a", logic=True)), {}, "x", "here", None, "stayed", id="who reads nothing"),
        # entered
        pytest.param(router(A_IF_X), {"x": 1}, "x", None, "a", "fired", id="entered, news leads on"),
        pytest.param(router(A_IF_X), {"x": 1}, "", None, None, "stayed", id="entered, old news waits"),
        pytest.param(router(A), {}, "x", None, None, "stayed", id="entered, a state that listens waits"),
        pytest.param(router(A, **THOUGHT), {}, "x", None, None, "stayed", id="entered, a thought waits too"),
        pytest.param(router(SELF), {}, "", None, None, "stayed", id="entered, no edge to itself"),
        # conditions alone decide
        pytest.param(router(A_IF_X, B, **LOGIC), {}, "", "a", "b", "first", id="logic: the first open edge"),
        pytest.param(router(A_IF_X, B, **LOGIC), {"x": 1}, "", "b", "a", "first", id="logic: not the proposal"),
        pytest.param(router(A_IF_X, **LOGIC), {}, "", "a", None, "stayed", id="logic: none open stays"),
        pytest.param(router(A_IF_X, **LOGIC), {"x": 1}, "", None, "a", "first", id="logic: entered, leads on"),
        pytest.param(router(A, **LOGIC), {}, "", None, None, "stayed", id="logic: entered, it listens first"),
        pytest.param(router(A, **LOGIC, **THOUGHT), {}, "", None, "a", "first", id="logic: a thought does not"),
        pytest.param(router(A_IF_X, B, **SILENT), {}, "", None, "b", "first", id="silent: the first open edge"),
        pytest.param(router(A_IF_X, **SILENT), {}, "", None, None, "stayed", id="silent: none open stays"),
        pytest.param(router(A_IF_X, B, **SILENT), {"x": 1}, "", "b", "a", "first", id="silent: no proposal"),
    ],
)
def test_a_route_follows_the_rules(
    machine: Router, context: dict[str, Any], changed: str, proposed: str | None, target: str | None, why: str
) -> None:
    route = machine.route(context, set(changed), proposed)

    assert (taken(route), route.why) == (target, why)


def test_priority_comes_before_the_order_of_the_document() -> None:
    machine = router(edge("a"), edge("b", priority=1), edge("c"), edge("d", priority=1), **SILENT)

    route = machine.route({}, set(), None)

    assert taken(route) == "b"
    assert [verdict.transition.target_state for verdict in route.verdicts] == ["b", "d", "a", "c"]


def test_an_edge_to_a_state_entered_before_is_closed() -> None:
    machine = router(A_IF_X, B_IF_X)

    assert taken(machine.route({"x": 1}, {"x"}, None, visited=["a"])) == "b"
    assert taken(machine.route({"x": 1}, {"x"}, "a", visited=["a"])) == "b"
    assert taken(machine.route({"x": 1}, {"x"}, None, visited=["a", "b"])) is None


def test_every_verdict_says_what_was_missing_and_what_failed() -> None:
    """Each key once, in the order asked; each condition that failed; and nothing where all is well."""
    conditions = [
        {
            "description": "is adult",
            "requires_context_keys": ["age", "name"],
            "logic": {">": [{"var": "age"}, 17]},
        },
        {"description": "has agreed", "requires_context_keys": ["name", "agreed"]},
        {"description": "is known", "logic": {"var": "known"}},
    ]
    transition = {"target_state": "a", "description": "d", "conditions": conditions}

    verdict, open_verdict = router(transition, B).route({"agreed": False, "age": 0, "known": 1}, set(), "here").verdicts

    assert (verdict.missing, verdict.failed, verdict.visited) == (("name", "agreed"), ("is adult",), False)
    assert not verdict.enabled
    assert (open_verdict.missing, open_verdict.failed, open_verdict.enabled) == ((), (), True)


@pytest.mark.parametrize("engine", ["closures", "json-logic-qubit"])
def test_either_engine_judges(engine: Any) -> None:
    machine = Router(router(edge("a", logic={"==": [{"var": "x"}, 1]})).state, engine=engine)

    assert taken(machine.route({"x": 1}, set(), "a")) == "a"
    assert taken(machine.route({"x": 2}, set(), "a")) is None


# The laws.

KEYS = st.sampled_from("xyz")
VALUES = st.sampled_from([None, False, 0, "", [], {}, True, 1, "1", [0], {"k": 1}])
CONTEXTS = st.dictionaries(KEYS, VALUES)
LOGIC_RULES = st.sampled_from(
    [
        *(None, True, False, {"var": "x"}, {"!": {"var": "y"}}, {"==": [{"var": "z.k"}, 1]}, {"var": ""}),
        *({"missing": ["x", "y"]}, {"and": [{"var": "x"}, {"var": "y"}]}, {">": [{"var": "x"}, 0]}),
    ]
)
EDGES = st.builds(
    edge,
    st.sampled_from(["a", "b", "here"]),
    needs=st.lists(KEYS, max_size=2),
    logic=LOGIC_RULES,
    priority=st.sampled_from([1, 100]),
)
ROUTERS = st.builds(
    lambda edges, fields: router(*edges, **fields),
    st.lists(EDGES, max_size=5),
    st.sampled_from([{}, {}, LOGIC, SILENT, THOUGHT]),
)
CHANGES = st.frozensets(KEYS)
PROPOSALS = st.sampled_from(["a", "b", "here", "nowhere", "", None])
VISITS = st.frozensets(st.sampled_from(["a", "b", "here"]), max_size=2)


def holds(transition: Transition, context: dict[str, Any]) -> bool:
    """Judge a transition's conditions otherwise than the router does."""
    return all(
        all(is_present(context.get(key)) for key in condition.requires_context_keys)
        and (condition.logic is None or truthy(evaluate(condition.logic, context)))
        for condition in transition.conditions
    )


@LAW
@given(ROUTERS, CONTEXTS, CHANGES, PROPOSALS, VISITS)
def test_no_proposal_leads_along_a_closed_edge(
    machine: Router,
    context: dict[str, Any],
    changed: frozenset[str],
    proposed: str | None,
    visited: frozenset[str],
) -> None:
    route = machine.route(context, changed, proposed, visited=visited)

    assert route.transition is None or holds(route.transition, context)
    assert taken(route) not in visited


@LAW
@given(ROUTERS, CONTEXTS, CHANGES, PROPOSALS, VISITS)
def test_the_reasons_are_complete_and_true(
    machine: Router,
    context: dict[str, Any],
    changed: frozenset[str],
    proposed: str | None,
    visited: frozenset[str],
) -> None:
    route = machine.route(context, changed, proposed, visited=visited)

    assert [verdict.transition for verdict in route.verdicts] == list(machine.state.by_priority)
    assert [v.enabled for v in route.verdicts] == [
        holds(transition, context) and transition.target_state not in visited
        for transition in machine.state.by_priority
    ]


@LAW
@given(ROUTERS, CONTEXTS, CHANGES, PROPOSALS, VISITS)
def test_the_word_for_a_route_says_what_happened(
    machine: Router,
    context: dict[str, Any],
    changed: frozenset[str],
    proposed: str | None,
    visited: frozenset[str],
) -> None:
    route = machine.route(context, changed, proposed, visited=visited)
    transition = route.transition or Transition(target_state="", description="")
    reads = transition.reads
    law = {
        "proposed": transition.target_state == proposed,
        "fired": bool(reads & changed or (changed and EVERYTHING in reads)),
        "first": machine.state.silent or machine.state.decision == "logic",
        "vetoed": route.transition is None and proposed not in (None, "here"),
        "stayed": route.transition is None,
    }

    assert law[route.why]


@LAW
@given(ROUTERS, CONTEXTS, CHANGES, VISITS)
def test_a_state_that_listens_is_not_left_unheard_by_an_edge_that_asks_nothing(
    machine: Router, context: dict[str, Any], changed: frozenset[str], visited: frozenset[str]
) -> None:
    route = machine.route(context, changed, None, visited=visited)

    assert (
        route.transition is None
        or route.transition.conditions
        or machine.state.silent
        or (machine.state.decision == "logic" and not machine.state.listens)
    )


@LAW
@given(ROUTERS, CONTEXTS, CHANGES, PROPOSALS, VISITS)
def test_routing_is_pure(
    machine: Router,
    context: dict[str, Any],
    changed: frozenset[str],
    proposed: str | None,
    visited: frozenset[str],
) -> None:
    before = copy.deepcopy(context)

    routes = [machine.route(context, changed, proposed, visited=visited) for _ in range(2)]

    assert routes[0] == routes[1]
    assert context == before
