"""The ways out of a state, as the model chooses among them: a section of its prompt.

A message that is written for the state that a way leads to needs to know what that state is for, so its purpose and
instructions are told too, filled with what is known. What the reply itself is about to store is not known yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fsm_langgraph.context import Context, is_writable
from fsm_langgraph.definition import FSMDefinition, GlobalTransition, State, Transition
from fsm_langgraph.prompts.escaping import to_json
from fsm_langgraph.prompts.lookups import STORE, Live
from fsm_langgraph.prompts.template import Template
from fsm_langgraph.prompts.wording import Mode


class Transitions:
    """The ways out of a state, as the model chooses among them: the first is tried first."""

    def __init__(self, definition: FSMDefinition, state: State, exits: Sequence[Transition], mode: Mode) -> None:
        # A message written for the target needs to know what the target is for; a thought only chooses.
        tells_of_targets = mode == "understand"
        self._own_keys = state.own_keys
        ways = definition.ways_out(state)
        self._entries: list[tuple[dict[str, Any], _Target | None]] = [
            (
                _entry(way),
                _Target(definition, definition.states[way.target_state])
                if tells_of_targets and way.target_state != state.id
                else None,
            )
            for way in ways
        ]
        self._entries += ((_entry(way), None) for way in exits)
        self.has_digressions = tells_of_targets and any(
            isinstance(way, GlobalTransition) and way.returns for way in ways
        )
        named = frozenset().union(*(target.names for _, target in self._entries if target is not None))
        self._definition = definition
        self._tags = self._open_tags(named)

    def __bool__(self) -> bool:
        return bool(self._entries)

    @property
    def has_tags(self) -> bool:
        """Whether what is told of the targets may have tags that the reply's own values fill."""
        return bool(self._tags) or (self._definition.live_instructions and bool(self.told))

    @property
    def told(self) -> list[str]:
        """The states whose texts are told."""
        return list(dict.fromkeys(target.id for _, target in self._entries if target is not None))

    def fill(self, values: Context, live: Live) -> str:
        """Write them down; JSON is escaped as a whole, so the values are filled in as they are."""
        return to_json([{**entry, **self._told(target, values, live)} for entry, target in self._entries])

    def _told(self, target: _Target | None, known: Context, live: Live) -> dict[str, Any]:
        if target is None:
            return {}
        instructions, tags = live.instructions.get(target.id), self._tags
        if instructions is not None:
            tags = {**tags, **self._open_tags(instructions.names)}
        # What this reply may write, or the target forgets, is not known yet: its tag stays for the model to fill.
        old = {*self._own_keys, *target.forgets}
        values = {**tags, **{key: value for key, value in known.items() if key not in old}}
        return target.told(values, instructions)

    def _open_tags(self, named: frozenset[str]) -> Context:
        """Return the tags that the model may fill, each as the value of its key."""
        definition = self._definition
        keys = named - definition.secret_keys - ({STORE} if definition.store is not None else set())
        return {key: f"{{{{{key}}}}}" for key in sorted(keys) if is_writable(definition, key, "model")}


class _Target:
    """What is told of the state that a transition leads to, for the message that is written for it.

    Of a state that runs a sub-machine it is what the first state of that is for, with its keys under their own names.
    """

    def __init__(self, definition: FSMDefinition, target: State) -> None:
        self.id = target.id
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

    def told(self, values: Mapping[str, Any], instructions: Template | None) -> dict[str, Any]:
        """Tell what it is for, with the instructions that hold in place of the file's."""
        if self._inputs is not None:
            values = {key: values[name] for key, name in self._inputs.items() if name in values}
        told = {
            "target_purpose": self._purpose.fill(values),
            "target_instructions": (self._instructions if instructions is None else instructions).fill(values),
            "target_collects": self._collects,
        }
        return {name: fact for name, fact in told.items() if fact}


def _entry(transition: Transition) -> dict[str, Any]:
    entry: dict[str, Any] = {"target_state": transition.target_state, "description": transition.description}
    if transition.conditions:
        entry["conditions"] = [condition.description for condition in transition.conditions]
    required = (key for condition in transition.conditions for key in condition.requires_context_keys)
    if keys := list(dict.fromkeys(required)):
        entry["requires"] = keys
    if isinstance(transition, GlobalTransition) and transition.returns:
        entry["comes_back"] = True
    return entry
