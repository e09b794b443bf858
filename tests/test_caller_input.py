"""A caller's slips are told: messages and ids that are no text, keys that misspell declared ones."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from machines import FORM, machine, state, to

from fsm_langgraph import LLM_FSM, ArgumentError, ContextError, ScriptedModel
from fsm_langgraph.errors import misspelt

CLOSED = machine(
    state("ask", to("end", "pain"), required_context_keys=["pain"]), state("end"), context={"pain": {}, "age": {}}
)


@pytest.fixture
def fsm() -> Iterator[LLM_FSM]:
    with LLM_FSM(FORM, ScriptedModel(replies=["Hi!"], repeat=True)) as held:
        yield held


Call = Callable[..., Any]
BY_EACH = pytest.mark.parametrize(
    "call",
    [
        lambda fsm, *given, **named: fsm.converse(*given, **named),
        lambda fsm, *given, **named: asyncio.run(fsm.aconverse(*given, **named)),
        lambda fsm, *given, **named: fsm.stream(*given, **named),
        lambda fsm, *given, **named: fsm.astream(*given, **named),
    ],
    ids=["converse", "aconverse", "stream", "astream"],
)


@BY_EACH
@pytest.mark.parametrize("message", [None, 3, b"Ann", ["Ann"], {"role": "user"}], ids=repr)
def test_a_message_that_is_no_text_is_refused_before_anything_is_done(fsm: LLM_FSM, call: Call, message: Any) -> None:
    with pytest.raises(ArgumentError, match=r"user_message: it is of type .*, not a text") as told:
        call(fsm, message, "1")
    assert (told.value.name, told.value.value) == ("user_message", message)
    assert not [*fsm.graph.get_state_history({"configurable": {"thread_id": "1"}})]


@BY_EACH
@pytest.mark.parametrize("id_", [3, 0, b"1", uuid.UUID(int=1), ["1"]], ids=repr)
def test_an_id_that_is_no_text_is_refused(fsm: LLM_FSM, call: Call, id_: Any) -> None:
    with pytest.raises(ArgumentError, match=r"conversation_id: it is of type .*, not a text.\n  Give the id that"):
        call(fsm, "Ann", id_)


@BY_EACH
@pytest.mark.parametrize("id_", ["table\0", "table\ud800"], ids=repr)
def test_an_id_that_no_database_keeps_is_refused(fsm: LLM_FSM, call: Call, id_: str) -> None:
    with pytest.raises(ArgumentError, match="conversation_id: it has a character that not every database keeps"):
        call(fsm, "Ann", id_)
    with pytest.raises(ArgumentError, match="message_id: it has a character that not every database keeps"):
        call(fsm, "Ann", "1", message_id=id_)


@BY_EACH
@pytest.mark.parametrize(("id_", "found"), [(3, "of type int"), (uuid.UUID(int=1), "of type UUID"), ("", "empty")])
def test_a_message_id_that_is_no_text_is_refused(fsm: LLM_FSM, call: Call, id_: Any, found: str) -> None:
    with pytest.raises(ArgumentError, match=f"message_id: it is {found}"):
        call(fsm, "Ann", "1", message_id=id_)


def test_no_message_has_no_id(fsm: LLM_FSM) -> None:
    assert fsm.converse("", "1", message_id="u1") == ("1", "Hi!")
    assert [message.type for message in fsm.get_messages("1")] == ["ai"]


@pytest.mark.parametrize(
    "ask",
    ["get_data", "get_current_state", "get_messages", "get_last_turn", "end_conversation", "delete_conversation"],
)
@pytest.mark.parametrize("id_", [3, None, ["1"]])
def test_a_question_about_it_is_refused_too(fsm: LLM_FSM, ask: str, id_: Any) -> None:
    with pytest.raises(ArgumentError, match="conversation_id"):
        getattr(fsm, ask)(id_)


@pytest.mark.parametrize("ask", ["aget_data", "aget_last_turn", "aend_conversation", "adelete_conversation"])
def test_a_question_that_is_awaited_is_refused_too(fsm: LLM_FSM, ask: str) -> None:
    with pytest.raises(ArgumentError, match="conversation_id"):
        asyncio.run(getattr(fsm, ask)(3))


@pytest.mark.parametrize("message", ["", " ", "\n"])
def test_an_empty_message_lets_the_machine_speak(fsm: LLM_FSM, message: str) -> None:
    conversation_id, answer = fsm.converse(message)
    assert answer == "Hi!"
    assert [found.type for found in fsm.get_messages(conversation_id)] == ["ai"]


@pytest.mark.parametrize("id_", ["", None])
def test_an_empty_id_begins_a_new_conversation(fsm: LLM_FSM, id_: Any) -> None:
    assert fsm.converse("", id_)[0] != fsm.converse("", id_)[0]


@BY_EACH
def test_a_key_that_misspells_a_declared_one_is_refused(call: Call) -> None:
    fsm = LLM_FSM(CLOSED, ScriptedModel(replies=["Hi!"]))
    with pytest.raises(ContextError, match=r"context\['pian'\]: .* not declared \(did you mean 'pain'\?\)"):
        call(fsm, "", "1", {"pian": 1})


@pytest.mark.parametrize(
    ("definition", "context"),
    [(CLOSED, {"pain": 1}), (CLOSED, {"source": "web"}), (CLOSED, {"ages": 1, "age": 2}), (FORM, {"nmae": 1})],
    ids=["declared", "another key, for handlers", "beside the declared one", "no key is declared"],
)
def test_other_keys_are_the_callers(definition: Any, context: Any) -> None:
    fsm = LLM_FSM(definition, ScriptedModel(replies=["Hi!"]))
    conversation_id, _ = fsm.converse("", None, context)
    assert fsm.get_data(conversation_id) == context


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("pian", "pain"),
        ("pai", "pain"),
        ("paint", "pain"),
        ("pein", "pain"),
        ("apin", "pain"),
        ("pain", None),
        ("panic", None),
        ("nipa", None),
        ("p", None),
        ("", None),
    ],
)
def test_one_slip_misspells_a_name(name: str, meant: str | None) -> None:
    assert misspelt(name, ["pain", "no"]) == meant
