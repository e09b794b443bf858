"""The format of scenarios as frozen models: conversations that a definition is to hold, as they stand in a file.

Short forms are made long on the way in, so that whoever runs a scenario meets one form of each: a text is a list of one
text, a list of names a mapping without reasons, a reply a list of replies. Nothing here knows the definition; what it
does not have is found by `scenario_faults.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, JsonValue, WithJsonSchema

from fsm_langgraph.definition.section import Flag, Section, WholeNumber
from fsm_langgraph.routing import Why

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _named(value: Any) -> Any:
    """Map each name of a list to no reason."""
    if isinstance(value, str):
        return {value: None}
    return dict.fromkeys(value) if isinstance(value, list) and all(isinstance(n, str) for n in value) else value


def _replies(value: Any) -> Any:
    return [{"text": one} if isinstance(one, str) else one for one in (value if isinstance(value, list) else [value])]


def _none(value: Any) -> Any:
    return "" if value is False else value


def _short(long: Callable[[Any], Any], *forms: dict[str, Any]) -> tuple[BeforeValidator, WithJsonSchema]:
    """Let a field be written in short forms too, which editors are told of."""
    return BeforeValidator(long), WithJsonSchema({"anyOf": [*forms]})


_NAMED = (_TEXT, _TEXTS, {"type": "object", "additionalProperties": {"type": ["string", "null"]}})

Texts = Annotated[tuple[str, ...], *_short(_listed, _TEXT, _TEXTS)]
"""Texts, each of which is a part of what is found, whatever the case, or `/a regular expression/`."""
Reasons = Annotated[dict[str, str | None], *_short(_named, *_NAMED)]
"""Names, each with a part of the reason for it; `None` where any reason will do."""


class ScriptedToolCall(Section):
    """A call of a tool, as the model asks for it."""

    name: str
    """The tool's name."""
    args: dict[str, JsonValue] = Field(default={})
    """Its arguments."""


class ScriptedReply(Section):
    """The model's answer to one call of a turn."""

    target: str | None = None
    """The state that it proposes, as a transition's target is named; it stays where this is left out."""
    updates: dict[str, JsonValue] = Field(default={})
    """The keys that it writes, with their values; null removes one."""
    message: str = ""
    """The message to the user."""
    tools: tuple[ScriptedToolCall, ...] = ()
    """The tools that it calls, in place of a decision."""
    text: str | None = None
    """All that it writes, character by character, in place of the other fields: a reply that is none, say."""


Replies = Annotated[
    tuple[ScriptedReply, ...],
    *_short(_replies, _TEXT, {"type": ["object", "array"]}),  # `scenario_schema` says of what
]
"""The answers to the calls of a turn, in their order."""


class ScenarioTurn(Section):
    """One turn: what the user writes, what the model answers, and what must hold then."""

    user: str = ""
    """The user's message; empty or left out, none, so that the machine speaks."""
    answer: JsonValue = None
    """The answer to what the turn before asks by `interrupt()`, in place of a message: that turn goes on with it."""
    context: dict[str, JsonValue] = Field(default={})
    """The keys that the caller writes with this message."""
    reply: Replies | None = None
    """The model's answers, in the order of its calls; a text is what it writes as it stands. Where it is left out, a
    model is asked: the offline one, or the one that is named."""
    state: str | None = None
    """The state that the turn ends in, by its path: `payment/card`."""
    path: tuple[str, ...] | None = None
    """The states that the turn went through, the first and the last of them included."""
    data: dict[str, JsonValue] = Field(default={})
    """Keys of the context with their values, among others; null for one that has none. Those of a sub-machine are named
    by their paths: `payment/card_number`."""
    all_data: dict[str, JsonValue] | None = None
    """All keys of the context that have a value, and no others."""
    why: Literal[Why, "returned", "began", "ended", "failed"] | None = None
    """Why the turn's first step went as it did."""
    calls: Annotated[WholeNumber, Field(ge=0)] | None = None
    """How often the model was called."""
    says: Texts = ()
    """Parts of what the user is told, whatever their case; `/…/` is a regular expression."""
    says_not: Texts = ()
    """Texts and expressions that are no part of it."""
    closed: Reasons = Field(default={})
    """Targets of transitions that were not taken, each with a part of the reason."""
    rejected: Reasons | None = None
    """All keys whose value was refused, each with a part of the reason."""
    told: tuple[str, ...] | None = None
    """All keys that the model wrote."""
    changed: tuple[str, ...] | None = None
    """All keys whose value changed."""
    error: str | None = None
    """The error that the turn fails with: the name of its class, a part of its text, or both: `StuckError: no way on`.
    The conversation is then as it was."""
    asks: JsonValue = None
    """The question that the turn asks a person by `interrupt()`, and waits with: a text is a part of it, an object has
    some of its keys, and these of their values. The conversation is as it was until it is answered."""
    ended: Flag | None = None
    """Whether the conversation is over."""


class StoredItem(Section):
    """An item that is in the store when a scenario begins."""

    namespace: Annotated[tuple[str, ...], Field(min_length=1)]
    """The labels that lead to it."""
    key: str
    """Its key there."""
    value: dict[str, JsonValue]
    """The item."""


class ScenarioSetting(Section):
    """The things that a scenario is held with; a file gives them for all of its scenarios."""

    handlers: Annotated[str, *_short(_none, _TEXT, {"const": False})] | None = None
    """Your own code: a Python file, `package.module:name`, `beside` for the handlers.py in the definition's folder, or
    false for none. Where it is left out, the handlers.py beside the definition, if there is one."""
    tools: str | None = None
    """The tools that states name: a Python file or `package.module:name`; those of the handlers' file are known."""
    store: str | None = None
    """The function that makes LangGraph's store, as for handlers: `database.py:make_store`; an empty one where it is
    left out. Each scenario has one of its own."""
    stored: tuple[StoredItem, ...] = ()
    """Items that are put into the store before the scenario begins."""
    now: str | None = None
    """The time that it is, `_now` for guards and texts: `2026-11-26T17:00:00Z`."""
    options: dict[str, JsonValue] = Field(default={})
    """Options of `build_graph`: `history_limit`, `max_steps`, `reply_retries` and the like."""
    marks: Texts = ()
    """Marks, by which scenarios are chosen; they are marks of pytest too."""


class Scenario(ScenarioSetting):
    """A conversation: its turns, and what must hold after each."""

    name: str
    """Its name, as a sentence about what is so; no other scenario of the file has it."""
    given: str | None = None
    """The scenario whose end this one goes on from, by its name."""
    context: dict[str, JsonValue] = Field(default={})
    """The keys that the caller knows when the conversation begins, or goes on."""
    turns: Annotated[tuple[ScenarioTurn, ...], Field(min_length=1)]
    """The turns, in their order."""
    ended: Flag | None = None
    """Whether the conversation is over after the last turn."""


class ScenarioDocument(ScenarioSetting):
    """A file of scenarios; one that sets nothing may be the list of its scenarios alone."""

    schema_uri: str | None = Field(default=None, alias="$schema", repr=False)
    """The address of the JSON Schema of this format, for editors."""
    definition: str | None = None
    """The definition, from the folder of this file; where it is left out, the one beside this file."""
    scenarios: Annotated[tuple[Scenario, ...], Field(min_length=1)]
    """The scenarios."""
