"""The transitions out of a state, as the model chooses among them: a section of its prompt.

Whoever writes a message for a transition's target needs to know what that state is for. So the target's purpose and
instructions are told too, filled with what is known. A key that the reply itself may write is open: its tag stays, and
sections over it are told in both forms.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

from fsm_langgraph.context.machine_keys import MACHINE_KEYS
from fsm_langgraph.context.offered_keys import may_be_told
from fsm_langgraph.context.writes import Context
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import Condition, FSMDefinition, GlobalTransition, State, Transition
from fsm_langgraph.prompts.escaping import to_json
from fsm_langgraph.prompts.lookups import Live
from fsm_langgraph.prompts.wording import Mode
from fsm_langgraph.templates.both_forms import OpenKeys, in_both_forms, kind_of_key
from fsm_langgraph.templates.definition_keys import keys_of
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
        transitions = definition.transitions_from(state)
        # A message written for the target needs to know what the target is for; a thought only chooses.
        named = [each.target_state for each in transitions if mode == "understand" and each.target_state != state.id]
        self._targets = {name: _Target(definition, definition.states[name], state) for name in dict.fromkeys(named)}
        self._changing = [target for target in self._targets.values() if target.changes]
        self.go_round = any(each.target_state == state.id for each in transitions)
        """Whether one of them leads to the state itself."""
        self.has_digressions = any(
            isinstance(each, GlobalTransition) and each.returns and each.target_state in self._targets
            for each in transitions
        )
        self.has_wishes = bool(exits) or any(isinstance(each, GlobalTransition) for each in transitions)
        """Whether one of them is taken for what the user wants, in states of all kinds."""
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
        return self._may_be_replaced or any(target.open for target in self._targets.values())

    @property
    def has_forms(self) -> bool:
        """Whether parts of what is told of the targets may be told in both forms."""
        return self._may_be_replaced or any(not target.open.isdisjoint(target.branches) for target in self._changing)

    @property
    def _may_be_replaced(self) -> bool:
        return self._definition.live_instructions and bool(self._targets)

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
        told = ((target.id, target.filled(values, live.instructions.get(target.id))) for target in self._changing)
        return to_json([{"to": name, **texts} for name, texts in told])


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
        "hands_over_to": transition.handoff,
    }
    return {name: fact for name, fact in entry.items() if fact}


class _Target:
    """The texts of a transition's target, for whoever writes a message for it.

    For a state that runs a sub-machine the texts of that one's first state stand, with its keys under their own names.

    Args:
        definition: The definition that the target belongs to.
        target: The target.
        writer: The state that the message is written in: its reply may change its own keys, known or not.
    """

    def __init__(self, definition: FSMDefinition, target: State, writer: State) -> None:
        self.id = target.id
        self._definition, self._writer = definition, writer
        forgotten = {*definition.forgotten_in(target)}
        is_live = definition.live_instructions
        names: dict[str, str] | None = None
        # Down to the state that the user will meet, following the names of the inputs on the way.
        inner = definition
        while target.subflow is not None:
            outer: dict[str, str] | None = names
            names = {
                key: name if outer is None else outer[name]
                for key, name in target.inputs.items()
                if outer is None or name in outer
            }
            inner = inner.subflows[target.subflow]
            target = inner.states[inner.initial_state]
            forgotten.update(names[key] for key in target.forget if key in names)
        self._inner, self._names, self._visible = inner, names, target.visible_context_keys
        self._forgotten, self._written = forgotten, writer.own_keys
        texts = {
            "purpose": Template(target.purpose, at("states", target.id, "purpose")),
            "instructions": Template(target.instructions, at("states", target.id, "instructions")),
        }
        self._texts = {name: text for name, text in texts.items() if text.has_tags}
        if is_live:
            self._texts["instructions"] = texts["instructions"]
        fixed = {name: text.fill({}) for name, text in texts.items() if name not in self._texts and text}
        self.fixed: dict[str, Any] = {**fixed, **({"collects": target.own_keys} if target.own_keys else {})}
        """The texts that are the same whatever is known."""
        self.open = self._open_in(self._texts.values())
        """The keys of its texts that the reply may write."""

    @property
    def changes(self) -> bool:
        """Whether it has texts that change with the context or the store."""
        return bool(self._texts)

    @property
    def branches(self) -> frozenset[str]:
        """The keys that sections of its texts are shown by."""
        return frozenset[str]().union(*(text.branches for text in self._texts.values()))

    def roots(self, instructions: Template | None) -> frozenset[str]:
        """Name the keys of which the changing texts are made; the instructions replace the file's."""
        return frozenset[str]().union(*(text.roots for text in self._now(instructions).values()))

    def filled(self, known: Context, instructions: Template | None) -> dict[str, str]:
        """Return the changing texts, filled; the instructions replace the file's."""
        texts = self._now(instructions)
        open_keys = self.open if instructions is None else self._open_in(texts.values())
        names = self._names_in(known)
        settled = {key: known[name] for key, name in names if name not in self._written and name not in self._forgotten}
        kinds = {key: kind_of_key(self._inner, key) for key in sorted(open_keys - settled.keys())}
        members_in = any(text.has_sections for text in texts.values())
        absent = {key for key in kinds if self._name(key) in self._forgotten}
        told = OpenKeys(kinds, self._names or {}, absent, self._keys if members_in else ())
        texts = {name: in_both_forms(text, settled, told) for name, text in texts.items()}
        return {name: filled for name, text in texts.items() if (filled := text.fill(settled))}

    def _now(self, instructions: Template | None) -> dict[str, Template]:
        return self._texts if instructions is None else {**self._texts, "instructions": instructions}

    def _names_in(self, known: Context) -> list[tuple[str, str]]:
        """Return the keys of the target that are known, each with its name where the message is written."""
        own = {key: key for key in MACHINE_KEYS}
        names = {key: key for key in known} if self._names is None else {**self._names, **own}
        return [(key, name) for key, name in names.items() if name in known and self._shows(key)]

    def _open_in(self, texts: Collection[Template]) -> frozenset[str]:
        named = frozenset[str]().union(*(text.roots for text in texts))
        outside = frozenset[str]().union(*(text.outer_roots for text in texts))
        # Only a name within a section may be that of a member; all keys of a large definition are long to find.
        keys = named if named == outside and self._inner.context is None else named & self._keys
        return frozenset(key for key in keys if self._shows(key) and self._is_open(key))

    @cached_property
    def _keys(self) -> frozenset[str]:
        return keys_of(self._inner)

    def _shows(self, key: str) -> bool:
        is_item = key == STORE and self._definition.store is not None
        return is_item or key in MACHINE_KEYS or self._visible is None or key in self._visible

    def _name(self, key: str) -> str | None:
        """Return the name of a key of the target's where the message is written."""
        return key if self._names is None else self._names.get(key)

    def _is_open(self, key: str) -> bool:
        name = self._name(key)
        if name is None or key in self._inner.secret_keys or (name == STORE and self._definition.store is not None):
            return False
        return name not in self._definition.secret_keys and may_be_told(self._definition, self._writer, name)


def _is_told(definition: FSMDefinition, transition: Transition, condition: Condition) -> bool:
    """Say whether the rest of an entry tells a condition: the keys that it requires, where these are declared."""
    if condition.logic is not None or not (condition.requires_context_keys or condition.answered_context_keys):
        return False
    return definition.context is not None or condition.description == transition.description
