"""The transitions out of a state, as the model chooses among them: a section of its prompt.

Whoever writes a message for a transition's target needs to know what that state is for. So the target's purpose and
instructions are told too, filled with what is known; keys that the reply itself is about to write are not known yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fsm_langgraph.context.offered_keys import may_be_told
from fsm_langgraph.context.writes import Context
from fsm_langgraph.definition import Condition, FSMDefinition, GlobalTransition, State, Transition
from fsm_langgraph.prompts.escaping import to_json
from fsm_langgraph.prompts.lookups import Live
from fsm_langgraph.prompts.wording import Mode
from fsm_langgraph.templates.store_lookups import STORE
from fsm_langgraph.templates.template import Template


class Transitions:
    """The transitions out of a state, as the model chooses among them: the first is tried first.

    Args:
        definition: The definition that the state belongs to.
        state: The state.
        exits: The transitions of the machines around this one that are open to a proposal here.
        mode: The purpose of the call.
    """

    def __init__(self, definition: FSMDefinition, state: State, exits: Sequence[Transition], mode: Mode) -> None:
        self._definition = definition
        self._state = state
        self._own_keys = state.own_keys
        transitions = definition.transitions_from(state)
        # A message written for the target needs to know what the target is for; a thought only chooses.
        named = [each.target_state for each in transitions if mode == "understand" and each.target_state != state.id]
        self._targets = {name: _Target(definition, definition.states[name]) for name in named}
        self._tags = self._open_tags(frozenset().union(*(target.names for target in self._targets.values())))
        self._changing = [target for target in self._targets.values() if target.changes]
        self.go_round = any(each.target_state == state.id for each in transitions)
        """Whether one of them leads to the state itself."""
        self.has_digressions = any(
            isinstance(each, GlobalTransition) and each.returns and each.target_state in self._targets
            for each in transitions
        )
        entries = [told(definition, state, transition) for transition in (*transitions, *exits)]
        self.facts = frozenset[str]().union(*entries)
        """The names of the facts that are told of them."""
        texts = {name: target.fixed for name, target in self._targets.items()}
        self.text = to_json([{**entry, **texts.get(entry["to"], {})} for entry in entries]) if entries else ""
        """The transitions with their targets, as far as these are told in the same words on every turn."""

    def __bool__(self) -> bool:
        """Whether there is more to tell of the targets, which changes with the context or the store."""
        return bool(self._changing)

    @property
    def has_tags(self) -> bool:
        """Whether what is told of the targets may have tags that the reply's own values fill."""
        return bool(self._tags) or (self._definition.live_instructions and bool(self._targets))

    @property
    def told(self) -> list[str]:
        """The states whose texts are told."""
        return list(self._targets)

    def roots(self, live: Live) -> frozenset[str]:
        """Name the keys of which the rest is made."""
        return frozenset[str]().union(*(target.roots(live.instructions.get(target.id)) for target in self._changing))

    def fill(self, values: Context, live: Live) -> str:
        """Write what is told of the targets now.

        JSON is escaped as a whole, so values are filled in as they are.
        """
        return to_json([{"to": target.id, **self._told(target, values, live)} for target in self._changing])

    def _told(self, target: _Target, known: Context, live: Live) -> dict[str, Any]:
        instructions, tags = live.instructions.get(target.id), self._tags
        if instructions is not None:
            tags = {**tags, **self._open_tags(instructions.names)}
        # A key that this reply may write, or the target forgets, is not known yet: its tag stays for the model to fill.
        old = {*self._own_keys, *target.forgets}
        values = {**tags, **{key: value for key, value in known.items() if key not in old}}
        return target.filled(values, instructions)

    def _open_tags(self, named: frozenset[str]) -> Context:
        """Return the tags that the model may fill, each as the value of its key."""
        definition = self._definition
        keys = named - definition.secret_keys - ({STORE} if definition.store is not None else set())
        return {key: f"{{{{{key}}}}}" for key in sorted(keys) if may_be_told(definition, self._state, key)}


def told(definition: FSMDefinition, state: State, transition: Transition) -> dict[str, Any]:
    """Return a transition out of a state as the model is told of it: how it is proposed, when, and what has to hold."""
    conditions = transition.conditions
    required = (key for condition in conditions for key in condition.requires_context_keys)
    answered = (key for condition in conditions for key in condition.answered_context_keys)
    confirmed = (key for condition in conditions for key in condition.confirms)
    entry = {
        "to": definition.proposal(state, transition),
        "when": transition.description,
        "if": [c.description for c in conditions if not _is_told(definition, transition, c)],
        "requires": list(dict.fromkeys(required)),
        "answered": list(dict.fromkeys(answered)),
        "confirms": list(dict.fromkeys(confirmed)),
        "comes_back": isinstance(transition, GlobalTransition) and transition.returns,
    }
    return {name: fact for name, fact in entry.items() if fact}


class _Target:
    """The texts of a transition's target, for whoever writes a message for it.

    For a state that runs a sub-machine the texts of that one's first state stand, with its keys under their own names.
    """

    def __init__(self, definition: FSMDefinition, target: State) -> None:
        self.id = target.id
        confirming = (key for each in definition.confirmations_in(target) for key in each.confirming)
        self.forgets = (*target.forget, *confirming)
        is_live = definition.live_instructions
        self._inputs: dict[str, str] | None = None
        # Down to the state that the user will meet, following the names of the inputs on the way.
        while target.subflow is not None:
            outer: dict[str, str] | None = self._inputs
            self._inputs = {
                key: name if outer is None else outer[name]
                for key, name in target.inputs.items()
                if outer is None or name in outer
            }
            definition = definition.subflows[target.subflow]
            target = definition.states[definition.initial_state]
        purpose, instructions = Template(target.purpose), Template(target.instructions)
        texts = {"purpose": purpose, "instructions": instructions}
        self._open = {name: text for name, text in texts.items() if text.has_tags}
        if is_live:
            self._open["instructions"] = instructions
        fixed = {name: text.fill({}) for name, text in texts.items() if name not in self._open and text}
        self.fixed: dict[str, Any] = {**fixed, **({"collects": target.own_keys} if target.own_keys else {})}
        """The texts that are the same whatever is known."""

    @property
    def changes(self) -> bool:
        """Whether it has texts that change with the context or the store."""
        return bool(self._open)

    @property
    def names(self) -> frozenset[str]:
        """The keys that its templates read."""
        names = frozenset[str]().union(*(text.names for text in self._open.values()))
        return names if self._inputs is None else frozenset(self._inputs[key] for key in names & self._inputs.keys())

    def roots(self, instructions: Template | None) -> frozenset[str]:
        """Name the keys of which the changing texts are made; the instructions replace the file's."""
        return frozenset[str]().union(*(text.roots for text in self._now(instructions).values()))

    def filled(self, values: Mapping[str, Any], instructions: Template | None) -> dict[str, str]:
        """Return the changing texts, filled; the instructions replace the file's."""
        if self._inputs is not None:
            values = {key: values[name] for key, name in self._inputs.items() if name in values}
        return {name: filled for name, text in self._now(instructions).items() if (filled := text.fill(values))}

    def _now(self, instructions: Template | None) -> dict[str, Template]:
        return self._open if instructions is None else {**self._open, "instructions": instructions}


def _is_told(definition: FSMDefinition, transition: Transition, condition: Condition) -> bool:
    """Say whether the rest of an entry tells a condition: the keys that it requires, where these are declared."""
    if condition.logic is not None or not (condition.requires_context_keys or condition.answered_context_keys):
        return False
    return definition.context is not None or condition.description == transition.description
