"""A turn that pauses tells what it asks, and goes on with the answer, wherever it asks and after a restart too."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import pytest
from handling import handling, plain
from langchain_core.tools import InjectedToolCallId
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from machines import FORM, SHOP, Json, machine, reply, state, to
from orders import ORDERS, calling, command, with_tool
from real_time import WAIT
from typing_extensions import TypedDict

from fsm_langgraph import LLM_FSM, ArgumentError, ConversationError, Event, HandlerError, Handlers, ScriptedModel

ANN = reply("ask_email", "Your e-mail?", name="Ann")
"""A reply after which a handler before the transition asks; its message is held until then."""

Call = Callable[..., Any]


def called(fsm: LLM_FSM, method: str, *args: Any) -> Any:
    """Call a method."""
    return getattr(fsm, method)(*args)


def awaited(fsm: LLM_FSM, method: str, *args: Any) -> Any:
    """Call the twin of a method."""
    return asyncio.run(getattr(fsm, f"a{method}")(*args))


by_each = pytest.mark.parametrize("call", [called, awaited])


def asking(question: Any = "May I?", moment: Any = "PRE_TRANSITION", **options: Any) -> Handlers:
    """Make a handler that asks, and writes the answer down."""
    return handling(plain, lambda _: {"answers": [interrupt(question)]}, moment, **options)


def form(*replies: Any, handlers: Handlers | None = None, **options: Any) -> LLM_FSM:
    """Begin a conversation `c` of the form, which asks for the name."""
    model = ScriptedModel(replies=["Your name?", *replies])
    fsm = LLM_FSM(FORM, model, handlers=handlers if handlers is not None else asking(), **options)
    fsm.converse("", "c")
    return fsm


@by_each
def test_a_paused_turn_tells_its_question_and_goes_on_with_the_answer(call: Call) -> None:
    fsm = form(ANN, "Your e-mail?")
    assert call(fsm, "get_questions", "c") == []
    assert call(fsm, "converse", "Ann", "c") == ("c", "")
    assert call(fsm, "get_questions", "c") == ["May I?"]
    assert call(fsm, "get_current_state", "c") == "ask_name"
    assert call(fsm, "answer", "yes", "c") == "Your e-mail?"
    assert call(fsm, "get_questions", "c") == []
    assert call(fsm, "get_data", "c") == {"name": "Ann", "answers": ["yes"]}
    assert call(fsm, "get_last_turn", "c")["landing"] == "ask_email"


@by_each
def test_another_process_goes_on_with_it(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "talks.sqlite"
    with form(ANN, db=file) as fsm:
        call(fsm, "converse", "Ann", "c")
    with LLM_FSM(FORM, ScriptedModel(replies=["Your e-mail?"]), handlers=asking(), db=file) as fsm:
        assert call(fsm, "get_questions", "c") == ["May I?"]
        assert call(fsm, "answer", {"by": "Bob"}, "c") == "Your e-mail?"
    with LLM_FSM(FORM, ScriptedModel(replies=[]), db=file) as fsm:
        assert call(fsm, "get_data", "c") == {"name": "Ann", "answers": [{"by": "Bob"}]}


@by_each
def test_the_first_turn_may_pause(call: Call) -> None:
    fsm = LLM_FSM(FORM, ScriptedModel(replies=["Your name?"]), handlers=asking("Who?", "START_CONVERSATION"))
    assert call(fsm, "converse", "", "c") == ("c", "")
    assert call(fsm, "get_questions", "c") == ["Who?"]
    assert call(fsm, "answer", "Bob", "c") == "Your name?"


@by_each
def test_a_turn_may_pause_in_a_sub_machine(call: Call) -> None:
    replies = ["What?", reply("payment", "Card?", item="lamp"), reply("code", "Code?", card="4711"), "Code?"]
    fsm = LLM_FSM(SHOP, ScriptedModel(replies=replies), handlers=asking(state="payment/card"))
    for said in ("", "a lamp", "4711"):
        call(fsm, "converse", said, "c")
    assert call(fsm, "get_questions", "c") == ["May I?"]
    assert call(fsm, "answer", "yes", "c") == "Code?"
    assert call(fsm, "get_current_state", "c") == "payment/code"


@by_each
def test_a_tool_may_ask(call: Call) -> None:
    def cancel(tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
        return command(tool_call_id, "Done.", cancelled=interrupt({"cancel": "7"}))

    replies = ["Which order?", calling("cancel"), reply("done", "It is cancelled.")]
    fsm = LLM_FSM(ORDERS, ScriptedModel(replies=replies), tools=with_tool("cancel", cancel))
    call(fsm, "converse", "", "c")
    assert call(fsm, "converse", "cancel it", "c") == ("c", "")
    assert call(fsm, "get_questions", "c") == [{"cancel": "7"}]
    assert call(fsm, "answer", True, "c") == "It is cancelled."
    assert call(fsm, "get_data", "c") == {"cancelled": True}


@by_each
def test_a_turn_may_ask_again_and_again(call: Call) -> None:
    def ask(_: Event) -> Json:
        return {"answers": [interrupt("one?"), interrupt("two?")]}

    fsm = form(ANN, "Your e-mail?", handlers=handling(plain, ask, "PRE_TRANSITION"))
    call(fsm, "converse", "Ann", "c")
    assert call(fsm, "get_questions", "c") == ["one?"]
    assert call(fsm, "answer", 1, "c") == ""
    assert call(fsm, "get_questions", "c") == ["two?"]
    assert call(fsm, "answer", 2, "c") == "Your e-mail?"
    assert call(fsm, "get_data", "c")["answers"] == [1, 2]


class Both(TypedDict, total=False):
    """The answers of two who are asked at once."""

    left: str
    right: str


def asking_two_at_once() -> Handlers:
    graph = StateGraph(Both)
    graph.add_node("left", lambda _: {"left": interrupt("left?")})
    graph.add_node("right", lambda _: {"right": interrupt("right?")})
    graph.add_edge(START, "left")
    graph.add_edge(START, "right")
    compiled: Any = graph.compile()
    return handling(plain, lambda _: compiled.invoke({}), "PRE_TRANSITION")


@by_each
def test_one_value_answers_the_first_of_several_questions(call: Call) -> None:
    fsm = form(ANN, "Your e-mail?", handlers=asking_two_at_once())
    call(fsm, "converse", "Ann", "c")
    first, second = call(fsm, "get_questions", "c")  # in the order in which they were asked, which is up to threads
    assert {first, second} == {"left?", "right?"}
    assert call(fsm, "answer", first.upper(), "c") == ""
    assert call(fsm, "get_questions", "c") == [second]
    assert call(fsm, "answer", second.upper(), "c") == "Your e-mail?"
    assert call(fsm, "get_data", "c") == {"name": "Ann", "left": "LEFT?", "right": "RIGHT?"}


@by_each
def test_a_mapping_by_their_ids_answers_several(call: Call) -> None:
    fsm = form(ANN, "Your e-mail?", handlers=asking_two_at_once())
    call(fsm, "converse", "Ann", "c")
    waiting = fsm.graph.get_state({"configurable": {"thread_id": "c"}}).interrupts
    assert call(fsm, "answer", {each.id: each.value.upper() for each in waiting}, "c") == "Your e-mail?"
    assert call(fsm, "get_data", "c") == {"name": "Ann", "left": "LEFT?", "right": "RIGHT?"}


@pytest.mark.parametrize(
    "value", [None, False, 0, "", {}, [], {"a": [1]}, {"0" * 31: 1}], ids=lambda value: repr(value)[:9]
)
def test_an_answer_may_be_any_value(value: Any) -> None:
    fsm = form(ANN, "Your e-mail?")
    fsm.converse("Ann", "c")
    assert fsm.answer(value, "c") == "Your e-mail?"
    assert fsm.get_data("c")["answers"] == [value]


@by_each
def test_an_answer_by_an_id_that_waits_no_more_is_an_error(call: Call) -> None:
    fsm = form(ANN, "Your e-mail?")
    call(fsm, "converse", "Ann", "c")
    (task,) = fsm.graph.get_state({"configurable": {"thread_id": "c"}}).tasks
    waiting = task.interrupts[0].id
    for gone in ({"0" * 32: False}, {waiting: True, "0" * 32: False}):
        with pytest.raises(ConversationError, match="a question of one of these ids waits no more"):
            call(fsm, "answer", gone, "c")
    assert call(fsm, "answer", {waiting: "yes"}, "c") == "Your e-mail?"
    assert call(fsm, "get_data", "c")["answers"] == ["yes"]


@by_each
def test_an_answer_that_cannot_be_stored_is_refused_and_the_question_waits(call: Call) -> None:
    fsm = form(ANN, "Your e-mail?")
    call(fsm, "converse", "Ann", "c")
    deep: list[Any] = []
    for _ in range(400):
        deep = [deep]
    for value in (threading.Lock(), deep):
        with pytest.raises(ArgumentError, match="value: it cannot be stored"):
            call(fsm, "answer", value, "c")
    assert len(call(fsm, "get_questions", "c")) == 1
    assert call(fsm, "answer", "yes", "c") == "Your e-mail?"


@by_each
def test_a_condition_asks_about_the_reply_that_is_then_taken(call: Call) -> None:
    handlers = Handlers()
    handlers.on("PRE_TRANSITION", when=lambda event: bool(interrupt(f"{event.context['name']}?")))(
        lambda event: {"answers": [event.context["name"]]}
    )
    fsm = form(ANN, reply("ask_email", "Your e-mail?", name="Eve"), handlers=handlers)
    call(fsm, "converse", "Ann", "c")
    assert call(fsm, "get_questions", "c") == ["Ann?"]
    call(fsm, "answer", True, "c")
    assert call(fsm, "get_data", "c") == {"name": "Ann", "answers": ["Ann"]}


@by_each
def test_a_question_of_a_state_that_is_gone_waits_no_more(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "talks.db"
    with form(ANN, db=file) as fsm:
        fsm.converse("Ann", "c")
    renamed = json.loads(json.dumps(FORM).replace("ask_name", "name_asked"))
    with LLM_FSM(renamed, ScriptedModel(replies=[]), handlers=asking(), db=file) as fsm:
        assert call(fsm, "get_questions", "c") == []
        with pytest.raises(ConversationError, match="has no more the state that asked"):
            call(fsm, "answer", "yes", "c")


@by_each
def test_where_no_question_waits_an_answer_is_an_error(call: Call) -> None:
    fsm = form()
    with pytest.raises(ConversationError, match="no question waits for an answer") as told:
        call(fsm, "answer", "yes", "c")
    assert told.value.conversation_id == "c"
    with pytest.raises(ConversationError, match="no such conversation"):
        call(fsm, "answer", "yes", "nobody")


def test_an_id_that_is_no_text_is_refused_at_once() -> None:
    id_: Any = 7
    with pytest.raises(ArgumentError):
        form().stream_answer("yes", id_)


@by_each
def test_another_message_gives_the_pause_up(call: Call) -> None:
    fsm = form(ANN, reply("ask_name", "Hm?"), handlers=asking())
    call(fsm, "converse", "Ann", "c")
    assert call(fsm, "converse", "or rather not", "c") == ("c", "Hm?")
    assert call(fsm, "get_questions", "c") == []


def test_a_conversation_that_is_closed_asks_nothing_more() -> None:
    fsm = form(ANN)
    fsm.converse("Ann", "c")
    fsm.end_conversation("c")
    assert fsm.get_questions("c") == []


@by_each
def test_a_turn_that_failed_after_its_answer_is_sent_again_and_does_not_ask_again(call: Call) -> None:
    errors = [KeyError("gone")]
    handlers = asking(priority=1)

    @handlers.on("PRE_TRANSITION", priority=2)
    def fail(_: Event) -> None:
        if errors:
            raise errors.pop()

    fsm = form(ANN, "Your e-mail?", handlers=handlers)
    call(fsm, "converse", "Ann", "c")
    assert fsm.list_conversations()[0].status == "paused"
    with pytest.raises(HandlerError):
        call(fsm, "answer", "yes", "c")
    assert fsm.list_conversations()[0].status == "failed"
    assert call(fsm, "get_questions", "c") == []
    with pytest.raises(ConversationError, match="Send its last message again"):
        call(fsm, "answer", "yes", "c")
    assert call(fsm, "converse", "Ann", "c") == ("c", "Your e-mail?")
    assert call(fsm, "get_data", "c")["answers"] == ["yes"]


GREETING = machine(
    state("hello", to("ask"), silent=True, say="Welcome!"),
    state("ask", to("bye", "x"), required_context_keys=["x"]),
    state("bye", say="Goodbye."),
)
OUTER = machine(
    state("greet", to("end"), subflow="greeting"),
    state("end", say="The end."),
    subflows={"greeting": GREETING},
)


@pytest.mark.parametrize(("definition", "path"), [(GREETING, "ask"), (OUTER, "greet/ask")], ids=["outer", "inner"])
@by_each
def test_what_was_said_before_the_pause_is_not_said_again(definition: Json, path: str, call: Call) -> None:
    fsm = LLM_FSM(
        definition, ScriptedModel(replies=["What is x?"]), handlers=asking(moment="POST_TRANSITION", state=path)
    )
    assert call(fsm, "converse", "", "c") == ("c", "Welcome!")
    assert call(fsm, "answer", "yes", "c") == "What is x?"
    assert [message.text for message in fsm.get_messages("c")] == ["Welcome!", "What is x?"]


def test_the_message_after_an_answer_streams() -> None:
    fsm = form(ANN, "Your e-mail?")
    fsm.converse("Ann", "c")
    pieces = [*fsm.stream_answer("yes", "c")]
    assert pieces == ["Your", " e-m", "ail?"]
    assert {piece.message_id for piece in pieces} == {fsm.get_messages("c")[-1].id}


async def test_the_message_after_an_answer_streams_to_those_who_await_it() -> None:
    fsm = form(ANN, "Your e-mail?")
    await fsm.aconverse("Ann", "c")
    assert [piece async for piece in fsm.astream_answer("yes", "c")] == ["Your", " e-m", "ail?"]


def test_of_two_answers_at_once_one_is_taken() -> None:
    together = threading.Barrier(2)

    def answer(fsm: LLM_FSM, value: str) -> str:
        together.wait(WAIT)
        try:
            return fsm.answer(value, "c")
        except ConversationError as error:
            return str(error)

    fsm = form(ANN, "Your e-mail?")
    fsm.converse("Ann", "c")
    with ThreadPoolExecutor(2) as pool:
        told: Sequence[str] = sorted(pool.map(lambda value: answer(fsm, value), ["yes", "no"]))
    assert told[0] == "Your e-mail?"
    assert "no question waits" in told[1]
