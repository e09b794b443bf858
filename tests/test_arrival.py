"""A turn begins wherever somebody's own node leads into a state, and nothing of it is lost or done twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from handling import handling, noting, plain
from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Command, Send
from machines import AT_ONCE, CONFIG, DRIVERS, Drive, Json, given, machine, reply, state, to

from fsm_langgraph import (
    ContextError,
    FSMState,
    Graph,
    Handlers,
    ModelError,
    RunContextError,
    ScriptedModel,
    StateError,
    TurnConflict,
    build_graph,
    turns,
)

BY_EACH = pytest.mark.parametrize("drive", DRIVERS)
FORM = machine(
    state("ask", to("stop"), to("more", "name"), required_context_keys=["name"]),
    state("more", to("end", "ok"), required_context_keys=["ok"]),
    state("end"),
    state("stop"),
)
Node = Callable[[Any], Any]


def after(source: str, node: Any, *replies: Any, target: str = "", definition: Any = FORM, **options: Any) -> Graph:
    """Compile a machine with a node of one's own after a state, which leads into another one or jumps by itself."""
    builder = build_graph(definition, ScriptedModel(replies=list(replies)), retry_policy=AT_ONCE, **options)
    builder.add_node("own", node)
    builder.add_edge(source, "own")
    if target:
        builder.add_edge("own", target)
    return builder.compile(InMemorySaver())


def talk(graph: Graph, drive: Drive, *texts: str) -> Json:
    """Send messages; an empty one is none."""
    values: Json = {}
    for text in texts:
        values = drive(graph, given(text), CONFIG)
    return values


def said(values: Json) -> list[str]:
    return [message.text for message in values["messages"]]


def nothing(_: Any) -> None:
    """Do nothing."""


TO_STOP = ("Name?", reply("stop", "Bye."))


@BY_EACH
@pytest.mark.parametrize(
    ("node", "target"),
    [
        pytest.param(nothing, "more", id="an edge"),
        pytest.param(lambda _: Command(goto="more"), "", id="a command"),
        pytest.param(lambda _: Command(goto=Send("more", {})), "", id="a send"),
        pytest.param(lambda _: [Command(goto=["more"])], "", id="a list of commands"),
    ],
)
def test_a_turn_begins_in_the_state_that_a_node_leads_into(node: Node, target: str, drive: Drive) -> None:
    graph = after("stop", node, *TO_STOP, "Is it ok?", reply("end", "Done.", ok=True), target=target)
    values = talk(graph, drive, "", "stop")

    assert said(values) == ["Name?", "stop", "Bye.", "Is it ok?"]
    assert (values["current_state"], values["last_turn"]["path"]) == ("more", ["more"])
    assert said(talk(graph, drive, "yes"))[-2:] == ["yes", "Done."]


def test_both_turns_of_a_run_are_told_afterwards() -> None:
    graph = after("stop", nothing, *TO_STOP, "Is it ok?", target="more")
    talk(graph, DRIVERS[0], "", "stop")

    assert turns(graph, "1")["landing"].tolist() == ["ask", "stop", "more"]
    assert graph.picture(CONFIG).visits == {"ask": 1, "stop": 1, "more": 1}


@BY_EACH
def test_a_conditional_edge_of_one_s_own_leads_there_too(drive: Drive) -> None:
    builder = build_graph(FORM, ScriptedModel(replies=[*TO_STOP, "Is it ok?"]))
    builder.add_conditional_edges("stop", lambda values: "more" if values["current_state"] == "stop" else END)

    assert talk(builder.compile(InMemorySaver()), drive, "", "stop")["current_state"] == "more"


@BY_EACH
def test_a_conversation_can_begin_with_a_jump(drive: Drive) -> None:
    graph = build_graph(FORM, ScriptedModel(replies=["Is it ok?", reply("end", "Done.", ok=1)])).compile(
        InMemorySaver()
    )

    assert said(drive(graph, Command(goto="more"), CONFIG)) == ["Is it ok?"]
    assert said(talk(graph, drive, "yes"))[-1] == "Done."


@BY_EACH
def test_a_jump_brings_a_message_and_keys(drive: Drive) -> None:
    graph = build_graph(FORM, ScriptedModel(replies=["Name?", reply("end", "Done.", ok=1)])).compile(InMemorySaver())
    talk(graph, drive, "")
    update = {"messages": [("user", "yes")], "context": {"vip": True}}
    values = drive(graph, Command(goto="more", update=update), CONFIG)

    assert (values["last_turn"]["path"], values["context"]) == (["more", "end"], {"vip": True, "ok": 1})


# What is read there


@BY_EACH
@pytest.mark.parametrize(
    ("written", "replied", "path", "answers"),
    [
        pytest.param({}, "Is it ok?", ["more"], ["Is it ok?"], id="nothing"),
        pytest.param({"context": {"vip": True}}, "Is it ok?", ["more"], ["Is it ok?"], id="a key"),
        pytest.param({"context": {"ok": True}}, "Done.", ["more", "end"], ["Done."], id="a key that opens the way"),
        pytest.param({"messages": [AIMessage("Look!")]}, "Is it ok?", ["more"], ["Look!", "Is it ok?"], id="a remark"),
        pytest.param(
            {"messages": [HumanMessage("yes")]},
            reply("end", "Done.", ok=1),
            ["more", "end"],
            ["yes", "Done."],
            id="a message",
        ),
    ],
)
def test_a_node_on_the_way_writes(
    written: Json, replied: Any, path: list[str], answers: list[str], drive: Drive
) -> None:
    values = talk(after("stop", lambda _: written, *TO_STOP, replied, target="more"), drive, "", "stop")
    assert (values["last_turn"]["path"], said(values)[3:]) == (path, answers)


@BY_EACH
def test_a_message_that_came_with_the_run_is_read_where_the_turn_begins(drive: Drive) -> None:
    builder = build_graph(FORM, ScriptedModel(replies=[reply("end", "Done.", ok=1)]))
    builder.add_node("own", lambda _: {"messages": [AIMessage("One moment.")]})
    builder.set_entry_point("own")
    builder.add_edge("own", "more")
    values = talk(builder.compile(InMemorySaver()), drive, "yes")

    assert values["last_turn"]["path"] == ["more", "end"]
    assert said(values) == ["yes", "One moment.", "Done."]


@BY_EACH
def test_a_state_that_the_conversation_rests_in_can_be_led_back_to(drive: Drive) -> None:
    graph = after("ask", lambda values: Command(goto="ask" if len(values["messages"]) == 1 else END), "One.", "Two.")
    values = talk(graph, drive, "")
    assert (said(values), values["last_turn"]["why"]) == (["One.", "Two."], "stayed")


# How it begins


@BY_EACH
def test_a_conversation_begins_once_in_a_run_of_several_turns(drive: Drive) -> None:
    handlers, notes = noting()
    graph = after("stop", nothing, reply("stop", "Bye."), "Is it ok?", target="more", handlers=handlers)
    talk(graph, drive, "stop")
    assert notes.count("START_CONVERSATION ask") == 1
    assert not [note for note in notes if note.startswith("START_CONVERSATION more")]


@BY_EACH
def test_it_begins_where_the_first_jump_leads(drive: Drive) -> None:
    handlers, notes = noting()
    graph = build_graph(FORM, ScriptedModel(replies=["Is it ok?"]), handlers=handlers).compile(InMemorySaver())
    drive(graph, Command(goto="more"), CONFIG)
    assert notes == ["START_CONVERSATION more"]


@BY_EACH
def test_a_state_says_its_own_words_as_when_it_is_entered(drive: Drive) -> None:
    saying = {**FORM, "states": {**FORM["states"], "more": {**FORM["states"]["more"], "say": "Is it ok?"}}}
    graph = after("stop", nothing, *TO_STOP, target="more", definition=saying)
    assert said(talk(graph, drive, "", "stop"))[-1] == "Is it ok?"


@BY_EACH
def test_a_conversation_of_the_release_before_is_jumped_in(drive: Drive) -> None:
    graph = build_graph(FORM, ScriptedModel(replies=["Name?", "Is it ok?"])).compile(InMemorySaver())
    talk(graph, drive, "")
    before: Any = {"turn": {"version": 1, "base": {}, "at": "ask", "read": None}}
    graph.update_state(CONFIG, before, as_node="ask")
    assert said(drive(graph, Command(goto="more"), CONFIG)) == ["Name?", "Is it ok?"]


@BY_EACH
def test_a_confirmation_is_forgotten_as_after_an_edit(drive: Drive) -> None:
    graph = after("stop", nothing, *TO_STOP, "Sure?", target="sure", definition=CONFIRMING)
    drive(graph, given(context={"yes": True}), CONFIG)
    values = talk(graph, drive, "stop")
    assert (values["current_state"], values["context"]) == ("sure", {})


@BY_EACH
def test_a_state_that_runs_a_sub_machine_begins_it(drive: Drive) -> None:
    graph = after("browse", nothing, "What?", "Your card?", target="pay", definition=PAYING)
    values = talk(graph, drive, "")
    assert (values["last_turn"]["path"], values["sub_machine"]["current_state"]) == (["pay", "pay/card"], "card")


CONFIRMING = machine(
    state("ask", to("stop"), required_context_keys=["name"]),
    state("stop"),
    state(
        "sure",
        to("end", conditions=[{"description": "yes", "requires_context_keys": ["yes"], "confirms": ["name"]}]),
        required_context_keys=["yes"],
    ),
    state("end"),
)
PAYING = machine(
    state("browse", to("pay", "item"), required_context_keys=["item"]),
    state("pay", to("end"), subflow="payment"),
    state("end"),
    subflows={"payment": machine(state("card", to("paid", "card"), required_context_keys=["card"]), state("paid"))},
)


# Once, and in every run the same


@BY_EACH
def test_a_turn_that_failed_goes_on_under_the_same_message_id(drive: Drive) -> None:
    down = ModelError("more", OSError("down"), transient=False)
    graph = after("stop", nothing, *TO_STOP, down, "Is it ok?", target="more")
    with pytest.raises(ModelError):
        talk(graph, drive, "", "stop")
    stored = graph.get_state(CONFIG)
    assert (stored.next, stored.values["current_state"]) == (("more",), "stop")

    found = drive(graph, None, CONFIG)["messages"][-1]
    assert (found.text, found.id) == ("Is it ok?", f"fsm-{stored.tasks[0].id}")


@BY_EACH
def test_a_message_after_a_turn_that_failed_is_read_where_the_conversation_had_come_to(drive: Drive) -> None:
    down = ModelError("more", OSError("down"), transient=False)
    graph = after("stop", nothing, *TO_STOP, down, "It is over.", "Is it ok?", target="more")
    with pytest.raises(ModelError):
        talk(graph, drive, "", "stop")

    assert said(talk(graph, drive, "hello?"))[2:] == ["Bye.", "hello?", "It is over.", "Is it ok?"]


BUSY = machine(
    state("ask", to("rest"), required_context_keys=["name"]),
    state("rest"),
    state("work", to("rest"), silent=True),
)
"""A silent state whose turn comes to rest without the user."""


def rounds(values: Any) -> Any:
    """Lead into the silent state three times."""
    count = values["context"].get("rounds", 0)
    return Command(goto="work" if count < 3 else END, update={"context": {"rounds": count + 1}})


def keeping(keys: list[str]) -> Handlers:
    """Make a handler that keeps the keys with which it was called when the silent state is left."""
    return handling(plain, lambda event: keys.append(event.idempotency_key), "PRE_TRANSITION", state="work")


def one_round(state: FSMState) -> Any:
    """Lead into the silent state once."""
    return Command(goto=END if "was" in state["context"] else "work", update={"context": {"was": True}})


def quiet_rounds(values: Any) -> Any:
    """Lead into the silent state three times, and have the answers vanish."""
    gone = [RemoveMessage(id=str(message.id)) for message in values["messages"] if isinstance(message, AIMessage)]
    return [rounds(values), {"messages": gone}]


@BY_EACH
def test_every_turn_of_a_run_has_handlers_of_its_own(drive: Drive) -> None:
    handlers, notes = noting()
    graph = after("rest", rounds, reply("rest", "R"), "1", "2", "3", definition=BUSY, handlers=handlers)
    talk(graph, drive, "go")
    assert notes.count("PRE_TRANSITION work > rest") == 3


@BY_EACH
def test_so_they_have_where_no_message_comes_between(drive: Drive) -> None:
    keys: list[str] = []
    handlers = keeping(keys)
    graph = after("rest", quiet_rounds, reply("rest", "R"), *"123", definition=BUSY, handlers=handlers)
    talk(graph, drive, "go")
    assert len(set(keys)) == 3


@BY_EACH
def test_what_was_done_in_a_second_turn_is_not_done_again(drive: Drive) -> None:
    keys: list[str] = []
    handlers = keeping(keys)
    down = ModelError("rest", OSError("down"), transient=False)
    graph = after("rest", one_round, reply("rest", "R"), down, "Rested.", definition=BUSY, handlers=handlers)
    with pytest.raises(ModelError):
        talk(graph, drive, "go")

    assert said(drive(graph, None, CONFIG))[-1] == "Rested."
    assert len(keys) == 1


@BY_EACH
def test_nor_where_the_message_is_sent_again_to_the_graph_around(drive: Drive) -> None:
    keys: list[str] = []
    handlers = keeping(keys)
    down = ModelError("rest", OSError("down"), transient=False)
    model = ScriptedModel(replies=[reply("rest", "R"), down, reply("rest", "R"), "Rested."])
    builder = build_graph(BUSY, model, handlers=handlers, retry_policy=AT_ONCE)
    builder.add_node("own", one_round)
    builder.add_edge("rest", "own")
    parent = StateGraph(MessagesState)
    parent.add_node("machine", builder.compile())
    parent.add_edge(START, "machine")
    graph: Any = parent.compile(InMemorySaver())
    with pytest.raises(ModelError):
        drive(graph, given("go"), CONFIG)

    drive(graph, given("go"), CONFIG)
    assert len(keys) == 1


# A `Send`


@BY_EACH
@pytest.mark.parametrize(
    "messages",
    [[("user", "yes")], [HumanMessage("yes", id="m")], "yes", ("user", "yes"), HumanMessage("yes")],
    ids=["a pair", "a message", "a text", "a pair alone", "a message alone"],
)
def test_what_a_send_brings_is_read_and_stored(messages: Any, drive: Drive) -> None:
    arg = {"messages": messages, "context": {"vip": "yes"}}
    graph = after("stop", lambda _: Command(goto=Send("more", arg)), *TO_STOP, reply("end", "Done.", ok=1))
    values = talk(graph, drive, "", "stop")

    assert said(values) == ["Name?", "stop", "Bye.", "yes", "Done."]
    assert values["context"] == {"vip": "yes", "ok": 1}
    assert said(dict(graph.get_state(CONFIG).values)) == said(values)


@BY_EACH
def test_a_send_of_the_whole_state_is_the_same_as_an_edge(drive: Drive) -> None:
    graph = after("stop", lambda values: Command(goto=Send("more", {**values})), *TO_STOP, "Is it ok?")
    assert said(talk(graph, drive, "", "stop")) == ["Name?", "stop", "Bye.", "Is it ok?"]


@BY_EACH
@pytest.mark.parametrize(
    ("sent", "error", "told"),
    [
        ("yes", RunContextError, "a Send holds a str for it, not a mapping"),
        ({"context": {"_stays": 1}}, ContextError, "is under a key of the machine's"),
    ],
    ids=str,
)
def test_a_send_of_something_else_is_told(sent: Any, error: type[Exception], told: str, drive: Drive) -> None:
    graph = after("stop", lambda _: Command(goto=Send("more", sent)), *TO_STOP, "Is it ok?")
    with pytest.raises(error, match=told):
        talk(graph, drive, "", "stop")


@BY_EACH
@pytest.mark.parametrize("goto", [["more", "end"], [Send("more", {}), Send("end", {})]], ids=["edges", "sends"])
def test_two_states_at_once_are_told_and_a_message_goes_on(goto: Sequence[Any], drive: Drive) -> None:
    model = ScriptedModel(replies=[*TO_STOP, "A", "B", "It is over."])
    builder = build_graph(FORM, model)
    builder.add_node("own", lambda values: Command(goto=goto if len(values["messages"]) == 3 else END))
    builder.add_edge("stop", "own")
    graph = builder.compile(InMemorySaver())
    with pytest.raises(TurnConflict, match=r"(?s)2 nodes have written .* in one step.*Lead into one state"):
        talk(graph, drive, "", "stop")

    assert said(talk(graph, drive, "hello?")) == ["Name?", "stop", "Bye.", "hello?", "It is over."]


@BY_EACH
def test_a_jump_beside_a_turn_that_failed_is_told_and_a_message_goes_on(drive: Drive) -> None:
    def answer(_: Any, schema: Any) -> Any:
        return reply("ask", "Hm?") if schema else "It is over."

    down = ModelError("ask", OSError("down"), transient=False)
    graph = build_graph(FORM, ScriptedModel(replies=["Name?", down, *[answer] * 3])).compile(InMemorySaver())
    talk(graph, drive, "")
    with pytest.raises(ModelError):
        talk(graph, drive, "hm")
    with pytest.raises(TurnConflict, match="a turn that is paused or has failed goes on beside a jump"):
        drive(graph, Command(goto="end"), CONFIG)

    assert said(talk(graph, drive, "hm")) == ["Name?", "hm", "Hm?"]


# A jump to nothing


@BY_EACH
@pytest.mark.parametrize("target", ["mor", "pay/card"])
def test_a_jump_of_the_caller_s_to_no_state_stores_nothing(target: str, drive: Drive) -> None:
    graph = build_graph(FORM, ScriptedModel(replies=["Name?"])).compile(InMemorySaver())
    talk(graph, drive, "")
    before = graph.get_state(CONFIG)

    with pytest.raises(StateError, match=r"(?s)a jump leads to it.*States and nodes: 'ask', 'end', 'more', 'stop'"):
        drive(graph, Command(goto=target), CONFIG)
    assert graph.get_state(CONFIG) == before
