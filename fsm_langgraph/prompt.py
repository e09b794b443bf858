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

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, SystemMessage
from pydantic import JsonValue

from fsm_langgraph.context import MACHINE_PREFIX, Context, is_writable
from fsm_langgraph.definition import ContextKey, FSMDefinition, GlobalTransition, State, Transition
from fsm_langgraph.reply import describe_key, other_keys, wire_keys
from fsm_langgraph.template import Template
from fsm_langgraph.wording import (
    CLOSED_UPDATES_RULE,
    NOTHING_SAID,
    OPEN_UPDATES_RULE,
    STRAY_KEYS_RULE,
    TASKS,
    Mode,
    guidelines,
    own_keys_rule,
    response,
    transition_rules,
)

__all__ = ["NOTHING_SAID", "Mode", "Prompts", "to_json", "visible_context"]


class Prompts:
    """The prompts of one state.

    Args:
        definition: The definition that the state belongs to.
        state: The state that the model is called in.
        history_limit: How many of the last messages of the conversation the model sees; one at least.
        reasoning: Whether replies are to end with their reasons.
        exits: The ways out of the machine that are open to a proposal here.
    """

    def __init__(
        self,
        definition: FSMDefinition,
        state: State,
        *,
        history_limit: int = 10,
        reasoning: bool = False,
        exits: Sequence[Transition] = (),
    ) -> None:
        self._definition = definition
        self._state = state
        self._history_limit = history_limit
        self._reasoning = reasoning
        self._exits = exits
        self._known: dict[Mode, list[tuple[str, _Text]]] = {}

    def build(
        self,
        mode: Mode,
        context: Context,
        history: Sequence[AnyMessage],
        *,
        this_turn: Mapping[str, Any] | None = None,
    ) -> list[BaseMessage]:
        """Write the messages of one model call.

        Args:
            mode: What the call is for.
            context: The whole context; the model is shown the part of it that this state may show.
            history: The conversation so far, the user's new message last.
            this_turn: What happened in this turn before a speaking call, for the model to speak fittingly.
        """
        if mode not in self._known:
            self._known[mode] = [(tag, text) for tag, text in self._sections(mode) if text]
        shown = visible_context(self._definition, self._state, context)
        task, *rest = [f"<{tag}>\n{_fill(text, shown)}\n</{tag}>" for tag, text in self._known[mode]]
        rest.append(f"<current_context>\n{to_json(shown)}\n</current_context>")
        if this_turn:
            rest.append(f"<this_turn>\n{to_json(this_turn)}\n</this_turn>")
        system = "\n".join([task, "<fsm>", *rest, "</fsm>"])
        return [SystemMessage(system), *_recent(history, self._history_limit)]

    def _sections(self, mode: Mode) -> list[tuple[str, _Text]]:
        """Write everything but the data: the text of each section, or what its text is made from."""
        state, decides, speaks = self._state, mode != "speak", mode != "think"
        others = other_keys(self._definition, state)
        form = response(mode, wire_keys(state), other_updates=others != [], reasoning=self._reasoning)
        transitions = _Transitions(self._definition, state, self._exits, mode)
        rules = transition_rules(
            mode, state, has_tags=transitions.has_tags, has_digressions=transitions.has_digressions
        )
        return [
            ("task", TASKS[mode]),
            ("response", form),
            ("instructions", guidelines(mode)),
            ("persona", Template(self._definition.persona)),
            ("current_state", state.id),
            ("current_state_description", Template(state.description)),
            ("current_purpose", Template(state.purpose)),
            ("state_instructions", Template(state.instructions)),
            ("information_to_collect", _json_or_nothing(_information(self._definition, state))),
            ("information_extraction_instructions", self._extraction_rules(others) if decides else ""),
            ("available_state_transitions", transitions if decides and transitions else ""),
            ("transition_rules", rules if decides and transitions else ""),
            ("example_dialogue", _json_or_nothing(state.example_dialogue) if speaks else ""),
        ]

    def _extraction_rules(self, others: list[str] | None) -> str:
        own = wire_keys(self._state)
        rules = [own_keys_rule(self._state)] if own else []
        if others is None:
            rules.append(OPEN_UPDATES_RULE)
            if stray := [key for key in self._state.own_keys if key not in own]:
                rules.append(STRAY_KEYS_RULE + to_json(stray))
        elif others:
            rules.append(CLOSED_UPDATES_RULE)
            rules.append(to_json([_key_entry(key, self._definition.declared(key)) for key in others]))
        return "\n".join(rules)


def visible_context(definition: FSMDefinition, state: State, context: Mapping[str, JsonValue]) -> Context:
    """Return the part of the context that the model may see in this state."""
    keys = context if state.visible_context_keys is None else state.visible_context_keys
    return {
        key: context[key]
        for key in keys
        if key in context and key not in definition.secret_keys and not key.startswith(MACHINE_PREFIX)
    }


def to_json(value: Any) -> str:
    """Write JSON in which no character can open or close a tag."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


class _Transitions:
    """The ways out of a state, as the model chooses among them: the first is tried first."""

    def __init__(self, definition: FSMDefinition, state: State, exits: Sequence[Transition], mode: Mode) -> None:
        # A message written for the target needs to know what the target is for; a thought only chooses.
        tells_of_targets = mode == "understand"
        self._own_keys = state.own_keys
        ways = definition.ways_out(state)
        self._entries: list[tuple[dict[str, Any], _Target | None]] = [
            (
                _transition_entry(way),
                _Target(definition, definition.states[way.target_state])
                if tells_of_targets and way.target_state != state.id
                else None,
            )
            for way in ways
        ]
        self._entries += ((_transition_entry(way), None) for way in exits)
        self.has_digressions = tells_of_targets and any(
            isinstance(way, GlobalTransition) and way.returns for way in ways
        )
        named = frozenset().union(*(target.names for _, target in self._entries if target is not None))
        self._tags = {
            key: f"{{{{{key}}}}}"
            for key in sorted(named - definition.secret_keys)
            if is_writable(definition, key, "model")
        }

    def __bool__(self) -> bool:
        return bool(self._entries)

    @property
    def has_tags(self) -> bool:
        """Whether what is told of the targets may have tags that the reply's own values fill."""
        return bool(self._tags)

    def fill(self, shown: Context) -> str:
        """Write them down; JSON is escaped as a whole, so the values are filled in as they are."""
        return to_json([{**entry, **self._told(target, shown)} for entry, target in self._entries])

    def _told(self, target: _Target | None, shown: Context) -> dict[str, Any]:
        if target is None:
            return {}
        # What this reply may write, or the target forgets, is not known yet: its tag stays for the model to fill.
        old = {*self._own_keys, *target.forgets}
        return target.told({**self._tags, **{key: value for key, value in shown.items() if key not in old}})


class _Target:
    """What is told of the state that a transition leads to, for the message that is written for it.

    Of a state that runs a sub-machine it is what the first state of that is for, with its keys under their own names.
    """

    def __init__(self, definition: FSMDefinition, target: State) -> None:
        self.forgets = target.forget
        self._inputs: dict[str, str] | None = None
        while target.subflow is not None:
            outer: dict[str, str] | None = self._inputs
            self._inputs = {
                key: name if outer is None else outer[name]
                for key, name in target.inputs.items()
                if outer is None or name in outer
            }
            definition = definition.subflows[target.subflow]
            target = definition.states[definition.initial_state]
        self._purpose, self._instructions = Template(target.purpose), Template(target.instructions)
        self._collects = target.own_keys

    @property
    def names(self) -> frozenset[str]:
        """The keys that its templates read."""
        names = self._purpose.names | self._instructions.names
        return names if self._inputs is None else frozenset(self._inputs[key] for key in names & self._inputs.keys())

    def told(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Tell what it is for."""
        if self._inputs is not None:
            values = {key: values[name] for key, name in self._inputs.items() if name in values}
        told = {
            "target_purpose": self._purpose.fill(values),
            "target_instructions": self._instructions.fill(values),
            "target_collects": self._collects,
        }
        return {name: fact for name, fact in told.items() if fact}


_Text = str | Template | _Transitions


def _fill(text: _Text, shown: Context) -> str:
    if isinstance(text, str):
        return text
    return text.fill(_escape_values(shown) if isinstance(text, Template) and text.has_tags else shown)


def _escape_values(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if isinstance(value, dict):
        return {_escape_values(key): _escape_values(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escape_values(item) for item in value]
    return value


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
        "format": declaration.format,
        "enum": declaration.enum,
        "items": _shape(declaration.items),
        "description": describe_key(declaration),
    }
    return {name: part for name, part in shape.items() if part}


def _transition_entry(transition: Transition) -> dict[str, Any]:
    entry: dict[str, Any] = {"target_state": transition.target_state, "description": transition.description}
    if transition.conditions:
        entry["conditions"] = [condition.description for condition in transition.conditions]
    required = (key for condition in transition.conditions for key in condition.requires_context_keys)
    if keys := list(dict.fromkeys(required)):
        entry["requires"] = keys
    if isinstance(transition, GlobalTransition) and transition.returns:
        entry["comes_back"] = True
    return entry


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
