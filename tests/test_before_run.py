"""A turn is its message's id: what was answered is not answered again, and what failed does nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.store.memory import InMemoryStore
from langgraph.types import Command, Durability, interrupt
from machines import CONFIG, DRIVERS, FORM, Drive, Json, Talk, machine, reply, state, sync, to

from fsm_langgraph import (
    LLM_FSM,
    ArgumentError,
    ConversationError,
    Event,
    FSMInput,
    Graph,
    Handlers,
    MissingMessagesError,
    ModelError,
    ToolIdempotencyKey,
    TurnConflict,
    compile_fsm,
)
from fsm_langgraph.models.scripted import ScriptedModel

by_each = pytest.mark.parametrize("drive", DRIVERS)
ANN = reply("ask_email", "Your e-mail?", name="Ann")
MAIL = reply("done", "Bye!", email="a@b.co")
AWAY = ModelError("ask", OSError("away"), transient=False)
ORDER = machine(state("ask", to("placed", "item"), required_context_keys=["item"]), state("placed", to("ask", "more")))
"""A reply in `ask` that leads on is spoken by a second call, in `placed`."""


def sent(text: str, message_id: str | None = "u1") -> FSMInput:
    """Write the input of a turn whose message has an id."""
    return FSMInput(messages=[HumanMessage(text, id=message_id)])


def send(talk: Talk, text: str, message_id: str | None = "u1", config: RunnableConfig = CONFIG) -> Json:
    """Send a message with an id; return what is given back."""
    return talk.drive(talk.graph, sent(text, message_id), config)


def shown(talk: Talk, given: FSMInput) -> list[Any]:
    """Send an input, and return the messages that are streamed."""
    parts: Any = talk.graph.stream(given, CONFIG, stream_mode="messages")
    return [chunk for chunk, _ in parts]


def failing_once(item: str = "lamp", error: Exception = AWAY) -> ScriptedModel:
    """Make a model whose first message fails; its replies are decided on."""
    away = [error]

    def respond(_: Any, schema: Any) -> Any:
        if schema is None:
            return away.pop() if away else "Placed."
        return reply("ask", "Not shown.", item=item)

    return ScriptedModel(replies=[respond], repeat=True)


def counted(moment: Any = "CONTEXT_UPDATE") -> tuple[list[str], Handlers]:
    """Make a handler that writes its idempotency key down."""
    keys, handlers = list[str](), Handlers()
    handlers.on(moment)(lambda event: keys.append(event.idempotency_key))
    return keys, handlers


# Answered


@by_each
def test_a_message_that_was_answered_is_not_answered_again(drive: Drive) -> None:
    talk = Talk(FORM, [ANN], drive)
    first = send(talk, "Ann")
    checkpoints = len([*talk.graph.get_state_history(CONFIG)])
    assert send(talk, "Ann") == first
    assert len(talk.model.calls) == 1
    assert len([*talk.graph.get_state_history(CONFIG)]) == checkpoints


def test_a_message_is_known_where_a_function_runs_the_graph() -> None:
    talk = Talk(FORM, [ANN])
    # The thread comes with the config of the function, which does not hand it on.
    around = RunnableLambda(lambda given: [*talk.graph.stream(given, stream_mode="values")][-1]["current_state"])
    assert [around.invoke(sent("Ann"), CONFIG) for _ in range(2)] == ["ask_email", "ask_email"]
    assert len(talk.model.calls) == 1


MODES: dict[str, tuple[Json, list[Any]]] = {
    "messages": ({"stream_mode": "messages"}, [("Your e-mail?", "ask_email")]),
    "values": ({"stream_mode": "values"}, ["ask_email"]),
    "updates": ({"stream_mode": "updates"}, []),
    "custom": ({"stream_mode": "custom"}, []),
    "a list": ({"stream_mode": ["messages", "custom"]}, [("messages", ("Your e-mail?", "ask_email"))]),
    "subgraphs": ({"stream_mode": "messages", "subgraphs": True}, [((), ("Your e-mail?", "ask_email"))]),
    "both": (
        {"stream_mode": ["messages"], "subgraphs": True},
        [((), "messages", ("Your e-mail?", "ask_email"))],
    ),
    "version 2": (
        {"stream_mode": "messages", "version": "v2"},
        [{"type": "messages", "ns": (), "data": ("Your e-mail?", "ask_email")}],
    ),
}


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(("options", "expected"), MODES.values(), ids=MODES.keys())
def test_streams_give_a_stored_answer_in_their_own_form(options: Json, expected: list[Any], is_async: bool) -> None:
    talk = Talk(FORM, [ANN])
    send(talk, "Ann")

    async def read() -> list[Any]:
        return [part async for part in talk.graph.astream(sent("Ann"), CONFIG, **options)]

    parts = asyncio.run(read()) if is_async else [*talk.graph.stream(sent("Ann"), CONFIG, **options)]
    assert [_short(part) for part in parts] == expected


def _short(part: Any) -> Any:
    """Keep of a part of a stream what a case tells: of a message its text and its node, of the values the state."""
    match part:
        case {"type": _, "data": data}:
            return {**part, "data": _short(data)}
        case {"current_state": name}:
            return name
        case (AIMessageChunk() as chunk, metadata):
            assert metadata["thread_id"] == "1"
            return chunk.text, metadata["langgraph_node"]
        case tuple():
            return tuple(_short(each) for each in part)
    return part


def test_the_stored_answer_has_the_ids_of_its_messages() -> None:
    talk = Talk(FORM, [ANN])
    send(talk, "Ann")
    (shown_id,) = [chunk.id for chunk in shown(talk, sent("Ann"))]
    assert shown_id == talk.values["messages"][-1].id


@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_events_of_a_message_that_was_answered_are_those_of_a_run_without_a_model(version: Any) -> None:
    talk = Talk(FORM, [ANN])
    send(talk, "Ann")

    async def read() -> tuple[list[str], Any]:
        if version == "v3":
            run = await talk.graph.astream_events(sent("Ann"), CONFIG, version="v3")
            return [], await run.output()
        events = [each async for each in talk.graph.astream_events(sent("Ann"), CONFIG, version="v2")]
        return [each["event"] for each in events], events[-1]["data"]["output"]

    kinds, output = asyncio.run(read())
    assert not [kind for kind in kinds if "model" in kind]
    assert output["current_state"] == "ask_email"
    assert len(talk.model.calls) == 1


def test_an_earlier_message_has_its_own_answer() -> None:
    talk = Talk(FORM, [ANN, MAIL])
    send(talk, "Ann")
    send(talk, "a@b.co", "u2")
    again = [chunk.text for chunk in shown(talk, sent("Ann"))]
    assert again == ["Your e-mail?"]


def test_an_answered_message_does_not_set_a_later_turn_going_that_failed() -> None:
    keys, handlers = counted("PRE_PROCESSING")
    talk = Talk(FORM, [ANN, AWAY], handlers=handlers)
    send(talk, "Ann")
    with pytest.raises(ModelError):
        send(talk, "a@b.co", "u2")
    assert send(talk, "Ann")["current_state"] == "ask_email"
    assert len(keys) == 2


def test_a_batch_knows_messages_by_their_ids() -> None:
    talk = Talk(FORM, [ANN])
    one, other = talk.graph.batch([sent("Ann"), sent("Ann")], {**CONFIG, "max_concurrency": 1})
    assert one == other
    assert len(talk.model.calls) == 1


def test_messages_with_ids_are_read_together_and_each_is_known() -> None:
    talk = Talk(FORM, [ANN])
    both = FSMInput(messages=[HumanMessage("Hello", id="u0"), HumanMessage("Ann", id="u1")])
    talk.graph.invoke(both, CONFIG)
    for again in (both, sent("Ann"), sent("Hello", "u0")):
        assert [chunk.text for chunk in shown(talk, again)] == ["Your e-mail?"]
    assert len(talk.model.calls) == 1


def test_a_front_end_may_send_the_whole_conversation() -> None:
    talk = Talk(FORM, [ANN, MAIL])
    first = send(talk, "Ann")["messages"]
    values = talk.graph.invoke({"messages": [*first, HumanMessage("a@b.co", id="u2")]}, CONFIG)
    assert [message.text for message in values["messages"]] == ["Ann", "Your e-mail?", "a@b.co", "Bye!"]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"role": "user", "content": "Ann", "id": "u1"}, id="role"),
        pytest.param({"type": "human", "content": "Ann", "id": "u1"}, id="type"),
        pytest.param(HumanMessage("Ann", id="u1"), id="message"),
    ],
)
def test_an_id_is_known_in_every_form_of_a_message(message: Any) -> None:
    talk = Talk(FORM, [ANN])
    forms: list[Any] = [{"messages": [message]}, {"messages": message}]
    for given in forms:
        talk.graph.invoke(given, CONFIG)
    assert len(talk.model.calls) == 1


@by_each
def test_a_message_that_comes_with_a_jump_is_known_too(drive: Drive) -> None:
    talk = Talk(FORM, [ANN], drive)
    for _ in range(2):
        drive(talk.graph, Command(goto="ask_name", update=sent("Ann")), CONFIG)
    assert [message.text for message in talk.values["messages"]] == ["Ann", "Your e-mail?"]


@by_each
@pytest.mark.parametrize("form", [lambda given: given, lambda given: Command(update=given)], ids=["input", "command"])
def test_an_empty_id_is_refused(form: Callable[[FSMInput], Any], drive: Drive) -> None:
    talk = Talk(FORM, [ANN], drive)
    with pytest.raises(ArgumentError, match="the id of a message is empty"):
        drive(talk.graph, form(sent("Ann", "")), CONFIG)
    assert talk.values == {}


def test_a_text_without_an_id_is_always_new() -> None:
    talk = Talk(FORM, [ANN, reply("ask_email", "Your e-mail, please?")])
    talk.say("Ann")
    assert talk.say("Ann") == "Your e-mail, please?"


# Another content


@by_each
@pytest.mark.parametrize("fails", [False, True], ids=["landed", "in flight"])
def test_an_id_with_another_content_is_a_conflict(fails: bool, drive: Drive) -> None:
    talk = Talk(FORM, [AWAY if fails else ANN], drive)
    if fails:
        with pytest.raises(ModelError):
            send(talk, "Ann")
    else:
        send(talk, "Ann")
    before = talk.values
    with pytest.raises(TurnConflict, match="'Ann', not 'Bob'"):
        send(talk, "Bob")
    assert talk.values == before
    assert len(talk.model.calls) == 1


def test_an_edit_goes_on_from_before_the_message() -> None:
    talk = Talk(FORM, [ANN, MAIL, reply("ask_email", "Your e-mail, Bob?", name="Bob")])
    send(talk, "Ann")
    send(talk, "a@b.co", "u2")
    before = [each for each in talk.graph.get_state_history(CONFIG) if not each.values.get("messages")]
    values = send(talk, "Bob", config=before[0].config) if before else {}
    assert [message.text for message in values["messages"]] == ["Bob", "Your e-mail, Bob?"]


# Failed


@by_each
@pytest.mark.parametrize("durability", ["sync", "async"])
def test_a_message_that_failed_runs_again_and_its_handlers_do_not(drive: Drive, durability: Durability) -> None:
    keys, handlers = counted()
    talk = Talk(ORDER, drive=drive, model=failing_once(), handlers=handlers)
    graph: Graph = talk.graph
    run: Callable[[], Any] = (
        (lambda: graph.invoke(sent("a lamp"), CONFIG, durability=durability))
        if drive is sync
        else (lambda: asyncio.run(graph.ainvoke(sent("a lamp"), CONFIG, durability=durability)))
    )
    with pytest.raises(ModelError):
        run()
    run()
    assert len(keys) == 1
    assert [message.text for message in talk.values["messages"]] == ["a lamp", "Placed."]


def test_exit_repeats_nothing_of_the_state_that_failed() -> None:
    keys, handlers = counted("PRE_PROCESSING")
    talk = Talk(FORM, [AWAY, ANN], handlers=handlers)
    with pytest.raises(ModelError):
        talk.graph.invoke(sent("Ann"), CONFIG, durability="exit")
    talk.graph.invoke(sent("Ann"), CONFIG, durability="exit")
    assert len(keys) == 1


def test_what_exit_repeats_is_what_ran_in_the_states_before_the_one_that_failed() -> None:
    keys, handlers = counted("PRE_TRANSITION")
    first_says_nothing = reply("placed", None, item="lamp")
    replies = [first_says_nothing, AWAY, first_says_nothing, "Placed."]
    talk = Talk(ORDER, model=ScriptedModel(replies=replies), handlers=handlers)
    with pytest.raises(ModelError):
        talk.graph.invoke(sent("a lamp"), CONFIG, durability="exit")
    talk.graph.invoke(sent("a lamp"), CONFIG, durability="exit")
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_turn_that_was_paused_and_is_sent_again_repeats_no_handler() -> None:
    keys, handlers = counted("PRE_PROCESSING")
    handlers.on("CONTEXT_UPDATE")(lambda _: interrupt("Sure?") and None)
    talk = Talk(FORM, [ANN, ANN], handlers=handlers)
    send(talk, "Ann")
    send(talk, "Ann")
    talk.drive(talk.graph, Command(resume=True), CONFIG)
    assert len(keys) == 1
    assert talk.values["current_state"] == "ask_email"


def test_a_message_that_failed_behind_another_one_is_read_with_it_and_repeats_nothing() -> None:
    keys, handlers = counted("PRE_PROCESSING")
    talk = Talk(FORM, [AWAY, AWAY, ANN], handlers=handlers)
    for text, message_id in (("I am", "u1"), ("Ann", "u2")):
        with pytest.raises(ModelError):
            send(talk, text, message_id)
    assert len(keys) == 2
    send(talk, "I am", "u1")  # it stands before the other one, with which the turn of that is run again
    assert len(keys) == 2
    assert [message.text for message in talk.values["messages"]] == ["I am", "Ann", "Your e-mail?"]


@pytest.mark.parametrize(("first", "second"), [("u1", "u2"), (None, "u2"), ("u1", None)])
def test_a_text_that_is_sent_again_under_another_id_is_the_same_turn(first: str | None, second: str | None) -> None:
    keys, handlers = counted("PRE_PROCESSING")
    talk = Talk(FORM, [AWAY, ANN], handlers=handlers)
    with pytest.raises(ModelError):
        send(talk, "Ann", first)
    send(talk, "Ann", second)
    assert len(keys) == 1
    assert [message.text for message in talk.values["messages"]] == ["Ann", "Your e-mail?"]


def test_a_copy_that_a_turn_has_taken_out_is_known_when_it_comes_once_more() -> None:
    talk = Talk(FORM, [AWAY, ANN])
    with pytest.raises(ModelError):
        send(talk, "Ann", "u1")
    send(talk, "Ann", "u2")
    send(talk, "Ann", "u1")
    assert len(talk.model.calls) == 2
    with pytest.raises(TurnConflict):
        send(talk, "Bob", "u1")


def test_two_messages_of_one_content_are_two_turns() -> None:
    keys, handlers = counted("PRE_PROCESSING")
    talk = Talk(FORM, [reply("ask_name", "What?"), reply("ask_name", "Pardon?")], handlers=handlers)
    send(talk, "Hm", "u1")
    send(talk, "Hm", "u2")
    assert len({*keys}) == 2


def test_a_run_that_died_before_its_turn_began_keeps_the_identity_of_its_message() -> None:
    keys, handlers = counted("PRE_PROCESSING")
    saver = _DyingSaver()
    talk = Talk(FORM, [AWAY, ANN], saver=saver, handlers=handlers)
    with pytest.raises(_DiedError):
        talk.graph.invoke(sent("Ann"), CONFIG, durability="sync")
    with pytest.raises(ModelError):
        talk.resume()
    send(talk, "Ann")
    assert len(keys) == 1


class _DiedError(Exception):
    """A process has died."""


class _DyingSaver(InMemorySaver):
    """Dies once the first checkpoint is stored, which has the input."""

    def put(self, *args: Any) -> Any:
        stored = super().put(*args)
        if len(self.storage["1"][""]) == 1 and not hasattr(self, "died"):
            self.died = True
            raise _DiedError
        return stored


@by_each
def test_a_message_that_a_graph_around_sends_again_repeats_no_handler(drive: Drive) -> None:
    keys, handlers = counted()
    inner = compile_fsm(ORDER, failing_once(), handlers=handlers)
    builder = StateGraph(MessagesState)
    builder.add_node("machine", inner)
    builder.add_edge(START, "machine")
    around: Any = builder.compile(InMemorySaver())
    with pytest.raises(ModelError):
        drive(around, sent("a lamp"), CONFIG)
    drive(around, sent("a lamp"), CONFIG)
    assert len(keys) == 1


# Tools


@by_each
def test_a_tool_gets_one_key_for_one_call_and_is_run_once(drive: Drive) -> None:
    booked: list[str] = []

    @tool
    def book(room: str, key: ToolIdempotencyKey) -> str:
        """Book a room."""
        booked.append(key)
        return f"{room} is booked"

    calls = AIMessage("", tool_calls=[{"name": "book", "args": {"room": "12", "key": "mine"}, "id": "1"}])
    hotel = machine(state("ask", to("done", "x"), required_context_keys=["x"], tools=["book"]), state("done"))
    talk = Talk(hotel, [calls, AWAY, reply("ask", "Booked.")], drive, tools=[book])
    with pytest.raises(ModelError):
        send(talk, "A room")
    assert send(talk, "A room")["messages"][-1].text == "Booked."
    assert len(booked) == 1
    assert booked != ["mine"]


# Older messages


def long_talk(store: InMemoryStore | None, drive: Drive = sync) -> Talk:
    """Hold a conversation whose first messages have moved to the store."""
    stays = [reply("ask_name", f"Answer {number}") for number in range(20)]
    talk = Talk(FORM, stays, drive, store=store, messages_limit=8, history_limit=2)
    for number in range(12):
        send(talk, f"Message {number}", f"u{number}")
    return talk


@by_each
def test_a_message_that_has_moved_to_the_store_is_known(drive: Drive) -> None:
    talk = long_talk(InMemoryStore(), drive)
    assert "u1" not in {message.id for message in talk.values["messages"]}
    calls = len(talk.model.calls)
    again = [chunk.text for chunk in shown(talk, sent("Message 1"))]
    assert again == ["Answer 1"]
    send(talk, "Message 1")
    with pytest.raises(TurnConflict):
        send(talk, "Another one")
    assert len(talk.model.calls) == calls


def test_deleting_a_conversation_deletes_the_ids_in_the_store() -> None:
    store = InMemoryStore()
    talk = long_talk(store)
    assert store.search(("fsm_message_ids", "1"))
    talk.graph.delete_thread("1")
    assert not store.search(("fsm_message_ids", "1"))


class _Failing(InMemoryStore):
    """Fails to look anything up."""

    is_away = False

    def batch(self, ops: Any) -> Any:
        if self.is_away:
            raise OSError("away")
        return super().batch(ops)

    async def abatch(self, ops: Any) -> Any:
        return self.batch(ops)


@by_each
def test_a_store_that_cannot_be_asked_is_an_error_and_no_second_turn(drive: Drive) -> None:
    store = _Failing()
    talk = long_talk(store, drive)
    store.is_away = True
    with pytest.raises(MissingMessagesError):
        send(talk, "Message 1")


# LLM_FSM


def test_converse_gives_a_stored_answer_for_an_id_that_it_knows() -> None:
    fsm = LLM_FSM(FORM, ScriptedModel(replies=[ANN, MAIL]))
    conversation_id, first = fsm.converse("Ann", message_id="u1")
    assert fsm.converse("Ann", conversation_id, message_id="u1") == (conversation_id, first)
    assert asyncio.run(fsm.aconverse("Ann", conversation_id, message_id="u1")) == (conversation_id, first)
    assert fsm.converse("a@b.co", conversation_id, message_id="u2")[1] == "Bye!"
    _, pieces = fsm.stream("Ann", conversation_id, message_id="u1")
    assert [*pieces] == [first]
    with pytest.raises(TurnConflict):
        fsm.converse("Bob", conversation_id, message_id="u1")


def test_several_messages_of_an_answer_are_joined_as_they_were() -> None:
    talks = machine(state("hello", to("ask_name"), say="Welcome!", silent=True), *FORM["states"].values())
    fsm = LLM_FSM(talks, ScriptedModel(replies=[ANN]))
    conversation_id, first = fsm.converse("Ann", message_id="u1")
    assert first == "Welcome!\n\nYour e-mail?"
    assert fsm.converse("Ann", conversation_id, message_id="u1")[1] == first


@by_each
@pytest.mark.parametrize("given", [sent("Hello"), Command(goto="ask_email"), Command(update=sent("Hello"))])
def test_a_closed_conversation_takes_no_more_messages_from_anybody(given: Any, drive: Drive) -> None:
    fsm = LLM_FSM(FORM, ScriptedModel(replies=[ANN]))
    fsm.converse("Ann", "1")
    fsm.end_conversation("1")
    with pytest.raises(ConversationError, match="closed"):
        drive(fsm.graph, given, CONFIG)


def test_the_handlers_of_a_turn_know_its_message() -> None:
    heard: list[Event] = []
    handlers = Handlers()
    handlers.on("PRE_PROCESSING")(lambda event: heard.append(event))
    fsm = LLM_FSM(FORM, ScriptedModel(replies=[ANN]), handlers=handlers)
    fsm.converse("Ann", "1", message_id="u1")
    assert heard[0].history[-1].id == "u1"


def test_a_thread_that_is_bound_to_the_graph_is_read_like_one_that_is_given() -> None:
    talk = Talk(FORM, [ANN])
    bound: Any = talk.graph.with_config(CONFIG)
    assert bound.invoke(sent("Ann")) == bound.invoke(sent("Ann"))
    assert len(talk.model.calls) == 1
