"""Turns in which something reaches a limit: it is refused or told in part, and the conversation goes on."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from machines import CARD, DRIVERS, FORM, Drive, Talk, machine, reply, state, to
from openai_server import OpenAIServer, close
from orders import ORDERS, calling, command, with_tool

from fsm_langgraph import Handlers, Limits, ModelError, ReplyError, ScriptedModel, SimulatedUser, compile_fsm, simulate
from fsm_langgraph.data.name_signs import MAX_NAME
from fsm_langgraph.prompts.wording import CONTINUE

SMALL = Limits(value=50, undeclared_keys=3, context=300, model_message=40, user_message=200, history_tokens=100)
BY_EACH = pytest.mark.parametrize("drive", DRIVERS)
STAY = reply("ask_name", "Your name?")
LONG = "z" * 41
TOO_LONG = "its message is longer than 40 characters"


def talk(drive: Drive, *replies: Any, definition: Any = FORM, limits: Limits = SMALL, **options: Any) -> Talk:
    """Begin a conversation with small limits."""
    return Talk(definition, replies, drive, limits=limits, **options)


def rejected(talk: Talk) -> list[tuple[str, str]]:
    """Return what the last turn rejected, with the kinds."""
    return [(write["key"], write["kind"]) for write in talk.record["rejected"]]


@BY_EACH
def test_a_value_that_is_too_large_is_rejected_and_the_user_is_told(drive: Drive) -> None:
    spoken = talk(drive, reply("ask_email", "Your e-mail?", name="n" * 49, x=1), "That is too long.")

    assert spoken.say("nnn") == "That is too long."
    assert spoken.values["context"] == {"x": 1}
    assert rejected(spoken) == [("name", "value")]
    assert "is too large: it has 51 bytes, and may have 50" in spoken.prompts[-1]


@BY_EACH
def test_keys_that_a_model_makes_up_are_few_and_take_no_room_from_others(drive: Drive) -> None:
    made_up = {f"k{number}": "v" * 46 for number in range(9)}
    spoken = talk(
        drive, reply("ask_name", "Hm?", also=made_up), "Your name?", reply("ask_email", "E-mail?", name="n" * 40)
    )

    assert spoken.say("hello") == "Your name?"
    assert [*spoken.values["context"]] == ["k0", "k1"]  # a third would take more than half of the room
    assert spoken.say("nnn") == "E-mail?"
    assert spoken.values["context"]["name"] == "n" * 40


@BY_EACH
def test_a_key_beyond_their_number_is_no_matter_of_the_users(drive: Drive) -> None:
    spoken = talk(drive, reply("ask_name", "Hm?", also={"a": 1, "b": 2, "c": 3, "d": 4, "n" * 999: 5}))

    assert spoken.say("hello") == "Hm?"
    assert spoken.values["context"] == {"a": 1, "b": 2, "c": 3}
    assert rejected(spoken) == [("d", "key"), ("n" * MAX_NAME + "…", "key")]


@BY_EACH
def test_writes_without_end_are_counted(drive: Drive) -> None:
    updates = [{f"_{number}": 1} for number in range(2000)]
    spoken = talk(
        drive, {"target_state": "t" * 9999, "updates": updates, "message": "Hm?", "reasoning": "r" * 9999}, "Well?"
    )

    spoken.say("hello")

    assert len(spoken.record["rejected"]) == 101
    assert spoken.record["rejected"][-1]["reason"] == "is one of 1,900 further ones that were refused"
    assert len(json.dumps(spoken.record)) < 12_000


@BY_EACH
def test_what_a_handler_writes_beyond_a_limit_is_left_out(drive: Drive, caplog: pytest.LogCaptureFixture) -> None:
    handlers = Handlers()
    handlers.on("PRE_PROCESSING", name="crm")(lambda _: {"crm": "c" * 60, **{f"h{n}": n for n in range(5)}})
    spoken = talk(drive, STAY, "Hello.", STAY, "Hello again.", handlers=handlers)

    assert [spoken.say("hello"), spoken.say("hello")] == ["Hello.", "Hello again."]
    assert spoken.values["context"] == {f"h{n}": n for n in range(5)}
    assert rejected(spoken) == [("crm", "value")]
    assert caplog.record_tuples[0] == (
        "fsm_langgraph.handlers",
        logging.WARNING,
        "handler 'crm' at PRE_PROCESSING in state 'ask_name' writes 'crm', but its value is too large: "
        "it has 62 bytes, and may have 50",
    )


@BY_EACH
def test_of_many_refused_writes_of_a_handler_a_few_are_logged(drive: Drive, caplog: pytest.LogCaptureFixture) -> None:
    handlers = Handlers()
    handlers.on("PRE_PROCESSING", name="crm")(lambda _: {f"h{number}": "v" * 60 for number in range(1023)})
    spoken = talk(drive, STAY, "Hello.", handlers=handlers)

    assert spoken.say("hello") == "Hello."
    assert len(caplog.messages) == 21
    assert caplog.messages[-1] == (
        "handler 'crm' at PRE_PROCESSING in state 'ask_name' writes 1,003 further keys that are refused"
    )


@BY_EACH
def test_what_a_tool_writes_beyond_a_limit_is_left_out_and_its_answer_is_told_in_part(drive: Drive) -> None:
    def find(order: str, tool_call_id: str) -> Any:
        return command(tool_call_id, "begin " + order * 300 + " end", seen=7, found="f" * 60)

    from typing import Annotated

    from langchain_core.tools import InjectedToolCallId

    find.__annotations__["tool_call_id"] = Annotated[str, InjectedToolCallId]
    orders = {**ORDERS, "context": {**ORDERS["context"], "found": {"written_by": "handler"}}}
    spoken = talk(
        drive,
        calling(("find", {"order": "7"})),
        reply("track", "One moment."),
        "It is not to be found.",
        definition=orders,
        tools=with_tool("find", find),
    )

    assert spoken.say("where is 7?") == "It is not to be found."
    assert spoken.values["context"] == {"seen": 7}
    assert rejected(spoken) == [("found", "value")]
    answered = spoken.heard[1][-1]
    assert answered.startswith("begin 777")
    assert answered.endswith("777 end")
    assert len(answered) < 240


@BY_EACH
def test_a_message_of_a_model_that_does_not_stop_fails_the_turn(drive: Drive) -> None:
    spoken = talk(drive, STAY, reply("ask_name", LONG * 9, x=1), STAY)
    spoken.model.chunk_size = 30
    spoken.say("hello")
    before = spoken.kept

    with pytest.raises(ModelError, match=TOO_LONG) as caught:
        spoken.watch("go on")

    assert caught.value.shown == ("".join(text for _, text in spoken.shown),)
    assert 0 < len(caught.value.shown[0]) <= 40
    assert (caught.value.transient, caught.value.broke_off) == (False, True)
    assert spoken.kept == before
    assert spoken.say("and now?") == "Your name?"


@BY_EACH
def test_a_message_that_comes_as_a_whole_is_written_anew(drive: Drive) -> None:
    spoken = talk(drive, reply("ask_name", LONG, x=1), LONG, "Shorter.")
    spoken.model.chunk_size = 400

    assert spoken.say("hello") == "Shorter."
    assert spoken.values["context"] == {"x": 1}
    assert [call["error"] for call in spoken.record["model_calls"]] == [TOO_LONG, TOO_LONG, ""]
    assert TOO_LONG in spoken.heard[-1][-1]


@BY_EACH
def test_a_model_that_never_writes_a_shorter_one_fails_the_turn(drive: Drive) -> None:
    spoken = talk(drive, LONG, LONG, STAY)
    spoken.model.chunk_size = 400

    with pytest.raises(ReplyError, match=TOO_LONG):
        spoken.say()

    assert spoken.say("hello") == "Your name?"


@BY_EACH
def test_a_message_that_waits_for_a_handler_is_no_longer(drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("POST_TRANSITION", name="look")(lambda _: None)
    spoken = talk(drive, reply("ask_email", LONG, name="Ann"), "Your e-mail?", handlers=handlers)
    spoken.model.chunk_size = 30

    assert spoken.say("Ann") == "Your e-mail?"


@BY_EACH
def test_a_message_as_long_as_may_be_is_shown(drive: Drive) -> None:
    spoken = talk(drive, reply("ask_name", "z" * 40))

    assert spoken.say("hello") == "z" * 40


@BY_EACH
def test_what_is_stored_already_stands_in_prompts_in_part(drive: Drive) -> None:
    saver = InMemorySaver()
    asking = machine(state("ask", to("end", "x"), purpose="Greet {{name}}.", required_context_keys=["x"]), state("end"))
    stored = {"name": "n" * 900, **{f"k{number}": "v" * 90 for number in range(90)}, "x": ""}
    Talk(asking, [reply("ask", "Hm?" * 300)], drive, saver=saver, limits=Limits(user_message=None)).say(
        "u" * 9000, context=stored
    )
    spoken = talk(drive, reply("ask", "Well?", name="Ann", k1="v"), definition=asking, saver=saver)

    assert spoken.say("hello") == "Well?"
    (prompt,), (heard,) = spoken.prompts, spoken.heard
    plain = Talk(asking, [reply("ask")])
    plain.say("hello")
    assert len(prompt) < len(plain.prompts[0]) + 300 + 300
    assert f"Greet {'n' * 25}\n[… 850 characters left out …]\n{'n' * 25}." in prompt
    assert "more keys, left out here" in prompt
    assert sum(map(len, heard)) < 400 + 100
    assert spoken.values["context"]["name"] == "Ann"
    assert spoken.values["context"]["k1"] == "v"


@BY_EACH
def test_a_turn_without_a_message_has_no_room_for_an_answer_longer_than_the_history(drive: Drive) -> None:
    spoken = talk(drive, reply("ask_name", LONG * 20), "Your name?", limits=Limits(history_tokens=100))
    spoken.say("hello")

    assert spoken.say() == "Your name?"
    assert spoken.heard[-1] == [CONTINUE]


@BY_EACH
def test_a_sub_machines_outputs_are_held_against_the_limits_around_it(drive: Drive) -> None:
    shop = machine(
        state("payment", to("thanks", "paid_by"), subflow="pay", inputs=["item"], outputs={"card": "paid_by"}),
        state("thanks"),
        context={"item": {}, "paid_by": {}, "log": {"written_by": "caller"}},
        subflows={"pay": CARD},
    )
    limits = Limits(context=100)
    spoken = Talk(shop, [reply("code", "Code?", card="c" * 60), reply("paid", code="1"), "Hm."], drive, limits=limits)
    spoken.say("ccc", context={"log": "l" * 60})

    assert spoken.say("1") == "Hm."
    assert spoken.values["context"] == {"log": "l" * 60}
    assert rejected(spoken) == [("paid_by", "value")]


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer([json.dumps(STAY)]) as found:
        yield found


@pytest.mark.parametrize("text", ["hi \ud83d", "\udc00", "\0\x01\x1b[2J", "\u202e\u2066", "é" * 9000, "😀"], ids=ascii)
def test_any_text_reaches_a_provider(server: OpenAIServer, text: str) -> None:
    model = server.chat_model(max_retries=0)
    try:
        spoken = Talk(FORM, model=model)
        assert [spoken.say(text), spoken.say(text)] == ["Your name?", "Your name?"]
    finally:
        close(model)


def test_a_simulation_is_held_against_the_limits() -> None:
    model = ScriptedModel(replies=["Your name?", reply("ask_email", "Hm?", name="n" * 49), "That is too long."])
    graph = compile_fsm(FORM, model, limits=SMALL, checkpointer=InMemorySaver())

    (thread,) = simulate(graph, [SimulatedUser({"name": "nnn"}, patience=1)])

    values = graph.get_state({"configurable": {"thread_id": thread}}).values
    assert (values["context"], values["messages"][-1].text) == ({}, "That is too long.")
