"""A machine under a supervisor of `langgraph-supervisor`: it answers what brought it, and the supervisor goes on."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_supervisor import create_supervisor
from machines import CONFIG, DRIVERS, FORM, Drive, Json, given, machine, reply, state, to
from orders import calling

from fsm_langgraph import Graph, ScriptedModel, compile_fsm

pytestmark = pytest.mark.filterwarnings("ignore:create_react_agent has been moved")
by_each = pytest.mark.parametrize("drive", DRIVERS)
TO_FORM = calling("transfer_to_form")


def supervised(form: Graph, *replies: Any) -> Any:
    """Put the machine under a supervisor, whose replies these are."""
    agents: list[Any] = [form]
    workflow = create_supervisor(agents, model=ScriptedModel(replies=[*replies]), supervisor_name="boss")
    return workflow.compile(InMemorySaver(), name="office")


def spoken(values: Json) -> list[str]:
    """Return who has said what, without the sentences of the transfers."""
    return [
        f"{message.name}: {message.text}"
        for message in values["messages"]
        if message.type == "ai" and message.text and not message.text.startswith("Transferring back")
    ]


@by_each
@pytest.mark.parametrize("checkpointer", [True, None])
def test_it_answers_the_message_that_brought_it_and_the_supervisor_goes_on(checkpointer: Any, drive: Drive) -> None:
    model = ScriptedModel(replies=[reply("ask_email", "Your e-mail?", name="Ann")])
    form = compile_fsm(FORM, model, checkpointer=checkpointer, name="form")
    values = drive(supervised(form, TO_FORM, "Done."), given("I am Ann"), CONFIG)
    assert spoken(values) == ["form: Your e-mail?", "boss: Done."]
    assert [message.text for message in model.calls[0].messages[1:]] == ["I am Ann"]


@by_each
def test_its_conversation_goes_on_to_its_end(drive: Drive) -> None:
    model = ScriptedModel(
        replies=[
            reply("ask_email", "Your e-mail?", name="Ann"),
            reply("ask_email", "Anna, noted. Your e-mail?", name="Anna"),
            reply("done", "Thank you!", email="a@b.org"),
        ]
    )
    form = compile_fsm(FORM, model, checkpointer=True, name="form")
    office = supervised(form, *[TO_FORM, "Well?"] * 3)
    for text in ("I am Ann", "Anna, I mean", "a@b.org"):
        values = drive(office, given(text), CONFIG)
    assert spoken(values)[::2] == ["form: Your e-mail?", "form: Anna, noted. Your e-mail?", "form: Thank you!"]
    # The supervisor's own sentences of a transfer are no part of what the machine's model sees.
    seen = [message.text for call in model.calls for message in call.messages[1:]]
    assert not [text for text in seen if "ransferr" in text]


@by_each
def test_it_hands_the_user_to_the_supervisor_by_a_transition(drive: Drive) -> None:
    definition = machine(
        state("ask", to("waits", handoff="boss"), required_context_keys=["x"]), state("waits", to("ask")), name="form"
    )
    form = compile_fsm(definition, ScriptedModel(replies=[reply("waits", "The boss!")]), checkpointer=True)
    values = drive(supervised(form, TO_FORM, "What is it?"), given("the boss, please"), CONFIG)
    assert spoken(values) == ["form: The boss!", "boss: What is it?"]
    assert values["messages"][-2].text == "Successfully transferred to boss"
