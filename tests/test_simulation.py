"""Simulated users say what they are asked for, in their manner, until the conversation ends or they leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from machines import AT_ONCE, FORM, SHOP, machine, reply, state, to

from fsm_langgraph import (
    LLM_FSM,
    Graph,
    OptionSetupError,
    ScriptedModel,
    SetupError,
    SimulatedUser,
    asimulate,
    compile_fsm,
    conversations,
    simulate,
    turns,
)

Hold = Callable[..., list[str]]


def awaited(graph: Graph, users: Sequence[SimulatedUser], **options: Any) -> list[str]:
    """Have users talk with `asimulate`."""
    return asyncio.run(asimulate(graph, users, **options))


HOLDERS: Sequence[Hold] = (simulate, awaited)
ANN = SimulatedUser({"name": "I am Ann Lee", "email": "ann@example.com"})


def compiled(definition: Any = FORM, replies: Sequence[Any] = ()) -> Graph:
    """Compile a machine whose model follows the script, or is the offline one where there is none."""
    model = ScriptedModel(replies=list(replies)) if replies else "offline"
    return compile_fsm(definition, model, checkpointer=InMemorySaver(), retry_policy=AT_ONCE)


def said(graph: Graph) -> list[str]:
    """Return what the users said; the machine has spoken first."""
    first, *others = turns(graph)["user"]
    assert first == ""
    return others


@pytest.mark.parametrize("hold", HOLDERS)
def test_a_user_answers_until_the_conversation_ends(hold: Hold) -> None:
    graph = compiled()

    assert hold(graph, [ANN]) == ["user-1"]
    assert said(graph) == ["I am Ann Lee", "ann@example.com"]
    assert list(conversations(graph)["ended"]) == [True]


MANNERS = {
    "tells more than was asked": (SimulatedUser(ANN.facts, at_once=2), ["I am Ann Lee, ann@example.com"]),
    "corrects a mistake": (
        SimulatedUser(ANN.facts, mistakes={"name": "I am Bob Stone"}),
        ["I am Bob Stone", "Sorry, that was wrong: I am Ann Lee", "ann@example.com"],
    ),
    "says things beside the point": (
        SimulatedUser(ANN.facts, asides=["why?", "hm"]),
        ["why?", "hm", "I am Ann Lee", "ann@example.com"],
    ),
    "leaves": (SimulatedUser(ANN.facts, patience=1), ["I am Ann Lee"]),
    "says it in other words": (
        SimulatedUser({"name": ["hm", "I am Ann Lee"], "email": "ann@example.com"}),
        ["hm", "I am Ann Lee", "ann@example.com"],
    ),
    "knows nothing of it": (SimulatedUser({}, patience=2), ["ok", "ok"]),
}


@pytest.mark.parametrize("hold", HOLDERS)
@pytest.mark.parametrize(("user", "messages"), MANNERS.values(), ids=MANNERS)
def test_a_user_has_manners(user: SimulatedUser, messages: list[str], hold: Hold) -> None:
    graph = compiled()
    hold(graph, [user])

    assert said(graph) == messages


@pytest.mark.parametrize("hold", HOLDERS)
def test_a_state_that_asks_for_nothing_is_answered_by_its_name(hold: Hold) -> None:
    graph = compiled(machine(state("offer", to("done")), state("done")), ["Well?", reply("done", "Fine.")])
    hold(graph, [SimulatedUser({"offer": "gladly"})])

    assert said(graph) == ["gladly"]


@pytest.mark.parametrize("hold", HOLDERS)
def test_a_user_answers_in_sub_machines_and_digressions(hold: Hold) -> None:
    replies = [
        *("Item?", reply("hours"), "At nine.", reply("payment", "Card?", item="book")),
        *(reply("code", "Code?", card="4711"), reply("paid", code="1"), "Thanks!"),
    ]
    graph = compiled(SHOP, replies)
    facts = {"hours": "and a book", "card": "4711", "code": "1", "thanks": "bye"}
    hold(graph, [SimulatedUser(facts, asides=["when do you open?"], patience=4)])

    assert said(graph) == ["when do you open?", "and a book", "4711", "1"]


@pytest.mark.parametrize("hold", HOLDERS)
def test_what_the_caller_knows_of_a_user_is_there_from_the_beginning(hold: Hold) -> None:
    graph = compiled()
    hold(graph, [SimulatedUser({}, patience=0, context={"plan": "gold"})])

    assert turns(graph)["changes"][0] == {"plan": (None, "gold")}


@pytest.mark.parametrize("hold", HOLDERS)
def test_a_turn_that_fails_ends_its_conversation_only(hold: Hold) -> None:
    bob = SimulatedUser(ANN.facts, patience=1)
    graph = compiled(FORM, ["Name?", PermissionError("key"), "Name?", reply("ask_email", "E-mail?", name="Ann")])
    options = {} if hold is simulate else {"at_once": 1}

    assert hold(graph, [ANN, bob], prefix="u", **options) == ["u1", "u2"]
    assert list(turns(graph)["why"]) == ["began", "failed", "began", "proposed"]


def test_many_users_at_once_are_told_as_one_after_the_other() -> None:
    users = [user for user, _ in MANNERS.values()]
    graphs = [compiled(), compiled()]
    simulate(graphs[0], users)
    ids = awaited(graphs[1], users, at_once=3)

    told = [turns(graph).sort_values(["conversation", "turn"])[["user", "answer", "landing"]] for graph in graphs]
    assert told[0].to_numpy().tolist() == told[1].to_numpy().tolist()
    assert ids == [f"user-{number}" for number in range(1, len(users) + 1)]


@pytest.mark.parametrize("hold", HOLDERS)
def test_a_graph_that_keeps_nothing_is_refused(hold: Hold) -> None:
    with pytest.raises(SetupError, match="the graph 'test' has no checkpointer"):
        hold(compile_fsm(FORM, "offline"), [ANN])


@pytest.mark.parametrize("hold", HOLDERS)
def test_an_llm_fsm_is_told_to_be_no_graph(hold: Any) -> None:
    with (
        LLM_FSM(FORM, "offline") as fsm,
        pytest.raises(SetupError, match=r"type LLM_FSM, not a compiled graph.\n.*fsm\.graph"),
    ):
        hold(fsm, [ANN])


def test_conversations_under_way_are_one_at_least() -> None:
    with pytest.raises(OptionSetupError, match="at_once: it is 0, not a whole number, 1 or more"):
        awaited(compiled(), [ANN], at_once=0)
