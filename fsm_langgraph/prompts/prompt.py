"""The prompt: from a state, the context and the history to the messages that a model gets.

One system message, then the last messages of the conversation as real chat messages. The system message stands in
the order that lets a provider cache the longest prefix: what is the same on every turn in this state, what the store
holds, the context, what is made of it, such as purposes that name keys, and last, next to the user's words, what to do.

    You are … <response_format> <current_state> … <example>     how to answer, and the state (`sections.py`)
    <context> … <this_turn>                                     what is known
    Now read what the user has written …                        what to do now

Text from users, handlers and models can neither open nor close a tag (`escaping.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, SystemMessage
from pydantic import JsonValue

from fsm_langgraph.context.writes import MACHINE_PREFIX, Context
from fsm_langgraph.data.size_limits import UNLIMITED, Limits
from fsm_langgraph.definition import FSMDefinition, State, Transition
from fsm_langgraph.prompts.context_in_part import context_in_part
from fsm_langgraph.prompts.escaping import escape, to_json
from fsm_langgraph.prompts.lookups import NOTHING, Live
from fsm_langgraph.prompts.recent_messages import recent_messages
from fsm_langgraph.prompts.sections import INSTRUCTIONS, Text, sections
from fsm_langgraph.prompts.transitions import Transitions
from fsm_langgraph.prompts.wording import REPLACED_WHOLE_RULE, Mode, to_do, turn_rules
from fsm_langgraph.templates.definition_keys import tags_left
from fsm_langgraph.templates.store_lookups import STORE
from fsm_langgraph.templates.template import Template

__all__ = ["Mode", "Prompts", "stable_length", "to_json", "visible_context"]


class Prompts:
    """The prompts of one state.

    Args:
        definition: The definition that the state belongs to.
        state: The state that the model is called in.
        reasoning: Whether replies are to end with their reasons.
        exits: The transitions of the machines around this one that are open to a proposal here.
        outside: The keys of those machines that may be told here too, with the definitions that they are of.
        limits: How large the parts of a prompt may be that are made of data.
    """

    def __init__(
        self,
        definition: FSMDefinition,
        state: State,
        *,
        reasoning: bool = False,
        exits: Sequence[Transition] = (),
        outside: Mapping[str, FSMDefinition] | None = None,
        limits: Limits = UNLIMITED,
    ) -> None:
        self._definition = definition
        self._state = state
        self._reasoning = reasoning
        self._exits = exits
        self._outside = outside or {}
        self._limits = limits
        self._short = limits.least_of_context or sys.maxsize
        self._known: dict[Mode, _Known] = {}

    def build(
        self,
        mode: Mode,
        context: Context,
        history: Sequence[AnyMessage],
        *,
        history_limit: int = 10,
        said: Sequence[AIMessage] = (),
        this_turn: Mapping[str, Any] | None = None,
        live: Live = NOTHING,
        machine_keys: Mapping[str, JsonValue] | None = None,
        speaker: str | None = None,
    ) -> list[BaseMessage]:
        """Write the messages of one model call.

        Args:
            mode: The purpose of the call.
            context: The whole context; the model is shown the part of it that this state may show.
            history: The conversation so far, the user's new message last.
            history_limit: How many of the last messages of the conversation the model sees; one at least.
            said: What the machine has said itself since the last of them.
            this_turn: The events of this turn before a speaking call, for the model to speak fittingly.
            live: The items of the store that this prompt reads.
            machine_keys: The machine's own keys, which its texts may read.
            speaker: The name that the machine's messages carry.
        """
        shown = visible_context(self._definition, self._state, context)
        if len(told := to_json(shown)) > self._short:
            shown, told = context_in_part(shown, self._limits, first=self._state.own_keys)
        values = {**shown, **machine_keys} if machine_keys else shown
        if self._definition.store is not None:
            values = {**values, STORE: dict(live.values)}
        known = self._known_for(mode)
        before, after = list[str](), list[str]()
        for tag, text in known.changing:
            now = live.instructions.get(self._state.id, text) if tag == INSTRUCTIONS else text
            if now:
                place = after if self._reads_context(now, live) else before
                place.append(_section(tag, _fill(now, values, live)))
        if (
            mode != "speak"
            and self._definition.context is None
            and any(isinstance(v, list | dict) for v in shown.values())
        ):
            after.append(REPLACED_WHOLE_RULE)
        if this_turn:
            after.append(_section("this_turn", to_json(this_turn)))
            if rules := turn_rules(this_turn.keys()):
                after.append(rules)
        system = "\n".join([known.stable, *before, _section(_CONTEXT, told), *after, known.to_do])
        recent = recent_messages(history, history_limit, said=said, speaker=speaker, limits=self._limits)
        return [SystemMessage(system), *recent]

    def tells_of(self, mode: Mode) -> list[str]:
        """Name the other states whose texts a prompt tells."""
        return self._known_for(mode).tells_of

    def _known_for(self, mode: Mode) -> _Known:
        if mode not in self._known:
            found = sections(
                self._definition,
                self._state,
                mode,
                reasoning=self._reasoning,
                exits=self._exits,
                outside=self._outside,
            )
            stable = [
                _section(tag, _fill(text, {}, NOTHING)) for tag, text in found if text and not self._changes(tag, text)
            ]
            self._known[mode] = _Known(
                "\n".join(stable),
                [(tag, text) for tag, text in found if self._changes(tag, text)],
                next((text.told for _, text in found if isinstance(text, Transitions)), []),
                to_do(mode, self._state),
            )
        return self._known[mode]

    def _changes(self, tag: str, text: Text) -> bool:
        """Say whether a section changes with the context, or with what the store holds."""
        is_live = tag == INSTRUCTIONS and self._definition.live_instructions
        return is_live or isinstance(text, Transitions) or (isinstance(text, Template) and text.has_tags)

    def _reads_context(self, text: Text, live: Live) -> bool:
        """Say whether a section changes with the context; what the store holds may stay the same for long."""
        if isinstance(text, str):
            return False
        roots = text.roots(live) if isinstance(text, Transitions) else text.roots
        return bool(roots - {STORE} if self._definition.store is not None else roots)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The keys that the state's own texts are made of."""
        return frozenset[str]().union(*(text.names for text in self._own_texts))

    @cached_property
    def branches(self) -> frozenset[str]:
        """The keys by which parts of the state's own texts are left out; no tag can stand for one not known yet."""
        return frozenset[str]().union(*(text.branches for text in self._own_texts))

    def tags_left(self, instructions: Template | None = None) -> frozenset[str]:
        """Name the keys whose tags the writer of a message for this state, in another one, may have been told.

        Args:
            instructions: Those that replace the file's, if there are any.
        """
        if instructions is None:
            return self._tags_left
        return tags_left(self._definition, self._state, [Template(self._state.purpose), instructions])

    @cached_property
    def _tags_left(self) -> frozenset[str]:
        texts = [Template(self._state.purpose), Template(self._state.instructions)]
        return tags_left(self._definition, self._state, texts)

    @property
    def _own_texts(self) -> list[Template]:
        return [Template(text) for text in (self._state.description, self._state.purpose, self._state.instructions)]


def stable_length(system: str) -> int:
    """Return how many characters of a system message come before what changes from turn to turn in its state.

    That is the first opening tag of the context: no text of a user's or of the store's has one. It is 0 where the
    message is none of a state's prompts.
    """
    return max(system.find(f"\n<{_CONTEXT}>\n"), 0)


def visible_context(definition: FSMDefinition, state: State, context: Mapping[str, JsonValue]) -> Context:
    """Return the part of the context that the model may see in this state."""
    keys = context if state.visible_context_keys is None else state.visible_context_keys
    return {
        key: context[key]
        for key in keys
        if key in context and key not in definition.secret_keys and not key.startswith(MACHINE_PREFIX)
    }


_CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class _Known:
    """The parts of a prompt that are known before the data is."""

    stable: str
    """The sections that are the same on every turn."""
    changing: list[tuple[str, Text]]
    """The sections that are made of the data."""
    tells_of: list[str]
    """The other states whose texts it tells."""
    to_do: str
    """The last line, which says what to do now."""


def _section(tag: str, text: str) -> str:
    return f"<{tag}>\n{text}\n</{tag}>" if tag else text


def _fill(text: Text, values: Context, live: Live) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, Transitions):
        return text.fill(values, live)
    return text.fill(escape(values) if text.has_tags else values)
