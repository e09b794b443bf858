"""A caller chooses the model and some settings for one run, and a run that cannot be leaves everything as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from handling import KINDS, Kind, handling
from langchain_core.runnables import ConfigurableField, RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from machines import CONFIG, DECLARED, FORM, Json, Talk, given, reply
from openai_server import OpenAIServer
from test_sub_machines import at_the_card

from fsm_langgraph import Event, FSMContext, RunContextError, ScriptedModel, TurnError, compile_fsm

Say = Callable[..., Json]


def at_once(graph: Any, text: str, context: Any, config: RunnableConfig = CONFIG) -> Json:
    return dict(graph.invoke(given(text), config, context=context))


def awaited(graph: Any, text: str, context: Any, config: RunnableConfig = CONFIG) -> Json:
    return dict(asyncio.run(graph.ainvoke(given(text), config, context=context)))


def run_context(event: Event) -> Any:
    assert event.runtime is not None
    return event.runtime.context


BY_EACH = pytest.mark.parametrize("say", [at_once, awaited])


class Shop(FSMContext, total=False):
    """A run context with a key of the user's own."""

    user_id: str


@dataclass
class Own:
    """A run context of the user's own class."""

    user_id: str
    history_limit: int = 10


@BY_EACH
def test_a_model_answers_for_one_run(say: Say) -> None:
    talk = Talk(FORM, ["built with", "built with again"])
    other = ScriptedModel(replies=[reply("ask_email", "chosen", name="Ann")])
    talk.say()
    assert say(talk.graph, "Ann", {"model": other})["messages"][-1].text == "chosen"
    assert len(talk.model.calls) == 1
    assert talk.values["current_state"] == "ask_email"


@BY_EACH
def test_a_name_chooses_a_model(say: Say) -> None:
    talk = Talk(FORM, [])
    assert "name" in say(talk.graph, "", {"model": "offline"})["messages"][-1].text


@BY_EACH
def test_a_sub_machine_is_played_by_the_chosen_model(say: Say) -> None:
    talk = at_the_card()
    other = ScriptedModel(replies=[reply("code", "chosen", card="1234")])
    result = say(talk.graph, "1234", {"model": other})
    assert result["messages"][-1].text == "chosen"
    assert result["last_turn"]["landing"] == "payment/code"


def test_the_settings_reach_the_provider() -> None:
    with OpenAIServer(["Hello!", '{"target_state": "ask_name", "name": null, "message": "Hm?"}']) as server:
        model = server.chat_model(temperature=1)
        talk = Talk(FORM, model=model)
        at_once(talk.graph, "", {"temperature": 0.25})
        at_once(talk.graph, "one", {"history_limit": 1})
        model.root_client.close()
    first, second = server.requests
    assert (first["temperature"], second["temperature"]) == (0.25, 1)
    assert [message["content"] for message in second["messages"][1:]] == ["one"]


@BY_EACH
@pytest.mark.parametrize("retries", [0, 2])
def test_a_run_says_how_often_the_model_is_asked_again(retries: int, say: Say) -> None:
    talk = Talk(FORM, ["no JSON"] * 9)
    with pytest.raises(TurnError):
        say(talk.graph, "hi", {"reply_retries": retries})
    assert len(talk.model.calls) == retries + 1


def test_a_run_says_it_in_a_sub_machine_too() -> None:
    talk = at_the_card(*["no JSON"] * 9)
    before = len(talk.model.calls)
    with pytest.raises(TurnError):
        at_once(talk.graph, "hi", {"reply_retries": 2, "history_limit": 1})
    assert len(talk.model.calls) == before + 3
    assert talk.heard[before] == ["hi"]


@BY_EACH
@pytest.mark.parametrize(
    ("context", "fault"),
    [
        ({"model": "opnai:gpt-4o"}, r"context\['model'\].*Did you mean 'openai'"),
        ({"model": 7}, r"context\['model'\]: Input should be a valid string"),
        ({"temperature": "hot"}, r"context\['temperature'\]: Input should be a valid number"),
        ({"temperature": 3}, r"context\['temperature'\]: Input should be less than or equal to 2"),
        ({"history_limit": 0}, r"context\['history_limit'\]: Input should be greater than or equal to 1"),
        ({"reply_retries": -1}, r"context\['reply_retries'\]: Input should be greater than or equal to 0"),
        (Own("7", history_limit=0), r"context\['history_limit'\]"),
    ],
    ids=str,
)
def test_a_run_that_cannot_be_leaves_the_conversation_as_it_was(context: Any, fault: str, say: Say) -> None:
    talk = Talk(FORM, ["?", reply("ask_email", name="Ann")])
    talk.say()
    kept = talk.kept
    with pytest.raises(RunContextError, match=f"(?s)state 'ask_name': .*{fault}.*can be sent again"):
        say(talk.graph, "Ann", context)
    assert talk.kept == kept
    talk.say("Ann")
    assert [message.text for message in talk.values["messages"]] == ["?", "Ann", "…"]


@BY_EACH
def test_error_handlers_hear_of_a_run_that_cannot_be(say: Say) -> None:
    handlers = handling(KINDS[0], lambda event: f"Sorry: {type(event.error).__name__}", "ERROR")
    talk = Talk(FORM, ["?"], handlers=handlers)
    talk.say()
    assert say(talk.graph, "Ann", {"model": "opnai:x"})["messages"][-1].text == "Sorry: RunContextError"
    assert talk.values["current_state"] == "ask_name"


@BY_EACH
@pytest.mark.parametrize("context", [None, {}, {"model": None, "temperature": ""}, {"user_id": "7"}, Own("7")], ids=str)
def test_what_is_not_chosen_stays(context: Any, say: Say) -> None:
    talk = Talk(FORM, ["built with"])
    assert say(talk.graph, "", context)["messages"][-1].text == "built with"


@BY_EACH
@pytest.mark.parametrize("kind", KINDS)
def test_handlers_see_the_run_context_and_the_users_own_keys(kind: Kind, say: Say) -> None:
    handlers = handling(kind, lambda event: {"score": run_context(event)["user_id"]}, "START_CONVERSATION")
    talk = Talk(DECLARED, ["?"], handlers=handlers, context_schema=Shop)
    context: Shop = {"user_id": "7", "history_limit": 3}
    say(talk.graph, "", context)
    assert talk.values["context"]["score"] == "7"


@BY_EACH
def test_a_class_of_the_users_own_is_made_of_the_run_context(say: Say) -> None:
    seen: list[Any] = []
    handlers = handling(KINDS[0], lambda event: seen.append(run_context(event)), "START_CONVERSATION")
    talk = Talk(FORM, ["?"], handlers=handlers, context_schema=Own)
    say(talk.graph, "", {"user_id": "7"})
    assert seen == [Own("7")]


@BY_EACH
def test_a_subgraph_is_run_as_its_parent_was_asked_to(say: Say) -> None:
    other = ScriptedModel(replies=["chosen"])
    parent = StateGraph(MessagesState, context_schema=Own)
    parent.add_node("form", compile_fsm(FORM, ScriptedModel(replies=[]), checkpointer=True))
    parent.add_edge(START, "form")
    graph: Any = parent.compile(InMemorySaver())

    class WithModel(Own):
        model = other

    assert say(graph, "", WithModel("7"))["messages"][-1].text == "chosen"


@BY_EACH
def test_a_configurable_model_is_chosen_for_each_run(say: Say) -> None:
    first, second = ScriptedModel(replies=["first"]), ScriptedModel(replies=[reply("ask_email", "second", name="Ann")])
    either = first.configurable_alternatives(ConfigurableField("vendor"), default_key="first", second=second)
    talk = Talk(FORM, model=either)
    talk.say()
    say(talk.graph, "Ann", None, {"configurable": {**CONFIG["configurable"], "vendor": "second"}})
    assert talk.said == ["first", "second"]


def test_the_schema_tells_what_can_be_chosen() -> None:
    schema = Talk(FORM, context_schema=Shop).graph.get_context_jsonschema()
    assert schema is not None
    described = {name: (each["title"], each["type"]) for name, each in schema["properties"].items()}
    assert described == {
        "model": ("Model", "string"),
        "temperature": ("Temperature", "number"),
        "history_limit": ("History limit", "integer"),
        "reply_retries": ("Reply retries", "integer"),
        "user_id": ("User Id", "string"),
    }
