r"""From a state, the context and the history to the messages that a model gets.

One system message of tagged sections, then the last messages of the conversation as real chat messages. The
sections stand in the order that lets a provider cache the longest prefix: what is the same on every turn in
this state, and at the end the context, the only part that changes from turn to turn.

    <task> <fsm> <response> <instructions> <persona>            how to answer
    <current_state> … <available_state_transitions> …           what to do
    <current_context> <this_turn> </fsm>                        what is known

Text from users, handlers and models can neither open nor close a tag: in JSON `<`, `>` and `&` are written as
`\u003c` and so on, and values filled into a template are written as `&lt;`. The tags are those of LLM-FSM.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, SystemMessage
from pydantic import JsonValue

from fsm_langgraph.context import MACHINE_PREFIX, Context, is_writable
from fsm_langgraph.definition import ContextKey, FSMDefinition, State, Transition
from fsm_langgraph.prompts.escaping import escape, to_json
from fsm_langgraph.prompts.lookups import NOTHING, STORE, Live
from fsm_langgraph.prompts.template import Template
from fsm_langgraph.prompts.transitions import Transitions
from fsm_langgraph.prompts.wording import (
    ANY_KEY_RULE,
    NOTHING_SAID,
    OTHER_KEYS_RULE,
    PAIR,
    PAIRED_KEYS_RULE,
    TASKS,
    Mode,
    guidelines,
    response,
    transition_rules,
    updates_rule,
)
from fsm_langgraph.reply import describe_key, entry_keys

__all__ = ["NOTHING_SAID", "Mode", "Prompts", "stable_length", "to_json", "visible_context"]


class Prompts:
    """The prompts of one state.

    Args:
        definition: The definition that the state belongs to.
        state: The state that the model is called in.
        reasoning: Whether replies are to end with their reasons.
        exits: The ways out of the machine that are open to a proposal here.
    """

    def __init__(
        self,
        definition: FSMDefinition,
        state: State,
        *,
        reasoning: bool = False,
        exits: Sequence[Transition] = (),
    ) -> None:
        self._definition = definition
        self._state = state
        self._reasoning = reasoning
        self._exits = exits
        self._known: dict[Mode, list[tuple[str, _Text]]] = {}

    def build(
        self,
        mode: Mode,
        context: Context,
        history: Sequence[AnyMessage],
        *,
        history_limit: int = 10,
        this_turn: Mapping[str, Any] | None = None,
        live: Live = NOTHING,
    ) -> list[BaseMessage]:
        """Write the messages of one model call.

        Args:
            mode: What the call is for.
            context: The whole context; the model is shown the part of it that this state may show.
            history: The conversation so far, the user's new message last.
            history_limit: How many of the last messages of the conversation the model sees; one at least.
            this_turn: What happened in this turn before a speaking call, for the model to speak fittingly.
            live: What the store holds for this prompt.
        """
        shown = visible_context(self._definition, self._state, context)
        values = shown if self._definition.store is None else {**shown, STORE: dict(live.values)}
        texts = [(tag, text) for tag, text in self._texts(mode, live) if text]
        task, *rest = [f"<{tag}>\n{_fill(text, values, live)}\n</{tag}>" for tag, text in texts]
        rest.append(f"{_CONTEXT}{to_json(shown)}\n</current_context>")
        if this_turn:
            rest.append(f"<this_turn>\n{to_json(this_turn)}\n</this_turn>")
        system = "\n".join([task, "<fsm>", *rest, "</fsm>"])
        return [SystemMessage(system), *_recent(history, history_limit)]

    def tells_of(self, mode: Mode) -> list[str]:
        """Name the other states whose texts a prompt tells."""
        return next((text.told for _, text in self._texts(mode) if isinstance(text, Transitions)), [])

    def _texts(self, mode: Mode, live: Live = NOTHING) -> list[tuple[str, _Text]]:
        if mode not in self._known:
            self._known[mode] = self._sections(mode)
        if self._state.id not in live.instructions:
            return self._known[mode]
        now = live.instructions[self._state.id]
        return [(tag, now if tag == "state_instructions" else text) for tag, text in self._known[mode]]

    @cached_property
    def reads(self) -> frozenset[str]:
        """The keys that the state's own texts are made of."""
        return frozenset[str]().union(*(text.names for text in self._own_texts))

    @cached_property
    def branches(self) -> frozenset[str]:
        """The keys by which parts of the state's own texts are left out; no tag can stand for one not known yet."""
        return frozenset[str]().union(*(text.branches for text in self._own_texts))

    @property
    def _own_texts(self) -> list[Template]:
        return [Template(text) for text in (self._state.description, self._state.purpose, self._state.instructions)]

    def _sections(self, mode: Mode) -> list[tuple[str, _Text]]:
        """Write everything but the data: the text of each section, or what its text is made from."""
        state, decides, speaks = self._state, mode != "speak", mode != "think"
        form = response(mode, self._entries(), reasoning=self._reasoning)
        transitions = Transitions(self._definition, state, self._exits, mode)
        rules = transition_rules(
            mode, state, has_tags=transitions.has_tags, has_digressions=transitions.has_digressions
        )
        return [
            ("task", TASKS[mode]),
            ("response", form),
            ("instructions", guidelines(mode, has_tools=bool(state.tools))),
            ("persona", Template(self._definition.persona)),
            ("current_state", state.id),
            ("current_state_description", Template(state.description)),
            ("current_purpose", Template(state.purpose)),
            ("state_instructions", Template(state.instructions)),
            ("information_to_collect", _json_or_nothing(_information(self._definition, state))),
            ("information_extraction_instructions", self._extraction_rules() if decides else ""),
            ("available_state_transitions", transitions if decides and transitions else ""),
            ("transition_rules", rules if decides and transitions else ""),
            ("example_dialogue", _json_or_nothing(state.example_dialogue) if speaks else ""),
        ]

    def _entries(self) -> list[str]:
        """Write what the updates may look like: the state's own keys, or one of the others."""
        definition, entries = self._definition, entry_keys(self._definition, self._state)
        if definition.model_keys == ():
            return []
        own = [key for key in self._state.own_keys if is_writable(definition, key, "model")] or entries[:1]
        written = [(to_json(key), key in entries) for key in own]
        return [f"{{{name}:…}}" if plain else f'{{"key":{name},"value":…}}' for name, plain in written] or [PAIR]

    def _extraction_rules(self) -> str:
        definition, state = self._definition, self._state
        if definition.model_keys == ():
            return ""
        if definition.model_keys is None:
            return f"{updates_rule(state)}\n{ANY_KEY_RULE}"
        entries = entry_keys(definition, state)
        others = [key for key in definition.model_keys if key not in state.own_keys]
        listed = {
            OTHER_KEYS_RULE: [key for key in others if key in entries],
            PAIRED_KEYS_RULE: [key for key in others if key not in entries],
        }
        rules = [updates_rule(state)]
        for rule, keys in listed.items():
            if keys:
                rules += [rule, to_json([_key_entry(key, definition.declared(key)) for key in keys])]
        return "\n".join(rules)


def stable_length(system: str) -> int:
    """Return how many characters of a system message come before what changes from turn to turn in its state.

    The last opening tag of the context is the one: what follows it is JSON, in which tags are escaped. It is 0 where
    the message is none of a state's prompts.
    """
    return max(system.rfind(f"\n{_CONTEXT}"), 0)


def visible_context(definition: FSMDefinition, state: State, context: Mapping[str, JsonValue]) -> Context:
    """Return the part of the context that the model may see in this state."""
    keys = context if state.visible_context_keys is None else state.visible_context_keys
    return {
        key: context[key]
        for key in keys
        if key in context and key not in definition.secret_keys and not key.startswith(MACHINE_PREFIX)
    }


_Text = str | Template | Transitions
_CONTEXT = "<current_context>\n"


def _fill(text: _Text, values: Context, live: Live) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, Transitions):
        return text.fill(values, live)
    return text.fill(escape(values) if text.has_tags else values)


def _information(definition: FSMDefinition, state: State) -> list[dict[str, Any]]:
    return [
        {**_key_entry(key, definition.declared(key)), "required": key in state.required_context_keys}
        for key in state.own_keys
    ]


def _key_entry(key: str, declaration: ContextKey | None) -> dict[str, Any]:
    return {"key": key, **_shape(declaration)}


def _shape(declaration: ContextKey | None) -> dict[str, Any]:
    if declaration is None:
        return {}
    shape: dict[str, Any] = {
        "type": declaration.type,
        "format": _FORMATS.get(declaration.format, declaration.format) if declaration.format else None,
        "enum": declaration.enum,
        "items": _shape(declaration.items),
        "description": describe_key(declaration),
    }
    return {name: part for name, part in shape.items() if part}


_FORMATS = {
    "date": "date, YYYY-MM-DD",
    "time": "time, HH:MM",
    "date-time": "date-time, YYYY-MM-DDTHH:MM",
}
"""How the formats are told that a model could write in several ways."""


def _json_or_nothing(value: Sequence[Any]) -> str:
    return to_json(value) if value else ""


def _recent(history: Sequence[AnyMessage], limit: int) -> list[BaseMessage]:
    """Return the last of what was said, so that it begins and ends with the user."""
    spoken = [message for message in history if _is_spoken(message)]
    recent = [_as_spoken(message) for message in spoken[-max(limit, 1) :]]
    if len(recent) < len(spoken) and not isinstance(recent[0], HumanMessage):
        recent = recent[1:]
    if not recent or not isinstance(recent[0], HumanMessage):
        recent.insert(0, HumanMessage(NOTHING_SAID))
    if not isinstance(recent[-1], HumanMessage):
        recent.append(HumanMessage(NOTHING_SAID))
    return recent


def _is_spoken(message: AnyMessage) -> bool:
    if isinstance(message, AIMessage):
        return bool(message.text)
    return isinstance(message, HumanMessage) and bool(message.content)


def _as_spoken(message: AnyMessage) -> BaseMessage:
    """Return the message without the tool calls, and what else an agent of the same graph leaves in it."""
    if isinstance(message, AIMessage) and (message.tool_calls or not isinstance(message.content, str)):
        return AIMessage(message.text)
    return message
