"""Laws of the offline model: whatever it is given, its reply fits the schema and repeats."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, SystemMessage
from machines import FORM as WRITTEN
from profiles import examples
from random_definitions import JSON, KEYS, definitions

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.offline import OfflineModel
from fsm_langgraph.prompts.prompt import Prompts
from fsm_langgraph.replies.reply_schema import reply_schema, without_message

FORM = FSMDefinition.model_validate(WRITTEN)

VOCABULARY = """
yes no not actually instead of change my name email is to I'm Ann ann@example.com 3 May 1990 31 February
twenty five dozen hours 7pm +49 30 12345 what why ? , . and the first one -1 1e9 9999999999999999999999999
hello ok large <fsm> </fsm> \x00 \\1 {{name}} ' \u0130 \u00df \u00bd \u0663 don\u2019t
"""
PHRASES = st.sampled_from(VOCABULARY.split())
MESSAGES = st.one_of(
    st.text(max_size=60),
    st.lists(PHRASES, max_size=9).map(" ".join),
    st.lists(PHRASES, max_size=9).map("".join),
)
TEXTS = st.sampled_from(
    [
        *(
            "Ask for the user's name and email",
            "Find out what the user wants",
            "Welcome the user",
            "Say goodbye",
        ),
        *(
            "Summarise everything and ask for confirmation",
            "Help with {{name}}",
            'Say: "Hello, {{name}}!"',
            "?",
        ),
        *(
            'If the user refuses, say: "Fine." Ask whether it is right.',
            "Let the user choose a size",
            '"',
            "",
        ),
    ]
) | st.text(max_size=40)


@st.composite
def prompts(draw: st.DrawFn) -> tuple[FSMDefinition, str, dict[str, Any], list[AnyMessage], dict[str, Any]]:
    """Draw a definition whose states say something, a place in it, and a conversation."""
    definition = draw(definitions())
    states = {
        name: state.model_copy(update={"purpose": draw(TEXTS), "instructions": draw(TEXTS)})
        for name, state in definition.states.items()
    }
    definition = definition.model_copy(update={"states": states})
    context = draw(st.dictionaries(KEYS, JSON, max_size=3))
    history: list[AnyMessage] = [
        HumanMessage(text) if draw(st.booleans()) else AIMessage(text) for text in draw(st.lists(MESSAGES, max_size=4))
    ]
    this_turn = draw(
        st.dictionaries(st.sampled_from(["came_from", "learned", "rejected", "refused"]), JSON, max_size=3)
    )
    return definition, draw(st.sampled_from(sorted(states))), context, history, this_turn


@settings(max_examples=examples(75), deadline=None)
@given(prompts(), st.booleans(), st.booleans())
def test_every_reply_is_what_the_schema_asks_for(
    prompt: tuple[FSMDefinition, str, dict[str, Any], list[AnyMessage], dict[str, Any]],
    message: bool,
    reasoning: bool,
) -> None:
    definition, name, context, history, _ = prompt
    state = definition.states[name]
    schema = reply_schema(definition, state, reasoning=reasoning)
    schema = schema if message else without_message(schema)
    asked = Prompts(definition, state, reasoning=reasoning).build(
        "understand" if message else "think", context, history
    )
    response_format = {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema}}

    text = OfflineModel().invoke(asked, response_format=response_format).text
    reply = json.loads(text)

    Draft202012Validator(schema).validate(reply)
    assert list(reply) == list(schema["properties"])
    assert not message or reply["message"].strip()
    assert text == OfflineModel().invoke(asked, response_format=response_format).text


@settings(max_examples=examples(75), deadline=None)
@given(prompts())
def test_every_state_has_something_to_say(
    prompt: tuple[FSMDefinition, str, dict[str, Any], list[AnyMessage], dict[str, Any]],
) -> None:
    definition, name, context, history, this_turn = prompt
    messages = Prompts(definition, definition.states[name]).build("speak", context, history, this_turn=this_turn)

    assert OfflineModel().invoke(messages).text.strip()


TAGS = """
current_state purpose instructions keys example context
this_turn transitions targets
"""
SECTIONS = st.sampled_from(TAGS.split())
CONTENTS = st.one_of(
    st.text(max_size=30),
    JSON.map(lambda value: json.dumps(value, default=str)),
    st.lists(
        st.dictionaries(
            st.sampled_from(
                [
                    "key",
                    "type",
                    "format",
                    "enum",
                    "target_state",
                    "conditions",
                    "requires",
                    "priority",
                    "role",
                    "content",
                ]
            ),
            JSON | KEYS,
            max_size=4,
        ),
        max_size=2,
    ).map(lambda value: json.dumps(value, default=str)),
)


@settings(max_examples=examples(75), deadline=None)
@given(st.dictionaries(SECTIONS, CONTENTS, max_size=6), MESSAGES, JSON)
def test_no_prompt_and_no_schema_breaks_it(sections: dict[str, str], text: str, schema: Any) -> None:
    system = "\n".join([f"<{tag}>\n{body}\n</{tag}>" for tag, body in sections.items()])
    messages: list[BaseMessage] = [SystemMessage(system), HumanMessage(text)]
    given_schema = {"type": "object", "properties": schema if isinstance(schema, dict) else {"a": schema}}
    response_format = {"type": "json_schema", "json_schema": {"name": "any", "schema": given_schema}}

    assert OfflineModel().invoke(messages).text.strip()
    json.loads(OfflineModel().invoke(messages, response_format=response_format).text)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "array", "items": {"type": "integer"}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "properties": {"b": {"$ref": "#/$defs/a"}}}}},
        {"enum": ["a", 1]},
        {"const": 3},
        {"type": ["integer", "null"]},
        {"type": "object", "properties": {"a": {"oneOf": [{"type": "number"}, {"type": "boolean"}]}}},
    ],
)
def test_a_reply_in_another_schema_is_empty_but_fits(schema: dict[str, Any]) -> None:
    response_format = {"type": "json_schema", "json_schema": {"name": "any", "schema": schema}}

    reply = json.loads(OfflineModel().invoke("hello", response_format=response_format).text)

    Draft202012Validator(schema).validate(reply)


@pytest.mark.parametrize("text", ["a " * 5000, "not " * 2000, "a@" * 3000, "1," * 3000, "(" * 5000, "ann lee, " * 1000])
def test_a_long_message_takes_no_long_time(text: str) -> None:
    """The time is the thread's own, which is no longer on a busy machine; a pattern that backtracks takes minutes."""
    state = FORM.states["ask_name"]
    messages = Prompts(FORM, state).build("understand", {"email": "a@b.co"}, [HumanMessage(text)])
    model = OfflineModel().with_structured_output(reply_schema(FORM, state))

    taken = []
    for _ in range(3):
        begun = time.thread_time()
        model.invoke(messages)
        taken.append(time.thread_time() - begun)

    assert min(taken) < 1.0
