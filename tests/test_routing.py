"""The machine decides: which transition is taken, line by line of the rules and as laws."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm_langgraph.definition import EVERYTHING, FSMDefinition, Transition
from fsm_langgraph.logic import evaluate, is_present, truthy
from fsm_langgraph.routing import Route, Router, Situation, Whence

LAW = settings(deadline=None, max_examples=200)

Edge = tuple[str, dict[str, Any]]


def edge(target: str, *, needs: Iterable[str] = (), logic: Any = None, priority: int = 100) -> dict[str, Any]:
    """Write a transition, with one condition where something is asked for."""
    condition = {"description": "c", "requires_context_keys": list(needs), "logic": logic}
    conditions = [condition] if needs or logic is not None else []
    return {"target_state": target, "description": "d", "conditions": conditions, "priority": priority}


def router(
    *edges: dict[str, Any],
    globals_: Iterable[dict[str, Any]] = (),
    engine: Any = "closures",
    context: Any = None,
    **fields: Any,
) -> Router:
    """Make the router of a state; the machine has the states a to d, which wait, the final `end`, and `silent`."""
    named = {"description": "d", "purpose": "p"}
    states: dict[str, Any] = {name: {"id": name, **named, "transitions": [edge("here")]} for name in "abcd"}
    states["end"] = {"id": "end", **named, "transitions": []}
    states["silent"] = {"id": "silent", **named, "transitions": [edge("here")], "silent": True}
    states["here"] = {"id": "here", **named, "transitions": list(edges), **fields}
    machine = {"name": "m", "description": "d", "initial_state": "here", "states": states}
    definition = FSMDefinition.model_validate({**machine, "global_transitions": list(globals_), "context": context})
    return Router(definition, definition.states["here"], engine=engine)


def routed(
    machine: Router,
    context: dict[str, Any],
    changed: Iterable[str] = (),
    proposed: str | None = None,
    *,
    whence: Whence = "message",
    **more: Any,
) -> Route:
    """Route with news from one source; a reply speaks for a state that has heard the message."""
    news = dict.fromkeys(sorted(changed), whence)
    return machine.route(Situation(context, news, proposed, **{"has_heard": proposed is not None, **more}))


def taken(route: Route) -> str | None:
    return route.transition.target_state if route.transition else None


A, B = edge("a"), edge("b")
A_IF_X, B_IF_X, B_IF_Y = edge("a", needs=["x"]), edge("b", needs=["x"]), edge("b", needs=["y"])
SELF, SELF_IF_X = edge("here"), edge("here", needs=["x"])
EVEN_IF = edge("a", logic={"var": ""})
LOGIC: dict[str, Any] = {"decision": "logic"}
SILENT: dict[str, Any] = {"silent": True}
THOUGHT: dict[str, Any] = {"listens": False}


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
        pytest.param(router(SELF), {}, "", "here", None, "stayed", id="the own id stays beside an edge to itself"),
        pytest.param(router(SELF), {}, "", "again", "here", "proposed", id="going round has a word of its own"),
        pytest.param(router(SELF_IF_X), {}, "", "again", None, "vetoed", id="a closed one is not taken"),
        pytest.param(router(SELF_IF_X), {"x": 1}, "x", "here", None, "stayed", id="no news goes round"),
        pytest.param(router(A), {}, "", "again", None, "vetoed", id="there is no edge to itself"),
        # what the model forgot
        pytest.param(router(A_IF_X), {"x": 1}, "x", "here", "a", "fired", id="news opens an edge: it fires"),
        pytest.param(router(A_IF_X), {"x": 1}, "", "here", None, "stayed", id="what is old news does not"),
        pytest.param(router(A_IF_X), {"x": 1}, "y", "here", None, "stayed", id="nor other news"),
        pytest.param(router(A), {}, "x", "here", None, "stayed", id="an edge without conditions never fires"),
        pytest.param(router(A_IF_X, B), {"x": 1}, "x", "b", "b", "proposed", id="a proposal comes first"),
        pytest.param(router(A_IF_X, B_IF_Y), {"x": 1}, "x", "b", "a", "fired", id="after a veto too"),
        pytest.param(router(A_IF_X, B_IF_X), {"x": 1}, "x", "here", "a", "fired", id="the first of several"),
        pytest.param(router(SELF_IF_X), {"x": 1}, "x", "nowhere", None, "vetoed", id="an edge to itself never fires"),
        pytest.param(router(SELF_IF_X, **SILENT), {"x": 1}, "", None, "here", "first", id="save in a silent state"),
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
        pytest.param(router(A, **THOUGHT), {}, "x", "here", "a", "first", id="a thought that would stay goes on"),
        pytest.param(router(SELF), {}, "", None, None, "stayed", id="entered, no edge to itself"),
        # conditions alone decide
        pytest.param(router(A_IF_X, B, **LOGIC), {}, "", "a", "b", "first", id="logic: the first open edge"),
        pytest.param(router(A_IF_X, B, **LOGIC), {"x": 1}, "", "b", "a", "first", id="logic: not the proposal"),
        pytest.param(router(A_IF_X, **LOGIC), {}, "", "a", None, "stayed", id="logic: none open stays"),
        pytest.param(router(A_IF_X, **LOGIC), {"x": 1}, "", None, None, "stayed", id="logic: entered, it waits"),
        pytest.param(router(A_IF_X, **LOGIC), {"x": 1}, "x", None, "a", "fired", id="logic: entered, news leads on"),
        pytest.param(router(A, **LOGIC), {}, "", None, None, "stayed", id="logic: entered, it listens first"),
        pytest.param(router(A_IF_X, B, **SILENT), {}, "", None, "b", "first", id="silent: the first open edge"),
        pytest.param(router(A_IF_X, **SILENT), {}, "", None, None, "stayed", id="silent: none open stays"),
        pytest.param(router(A_IF_X, B, **SILENT), {"x": 1}, "", "b", "a", "first", id="silent: no proposal"),
    ],
)
def test_a_route_follows_the_rules(
    machine: Router, context: dict[str, Any], changed: str, proposed: str | None, target: str | None, why: str
) -> None:
    route = routed(machine, context, changed, proposed)

    assert (taken(route), route.why) == (target, why)


PAIN = {**edge("c", needs=["x"], priority=0)}


@pytest.mark.parametrize(
    ("machine", "proposed", "target"),
    [
        pytest.param(router(A, globals_=[PAIN]), "a", "c", id="before a proposal"),
        pytest.param(router(A, globals_=[PAIN]), "here", "c", id="before staying"),
        pytest.param(router(A_IF_X, globals_=[PAIN]), "here", "c", id="before other news"),
        pytest.param(router(A, globals_=[{**PAIN, "priority": 100}]), "a", "a", id="not at the same rank"),
        pytest.param(router(edge("a", priority=-1), globals_=[PAIN]), "a", "a", id="not before a lower number"),
        pytest.param(router(A, globals_=[PAIN], **SILENT), None, "c", id="out of a silent state"),
        pytest.param(router(globals_=[PAIN]), None, None, id="not out of a final state: it is over"),
        pytest.param(router(A, globals_=[PAIN], **THOUGHT), "a", "c", id="out of a thought"),
        pytest.param(router(A, globals_=[PAIN], global_transitions=False), "a", "a", id="unless the state says no"),
        pytest.param(router(A, globals_=[{**PAIN, "target_state": "here"}]), "a", "a", id="not into its own target"),
        pytest.param(router(A, globals_=[{**PAIN, "fires": False}]), "a", "a", id="unless only proposals take it"),
        pytest.param(router(A, globals_=[edge("c", priority=0)]), "a", "a", id="not without conditions"),
    ],
)
def test_safety_outranks_the_flow(machine: Router, proposed: str | None, target: str | None) -> None:
    assert taken(routed(machine, {"x": 1}, "x", proposed)) == target


def test_one_global_transition_is_taken_in_a_turn() -> None:
    machine = router(A, globals_=[PAIN, edge("d")])

    assert taken(routed(machine, {"x": 1}, "x", "a", global_taken=True)) == "a"
    assert taken(routed(machine, {"x": 1}, "", "d", global_taken=True)) is None


@pytest.mark.parametrize(
    ("fires", "whence", "stayed", "target", "taken_there"),
    [
        pytest.param(None, "message", True, "end", False, id="who meant to stay ends nothing"),
        pytest.param(None, "message", True, "silent", False, id="who meant to stay does nothing"),
        pytest.param(None, "message", True, "a", True, id="who forgot to move is moved on"),
        pytest.param(None, "message", False, "end", True, id="who meant to go on may end"),
        pytest.param(None, "handler", True, "end", True, id="a handler may end"),
        pytest.param(None, "caller", True, "silent", True, id="the caller may"),
        pytest.param(True, "message", True, "end", True, id="where the file says so"),
        pytest.param(False, "handler", False, "a", False, id="only a proposal"),
    ],
)
def test_what_news_may_do(fires: Any, whence: Whence, stayed: bool, target: str, taken_there: bool) -> None:
    machine = router({**edge(target, needs=["x"]), "fires": fires})

    route = routed(machine, {"x": 1}, "x", None, whence=whence, model_stayed=stayed)

    assert (taken(route) == target) is taken_there
    assert route.verdicts[0].enabled


def test_a_transition_that_was_taken_does_not_fire_again() -> None:
    machine = router(A_IF_X, B_IF_X)
    name = machine.name(machine.state.transitions[0])

    route = routed(machine, {"x": 1}, "x", taken=frozenset([name]))

    assert taken(route) == "b"
    assert [verdict.passed_over for verdict in route.verdicts] == ["taken in this turn", ""]


@pytest.mark.parametrize(
    ("context", "may_pass", "passed"),
    [
        pytest.param({"x": 1}, True, True, id="answered"),
        pytest.param({"x": 1}, False, False, id="not where it asks always"),
        pytest.param({}, True, False, id="not answered"),
        pytest.param({"y": 1}, True, False, id="another key"),
    ],
)
def test_a_state_is_passed_where_its_questions_are_answered(
    context: dict[str, Any], may_pass: bool, passed: bool
) -> None:
    machine = router(A_IF_X, B, required_context_keys=["x"])

    route = routed(machine, context, may_pass=may_pass)

    assert (route.why == "passed") is passed
    assert taken(route) == ("a" if passed else None)


def test_false_is_an_answer_and_a_default_is_none() -> None:
    no = router(edge("a", logic={"==": [{"var": "x"}, False]}), required_context_keys=["x"])

    assert taken(routed(no, {"x": False}, may_pass=True)) == "a"
    assert taken(routed(router(A_IF_X), {"x": 1}, may_pass=True)) is None  # it asks for nothing


def test_priority_comes_before_the_order_of_the_document() -> None:
    machine = router(edge("a"), edge("b", priority=1), edge("c"), edge("d", priority=1), **SILENT)

    route = routed(machine, {})

    assert taken(route) == "b"
    assert [verdict.transition.target_state for verdict in route.verdicts] == ["b", "d", "a", "c"]


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

    verdict, open_verdict = routed(router(transition, B), {"agreed": False, "age": 0, "known": 1}, "", "here").verdicts

    assert (verdict.missing, verdict.failed) == (("name", "agreed"), ("is adult",))
    assert not verdict.enabled
    assert (open_verdict.missing, open_verdict.failed, open_verdict.enabled) == ((), (), True)


@pytest.mark.parametrize("engine", ["closures", "json-logic-qubit"])
def test_either_engine_judges(engine: Any) -> None:
    machine = router(edge("a", logic={"==": [{"var": "x"}, 1]}), engine=engine)

    assert taken(routed(machine, {"x": 1}, "", "a")) == "a"
    assert taken(routed(machine, {"x": 2}, "", "a")) is None


@pytest.mark.parametrize("engine", ["closures", "json-logic-qubit"])
@pytest.mark.parametrize(
    ("value", "context", "is_open"),
    [
        pytest.param("no", None, False, id="an undeclared no"),
        pytest.param("false", None, False, id="an undeclared false"),
        pytest.param("No", None, True, id="a text that begins like a no"),
        pytest.param("no", {"x": {}}, True, id="a declared no is a text like any other"),
        pytest.param("no", {"y": {}}, False, id="a key that is not declared among those that are"),
    ],
)
@pytest.mark.parametrize("gate", [edge("a", needs=["x"]), edge("a", logic={"has_context": "x"})])
def test_a_no_is_a_text_only_where_the_key_is_declared(
    gate: dict[str, Any], value: Any, context: Any, is_open: bool, engine: Any
) -> None:
    machine = router(gate, context=context, engine=engine)

    assert (taken(routed(machine, {"x": value}, "", "a")) == "a") is is_open


def test_a_condition_reads_paths_and_fires_on_news_of_their_first_part() -> None:
    machine = router(edge("a", needs=["address.city"]), edge("b", needs=["order.no"]))

    assert taken(routed(machine, {"address": {"street": "Elm Road"}}, ["address"])) is None
    assert taken(routed(machine, {"address": {"city": "Bonn"}}, ["address"])) == "a"
    assert taken(routed(machine, {"order.no": 7}, ["order.no"])) == "b"


# The laws.

KEYS = st.sampled_from("xyz")
VALUES = st.sampled_from([None, False, 0, "", "no", [], {}, True, 1, "1", [0], {"k": 1}])
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
PROPOSALS = st.sampled_from(["a", "b", "here", "again", "nowhere", "", None])
TAKEN = st.frozensets(st.sampled_from(["here[0]", "here[1]", "here[2]"]), max_size=2)


def holds(transition: Transition, context: dict[str, Any]) -> bool:
    """Judge a transition's conditions otherwise than the router does."""
    return all(
        all(is_present(context.get(key), is_declared=False) for key in condition.requires_context_keys)
        and (condition.logic is None or truthy(evaluate(condition.logic, context)))
        for condition in transition.conditions
    )


@LAW
@given(ROUTERS, CONTEXTS, CHANGES, PROPOSALS, TAKEN)
def test_no_proposal_leads_along_a_closed_edge(
    machine: Router,
    context: dict[str, Any],
    changed: frozenset[str],
    proposed: str | None,
    names: frozenset[str],
) -> None:
    route = routed(machine, context, changed, proposed, taken=names)

    assert route.transition is None or holds(route.transition, context)
    if route.why == "fired":
        assert route.transition is not None
        assert machine.name(route.transition) not in names


@LAW
@given(ROUTERS, CONTEXTS, CHANGES, PROPOSALS, TAKEN)
def test_the_reasons_are_complete_and_true(
    machine: Router,
    context: dict[str, Any],
    changed: frozenset[str],
    proposed: str | None,
    names: frozenset[str],
) -> None:
    route = routed(machine, context, changed, proposed, taken=names)

    assert [verdict.transition for verdict in route.verdicts] == list(machine.state.by_priority)
    assert [v.enabled for v in route.verdicts] == [
        holds(transition, context) for transition in machine.state.by_priority
    ]


@LAW
@given(ROUTERS, CONTEXTS, CHANGES, PROPOSALS, TAKEN)
def test_the_word_for_a_route_says_what_happened(
    machine: Router,
    context: dict[str, Any],
    changed: frozenset[str],
    proposed: str | None,
    names: frozenset[str],
) -> None:
    route = routed(machine, context, changed, proposed, taken=names)
    transition = route.transition or Transition(target_state="", description="")
    reads = transition.reads
    law = {
        "proposed": proposed == ("again" if transition.target_state == "here" else transition.target_state),
        "fired": bool(reads & changed or (changed and EVERYTHING in reads)),
        "first": machine.state.silent or machine.state.decision == "logic" or not machine.state.listens,
        "vetoed": route.transition is None and proposed not in (None, "here"),
        "stayed": route.transition is None,
    }

    assert law[route.why]


@LAW
@given(ROUTERS, CONTEXTS, CHANGES, TAKEN)
def test_a_state_that_listens_is_not_left_unheard_by_an_edge_that_asks_nothing(
    machine: Router, context: dict[str, Any], changed: frozenset[str], names: frozenset[str]
) -> None:
    route = routed(machine, context, changed, None, taken=names)

    assert route.transition is None or route.transition.conditions or machine.state.silent or not machine.state.listens


@LAW
@given(ROUTERS, CONTEXTS, CHANGES, PROPOSALS, TAKEN)
def test_routing_is_pure(
    machine: Router,
    context: dict[str, Any],
    changed: frozenset[str],
    proposed: str | None,
    names: frozenset[str],
) -> None:
    before = copy.deepcopy(context)

    routes = [routed(machine, context, changed, proposed, taken=names) for _ in range(2)]

    assert routes[0] == routes[1]
    assert context == before
