"""Words of the machine's own: when they are said, how they are shown, and how they are kept."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from handling import handling, plain, writing
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.store.memory import InMemoryStore
from langgraph.types import Command, interrupt
from machines import CONFIG, DRIVERS, Drive, Json, Talk, given, machine, reply, state, sync, to

from fsm_langgraph import Event, Handlers, MissingDataError, ScriptedModel, TurnError, compile_fsm
from fsm_langgraph.conversation.sqlite_file import SqliteFile
from fsm_langgraph.prompts.wording import BEGIN, GO_ON

by_each = pytest.mark.parametrize("drive", DRIVERS)

ASK = state("ask", to("order", "item"), to("stop"), required_context_keys=["item"])
ORDER = machine(
    state("hello", to("ask"), silent=True, say="Welcome!"),
    ASK,
    state("order", to("more"), silent=True, say="The {{item}} is ordered."),
    state("more", to("bye", "done"), to("ask"), required_context_keys=["done"], say="Anything else?"),
    state("stop", say="Nothing is ordered."),
    state("bye", say="Goodbye."),
    context={"item": {"enum": ["lamp", "desk"]}, "done": {"type": "boolean"}, "pin": {"secret": True}},
)
"""It greets, notes an order on the way, and asks and ends in its own words."""
ASKING = machine(
    state("hello", to("ask"), silent=True, say="Welcome!"),
    state("ask", to("bye", "item"), to("ask"), required_context_keys=["item"], say="Which item?"),
    state("bye"),
)
RETURNS: Json = {"description": "The user asks for it", "return": True}
ASIDES = machine(
    state("ask", to("bye", "x"), required_context_keys=["x"], say="X, please."),
    state("bye"),
    state("hours", say="From nine to five."),
    state("fax", silent=True, say="There is none."),
    global_transitions=[{"target_state": "hours", **RETURNS}, {"target_state": "fax", **RETURNS}],
)
CARD = machine(
    state("card", to("paid", "card"), required_context_keys=["card"], say="Which card?"),
    state("paid", say="Paid by {{card}}."),
)
PAYING = machine(
    state("cart", to("pay", "item"), required_context_keys=["item"]),
    state("pay", to("thanks"), subflow="card", outputs=["card"]),
    state("thanks", to("cart", "more")),
    subflows={"card": CARD},
)
SORTED = machine(
    state("ask", to("age", "name"), required_context_keys=["name"]),
    state("age", to("end", "age"), required_context_keys=["age"], ask="missing", say="How old are you?"),
    state("end"),
)
"""A state with words is passed where its question is answered."""
SPARING = machine(
    state("ask", to("note", "x"), required_context_keys=["x"]),
    state("note", to("end"), silent=True, say="{{#name}}Thank you, {{name}}.{{/name}}"),
    state("end", say=" {{^name}}\n{{/name}} "),
)
"""Its words depend on a name, and nothing is left of them without."""


@dataclass(frozen=True)
class Case:
    """A conversation, by what the user writes in each turn and by what the last turn shows."""

    name: str
    machine: Mapping[str, Any]
    written: Sequence[str]
    replies: Sequence[Any]
    shown: Sequence[str]
    said: Sequence[str]
    """The states whose words are said in the last turn."""
    modes: Sequence[str] = ()
    """The model calls of the last turn."""
    context: Mapping[str, Any] = field(default_factory=dict)
    handlers: Handlers | None = None

    def __str__(self) -> str:
        return self.name


def case(name: str, *of: Any, **more: Any) -> Any:
    return pytest.param(Case(name, *of, **more), id=name)


LAMP, BYE = reply("order", "REFUSED", item="lamp"), reply("bye", "REFUSED", done=True)
CASES = [
    case("greets unasked", ORDER, [""], ["Which item?"], ["Welcome!", "Which item?"], ["hello"], ["speak"]),
    case(
        "greets whatever the user begins with",
        *(ORDER, ["hi"], [reply("ask", "Which item?")], ["Welcome!", "Which item?"], ["hello"], ["understand"]),
    ),
    case(
        "reads the first message after the greeting",
        *(ORDER, ["a lamp"], [LAMP], ["Welcome!", "The lamp is ordered.", "Anything else?"]),
        *(["hello", "order", "more"], ["understand"]),
    ),
    case(
        "answers in its own words",
        *(ORDER, ["", "lamp"], ["?", LAMP], ["The lamp is ordered.", "Anything else?"]),
        *(["order", "more"], ["understand"]),
    ),
    case("ends in its own words", ORDER, ["", "lamp", "no"], ["?", LAMP, BYE], ["Goodbye."], ["bye"], ["understand"]),
    case("stays", ORDER, ["", "lamp", "hm"], ["?", LAMP, reply("more", "Well?")], ["Well?"], [], ["understand"]),
    case("speaks unasked later", ORDER, ["", "lamp", ""], ["?", LAMP, "Well?"], ["Well?"], [], ["speak"]),
    case("answers after the end", ORDER, ["", "lamp", "no", "thanks"], ["?", LAMP, BYE, "!"], ["!"], [], ["speak"]),
    case(
        "tells why a value was rejected",
        *(ORDER, ["", "two"], ["?", reply("stop", "REFUSED", item="two"), "No such item."]),
        *(["Nothing is ordered.", "No such item."], ["stop"], ["understand", "speak"]),
    ),
    case("begins with its own words", ASIDES, [""], [], ["X, please."], ["ask"]),
    case("answers the first message", ASIDES, ["hi"], [reply("ask", "Hi! X?")], ["Hi! X?"], [], ["understand"]),
    case(
        "answers in its own words what was read on coming in",
        *(ASKING, ["hi"], [reply("ask", "REFUSED")], ["Welcome!", "Which item?"], ["hello", "ask"], ["understand"]),
    ),
    case(
        "goes round",
        *(ASKING, ["", "anew"], [reply("again", "REFUSED")], ["Which item?"], ["ask"], ["understand"]),
    ),
    case(
        "digresses",
        *(ASIDES, ["", "open?"], [reply("hours", "REFUSED")], ["From nine to five."], ["hours"], ["understand"]),
    ),
    case(
        "returns from a digression",
        *(ASIDES, ["", "open?", "ok"], [reply("hours", "REFUSED"), reply("ask", "X?")], ["X?"], [], ["understand"]),
    ),
    case(
        "digresses in passing",
        *(ASIDES, ["", "fax?"], [reply("fax", "REFUSED"), "X?"], ["There is none.", "X?"], ["fax"]),
        *(["understand", "speak"],),
    ),
    case(
        "enters a sub-machine",
        *(PAYING, ["a lamp"], [reply("pay", "REFUSED", item="lamp")], ["Which card?"], ["pay/card"], ["understand"]),
    ),
    case(
        "leaves a sub-machine",
        *(PAYING, ["a lamp", "visa"], [reply("pay", item="lamp"), reply("paid", "REFUSED", card="visa"), "Thanks."]),
        *(["Paid by visa.", "Thanks."], ["pay/paid"], ["understand", "speak"]),
    ),
    case(
        "asks what is missing",
        *(SORTED, ["Ann"], [reply("age", "REFUSED", name="Ann")], ["How old are you?"], ["age"], ["understand"]),
    ),
    case(
        "passes what is answered",
        *(SORTED, ["Ann, 7"], [reply("age", "REFUSED", name="Ann", age=7), "Bye."], ["Bye."]),
        *([], ["understand", "speak"]),
    ),
    case(
        "has nothing left to say",
        *(SPARING, ["1"], [reply("note", "REFUSED", x=1), "The end."], ["The end."], [], ["understand", "speak"]),
    ),
    case(
        "says what there is to say",
        *(SPARING, ["1"], [reply("note", "REFUSED", x=1), "The end."], ["Thank you, Ann.", "The end."], ["note"]),
        *(["understand", "speak"],),
        context={"name": "Ann"},
    ),
    case(
        "knows what handlers wrote on entering",
        *(SPARING, ["1"], [reply("note", "REFUSED", x=1), "The end."], ["Thank you, Bo.", "The end."], ["note"]),
        *(["understand", "speak"],),
        handlers=handling(plain, writing(name="Bo"), "POST_TRANSITION", state="note"),
    ),
    case(
        "shows nothing that a handler kept back",
        *(ORDER, ["", "no"], ["?", reply("stop", "REFUSED")], ["Nothing is ordered."], ["stop"], ["understand"]),
        handlers=handling(plain, writing(), "END_CONVERSATION"),
    ),
]  # fmt: skip


@by_each
@pytest.mark.parametrize("case", CASES)
def test_the_machine_says_its_own_words_when_it_comes_to_them(case: Case, drive: Drive) -> None:
    talk = Talk(case.machine, case.replies, drive, handlers=case.handlers)
    *before, last = case.written
    for text in before:
        talk.say(text)
    known = len(talk.values.get("messages", ())) + bool(last)
    talk.say(last, context=case.context) if case.context else talk.say(last)
    assert [message.text for message in talk.values["messages"][known:]] == list(case.shown)
    assert talk.record["said"] == list(case.said)
    assert [call["mode"] for call in talk.record["model_calls"]] == list(case.modes)
    assert len(talk.model.calls) == len(case.replies)


@by_each
@pytest.mark.parametrize("case", CASES)
def test_a_stream_shows_each_message_under_the_id_that_it_is_stored_by(case: Case, drive: Drive) -> None:
    talk = Talk(case.machine, case.replies, drive, handlers=case.handlers)
    if case.context:
        talk.graph.update_state(CONFIG, {"context": dict(case.context)})
    *before, last = case.written
    for text in before:
        talk.say(text)
    talk.watch(last)
    stored = [(message.id, message.text) for message in talk.values["messages"][-len(case.shown) :]]
    assert whole(talk.shown) == stored
    assert [text for _, text in stored] == list(case.shown)


def whole(pieces: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Put the pieces of each message together, in the order in which the messages began."""
    found: dict[str, str] = {}
    for message_id, text in pieces:
        if text:
            found[message_id] = found.get(message_id, "") + text
    return [*found.items()]


def test_what_is_said_is_shown_before_the_next_model_call() -> None:
    asked: list[int] = []
    shown: list[str] = []

    def speak(_: Sequence[BaseMessage], __: Any) -> str:
        asked.append(len(shown))
        return "Which item?"

    talk = Talk(ORDER, model=ScriptedModel(replies=[speak]))
    parts: Any = talk.graph.stream(given(), CONFIG, stream_mode="messages")
    for chunk, _ in parts:
        shown += [chunk.text] if chunk.text else []
    assert shown[0] == "Welcome!"
    assert asked == [1]


# What the model sees


@by_each
def test_the_model_knows_what_was_said_before_the_message_and_after_it(drive: Drive) -> None:
    noted = machine(
        state("hello", to("ask"), silent=True, say="Welcome!"),
        state("ask", to("note", "x"), required_context_keys=["x"]),
        state("note", to("next"), silent=True, say="Noted."),
        state("next", to("ask", "never")),
    )
    talk = Talk(noted, [reply("note", "REFUSED", x=1), "And now?"], drive, history_limit=1)
    talk.say("It is 1")
    assert talk.heard[-2:] == [
        [BEGIN, "Welcome!", "It is 1"],
        [BEGIN, "Welcome!", "It is 1", "Noted.", GO_ON],
    ]
    assert [message.text for message in talk.values["messages"]] == ["It is 1", "Welcome!", "Noted.", "And now?"]


def test_the_model_that_speaks_unasked_knows_what_was_said() -> None:
    talk = Talk(ORDER, ["Which item?"])
    talk.say()
    assert talk.heard == [[BEGIN, "Welcome!", GO_ON]]


def test_handlers_are_told_the_user_s_message_after_words_too() -> None:
    seen: list[str] = []
    handlers = handling(plain, lambda event: seen.append(event.message), "POST_TRANSITION", state="more")
    Talk(ORDER, [LAMP], handlers=handlers).say("a lamp")
    assert seen == ["a lamp"]


def test_no_secret_is_said() -> None:
    told = machine(state("a", say="[{{pin}}]"), context={"pin": {"secret": True, "written_by": "caller"}})
    assert Talk(told).say(context={"pin": "1234"}) == "[]"


# The store

HOURS = machine(
    state("a", to("b", "x"), required_context_keys=["x"]),
    state("b", say="Open {{store.shop.hours}}, {{x}}."),
    store={"shop": {"namespace": ["shops"], "key": "one", "required": True}},
)


@by_each
def test_a_lookup_for_what_is_said_may_read_the_machine_s_own_keys(drive: Drive) -> None:
    store = InMemoryStore()
    store.put(("shops",), "0", {"hours": "9 to 5"})
    counted = {**HOURS, "store": {"shop": {"namespace": ["shops"], "key": "{{_stays}}", "required": True}}}
    talk = Talk(counted, [reply("b", "REFUSED", x="Ann")], drive, store=store)
    assert talk.say("hello") == "Open 9 to 5, Ann."


@by_each
def test_what_is_said_may_read_the_store(drive: Drive) -> None:
    store = InMemoryStore()
    store.put(("shops",), "one", {"hours": "9 to 5"})
    talk = Talk(HOURS, [reply("b", "REFUSED", x="Ann")], drive, store=store)
    assert talk.say("Ann") == "Open 9 to 5, Ann."


def test_what_is_said_requires_what_its_lookup_requires() -> None:
    store = InMemoryStore()
    store.put(("shops",), "one", {"hours": "9 to 5"})
    talk = Talk(HOURS, [reply("b", "REFUSED", x="Ann")], store=store)
    store.delete(("shops",), "one")
    with pytest.raises(MissingDataError, match="'shop' is required, but there is nothing"):
        talk.say("Ann")


# Turns that are run again, or fail


@by_each
def test_a_turn_that_is_sent_again_says_the_same_under_the_same_ids(drive: Drive) -> None:
    talk = Talk(ORDER, [ValueError("away"), LAMP], drive)
    with pytest.raises(TurnError) as caught:
        talk.say("a lamp")
    talk.say("a lamp")
    first, *_ = answers(talk)
    assert caught.value.shown == (first.text,)
    assert caught.value.shown_ids == (first.id,)


@by_each
def test_each_place_in_a_turn_has_ids_of_its_own(drive: Drive) -> None:
    circle = machine(
        state("a", to("b", logic={"!": [{">=": [{"var": "n"}, 3]}]}), to("end"), silent=True, say="Tick {{n}}."),
        state("b", to("a"), silent=True, say="Tock."),
        state("end", say="Over."),
    )
    numbers = iter(range(1, 9))
    handlers = handling(plain, lambda _: {"n": next(numbers)}, "PRE_TRANSITION", state="a", target="b")
    talk = Talk(circle, [], drive, handlers=handlers)
    talk.say()
    texts = [message.text for message in answers(talk)]
    assert texts == ["Tick .", "Tock.", "Tick 1.", "Tock.", "Tick 2.", "Over."]
    assert len({message.id for message in answers(talk)}) == len(texts)


@by_each
def test_what_is_said_is_shown_once_however_often_its_state_is_run(drive: Drive) -> None:
    away = [TimeoutError("away"), ConnectionError("away")]
    talk = Talk(ORDER, ["?", reply("stop", "REFUSED", item="two"), *away, "No such item."], drive)
    talk.say()
    talk.watch("two")
    assert [text for _, text in whole(talk.shown)] == ["Nothing is ordered.", "No such item."]
    assert whole(talk.shown) == [(message.id, message.text) for message in answers(talk)[-2:]]


@by_each
def test_the_error_of_a_turn_tells_what_was_shown(drive: Drive) -> None:
    talk = Talk(RISKY, ["?", reply("pay", "REFUSED", item="lamp"), ValueError("away")], drive)
    talk.say()
    before = talk.kept
    with pytest.raises(TurnError) as caught:
        talk.say("lamp")
    assert caught.value.shown == ("One moment.", "Nearly there.")
    assert "'One moment.'; 'Nearly there.'" in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).shown == caught.value.shown  # noqa: S301 - it was just saved
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301
    assert talk.kept == before


RISKY = machine(
    state("cart", to("pay", "item"), required_context_keys=["item"]),
    state("pay", to("thanks"), silent=True, say="One moment."),
    state("thanks", to("end"), subflow="inside"),
    state("end"),
    subflows={"inside": machine(state("in", to("ask"), silent=True, say="Nearly there."), state("ask", to("ask")))},
)
"""It says something, and goes into a sub-machine that says something too."""


@by_each
def test_what_was_shown_stays_where_a_handler_answers_for_the_turn(drive: Drive) -> None:
    handlers = handling(plain, lambda _: "Something went wrong.", "ERROR")
    talk = Talk(RISKY, ["?", reply("pay", "REFUSED", item="lamp"), ValueError("away"), "?"], drive, handlers=handlers)
    talk.say()
    talk.watch("lamp")
    assert whole(talk.shown) == [(message.id, message.text) for message in answers(talk)[1:]]
    assert [message.text for message in answers(talk)[1:]] == ["One moment.", "Nearly there.", "Something went wrong."]
    assert (talk.record["why"], talk.record["said"], talk.values["current_state"]) == ("failed", [], "cart")


@by_each
def test_a_turn_that_is_resumed_from_a_file_keeps_what_was_said_once(drive: Drive, tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "talk.db")
    handlers = handling(plain, lambda _: {"approved": interrupt("?")}, "POST_TRANSITION", state="more")
    talk = Talk(ORDER, ["?", LAMP], drive, handlers=handlers, saver=file)
    talk.say()
    talk.drive(talk.graph, given("lamp"), CONFIG)
    file.close()

    again = SqliteFile(tmp_path / "talk.db")
    talk = Talk(ORDER, [], drive, handlers=handlers, saver=again)
    talk.drive(talk.graph, Command(resume="yes"), CONFIG)
    assert [message.text for message in answers(talk)[2:]] == ["The lamp is ordered.", "Anything else?"]
    assert talk.record["said"] == ["order", "more"]
    again.close()


def answers(talk: Talk) -> list[AIMessage]:
    return [message for message in talk.values["messages"] if isinstance(message, AIMessage)]


# Around it


@by_each
def test_a_conversation_that_was_put_into_a_state_hears_its_words(drive: Drive) -> None:
    talk = Talk(ORDER, ["?", "Well?"], drive)
    talk.say()
    talk.graph.update_state(CONFIG, {"current_state": "more"})
    assert talk.say() == "Anything else?"
    assert talk.say() == "Well?"


@by_each
def test_the_state_stays_bounded_by_several_messages_a_turn(drive: Drive) -> None:
    going = machine(
        state("ask", to("note", "x"), required_context_keys=["x"], forget=["x"], say="X?"),
        state("note", to("ask"), silent=True, say="Noted {{x}}."),
    )
    replies = [reply("note", "REFUSED", x=number) for number in range(20)]
    talk = Talk(going, replies, drive, store=InMemoryStore(), messages_limit=8, history_limit=3)
    lengths: list[int] = []
    for number in range(20):
        talk.say(f"It is {number}")
        lengths.append(len(talk.values["messages"]))
    assert max(lengths) <= 8
    expected = [text for n in range(20) for text in (f"It is {n}", f"Noted {n}.", "X?")]
    assert [message.text for message in talk.graph.messages(CONFIG)] == expected


@by_each
def test_in_a_graph_of_ones_own_words_are_messages_of_that_graph(drive: Drive) -> None:
    around = StateGraph(MessagesState)
    around.add_node("fsm", compile_fsm(ORDER, ScriptedModel(replies=[LAMP])))
    around.add_edge(START, "fsm")
    graph: Any = around.compile(checkpointer=InMemorySaver())
    values = drive(graph, {"messages": [HumanMessage("a lamp")]}, CONFIG)
    expected = ["a lamp", "Welcome!", "The lamp is ordered.", "Anything else?"]
    assert [message.text for message in values["messages"]] == expected


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
async def test_the_events_show_each_message(version: Any) -> None:
    talk = Talk(PAYING, [reply("pay", item="lamp"), reply("paid", "REFUSED", card="visa"), "Thanks."])
    await talk.graph.ainvoke(given("lamp"), CONFIG)
    shown: list[tuple[str, str]] = []
    if version == "v2":
        async for event in talk.graph.astream_events(given("visa"), CONFIG, version="v2"):
            chunks = [event["data"]["chunk"]] if event["event"] == "on_chat_model_stream" else []
            shown += [(chunk.id, chunk.text) for chunk in chunks]
    else:
        run = await talk.graph.astream_events(given("visa"), CONFIG, version="v3")
        async for stream in run.messages:
            shown += [(str(stream.message_id), piece) async for piece in stream.text]
    values = (await talk.graph.aget_state(CONFIG)).values
    assert whole(shown) == [(message.id, message.text) for message in values["messages"][-2:]]
    assert [text for _, text in whole(shown)] == ["Paid by visa.", "Thanks."]


@pytest.mark.parametrize("kind", [["messages"], ["messages", "values"]], ids=str)
def test_typed_parts_show_each_message(kind: Any) -> None:
    talk = Talk(PAYING, [reply("pay", item="lamp"), reply("paid", "REFUSED", card="visa"), "Thanks."])
    talk.say("lamp")
    parts = talk.graph.stream(given("visa"), CONFIG, stream_mode=kind, version="v2")
    shown = [(str(part["data"][0].id), str(part["data"][0].text)) for part in parts if part["type"] == "messages"]
    assert whole(shown) == [(message.id, message.text) for message in answers(talk)[-2:]]


def test_both_drivers_say_the_same_under_the_same_ids() -> None:
    told = [[(message.id, message.text) for message in said(drive)] for drive in DRIVERS]
    assert told[0] == told[1]


def said(drive: Drive) -> list[AIMessage]:
    talk = Talk(ORDER, [LAMP], drive)
    talk.say("a lamp")
    return answers(talk)


def test_a_record_of_a_machine_without_words_says_nothing() -> None:
    talk = Talk(machine(ASK, state("order"), state("stop")), ["Which item?"], sync)
    talk.say()
    assert talk.record["said"] == []


def test_what_is_said_between_two_handlers_changes_no_idempotency_key() -> None:
    keys: dict[str, list[str]] = {"": [], "Hm.": []}
    for words, found in keys.items():
        passing = machine(state("a", to("b"), silent=True, say=words), state("b", to("a", "never"), say="B."))

        def note(event: Event, found: list[str] = found) -> None:
            found.append(str(event.idempotency_key))

        Talk(passing, [reply("b", "?")], handlers=handling(plain, note, "POST_TRANSITION")).say("hi")
    assert keys[""] == keys["Hm."] != []
