"""A whole definition: the states, the transitions between them, and the data that is collected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
)

from fsm_langgraph.definition.checks import Checks
from fsm_langgraph.definition.identity import fingerprint, write_identity
from fsm_langgraph.definition.keys import ContextKey, Lookup
from fsm_langgraph.definition.migration import Migration, joined
from fsm_langgraph.definition.section import Flag, Section
from fsm_langgraph.definition.state import State
from fsm_langgraph.definition.transition import Condition, GlobalTransition, Transition


class FSMDefinition(Section):
    """A conversation: its states, the transitions between them, and the data it collects."""

    model_config = ConfigDict(serialize_by_alias=True)

    # Set by `drawing`, which imports this module: a definition knows no picture of itself.
    draw_in_notebook: ClassVar[Callable[[FSMDefinition, str], dict[str, Any]] | None] = None

    schema_uri: str | None = Field(default=None, alias="$schema", repr=False)
    """The address of the JSON Schema of this format, for editors."""
    name: str
    """The name of the conversation."""
    description: str
    """The purpose of the conversation, in words."""
    initial_state: str
    """The id of the state that it starts in."""
    version: Literal["3.0"] = "3.0"
    """The version of this format."""
    revision: str = ""
    """The author's own version of the text, in any form."""
    migrate: Migration | None = None
    """How conversations are brought over that were held with an earlier revision."""
    check: Checks = Checks()
    """For the checker: findings that are meant so, and limits of the author's own."""
    persona: str = ""
    """Who the model is to be: tone, manner, name."""
    fallback_message: str = ""
    """The words said where no model answers in time or at all, a template; no ERROR handler has answered then. Those of
    the outermost machine hold."""
    context: dict[str, ContextKey] | None = None
    """The keys of the context; with it, a reply can write no key that is not declared here."""
    other_keys: Literal["all", "known"] = "all"
    """Which keys besides its own a state's reply may write: all that the model may write, or only those that the
    context has already, to correct them."""
    store: dict[str, Lookup] | None = None
    """The lookups in LangGraph's store, by the name that follows `store.` in a template's tag."""
    live_instructions: Flag = False
    """Whether a state's instructions are replaced by those that the store has under its id, as they are at each prompt;
    the namespace is `("fsm", <name>, "instructions")`, the value `{"instructions": "…"}`."""
    states: Annotated[dict[str, State], Field(min_length=1)]
    """Every state, by id."""
    global_transitions: tuple[GlobalTransition, ...] = ()
    """Transitions out of every state in which the user is heard."""
    subflows: dict[str, FSMDefinition] = Field(default={}, repr=False)
    """The definitions that states run as sub-machines, by the name that `subflow` gives."""

    @cached_property
    def by_path(self) -> dict[str, State]:
        """Every state by its path, those of sub-machines included: `payment`, `payment/card`."""
        found: dict[str, State] = {}
        for state in self.states.values():
            found[state.id] = state
            if state.subflow is not None:
                inside = self.subflows[state.subflow].by_path
                found |= {f"{state.id}/{path}": inner for path, inner in inside.items()}
        return found

    def machines(self, prefix: str = "") -> Iterator[tuple[str, FSMDefinition]]:
        """Yield this definition and those that its states run, each with the prefix of its states' paths."""
        yield prefix, self
        for state in self.states.values():
            if state.subflow is not None:
                yield from self.subflows[state.subflow].machines(f"{prefix}{state.id}/")

    @cached_property
    def fingerprint(self) -> str:
        """A hash of what it means: the same however it is laid out, another one for any change that counts."""
        return fingerprint(self)

    @cached_property
    def identity(self) -> str:
        """Its name, revision, fingerprint and keys, as conversations keep them."""
        return write_identity(self)

    @cached_property
    def migration(self) -> Migration:
        """How conversations are brought over, by this definition and those that its states run."""
        return joined((prefix, machine.migrate) for prefix, machine in self.machines() if machine.migrate is not None)

    def transitions_from(self, state: State) -> tuple[Transition, ...]:
        """Return the transitions out of a state, its own and the global ones, in the order of trial."""
        return self._transitions_from[state.id]

    @cached_property
    def _transitions_from(self) -> dict[str, tuple[Transition, ...]]:
        return {
            # Of equal priorities the state's own transition comes first: sorting is stable.
            state.id: tuple(sorted((*state.transitions, *self._open_globals(state)), key=lambda each: each.priority))
            for state in self.states.values()
        }

    def watched_in(self, state: State) -> list[GlobalTransition]:
        """Return the global transitions whose conditions are watched in a state, whoever is heard there.

        None is in a final state: to enter one ends the conversation, whatever is found afterwards.
        """
        watched = self.global_transitions if state.global_transitions and not state.is_final else ()
        return [each for each in watched if each.conditions and each.target_state != state.id]

    @cached_property
    def again(self) -> str:
        """The word by which a reply goes round by a transition from a state to itself; no state has this name."""
        word = "again"
        while word in self.states:
            word = f"_{word}"
        return word

    def proposal(self, state: State, transition: Transition) -> str:
        """Return the word by which a reply proposes a transition out of a state."""
        return self.again if transition.target_state == state.id else transition.target_state

    def name_of(self, state: State, transition: Transition) -> str:
        """Name a transition out of a state, the same whenever the definition is loaded."""
        return self._names.get(id(transition)) or f"{state.id} -> {transition.target_state}"

    @cached_property
    def _names(self) -> dict[int, str]:
        own = {
            id(transition): f"{state.id}[{index}]"
            for state in self.states.values()
            for index, transition in enumerate(state.transitions)
        }
        return own | {id(each): f"global[{index}]" for index, each in enumerate(self.global_transitions)}

    def _open_globals(self, state: State) -> list[GlobalTransition]:
        is_open = state.hears and state.global_transitions
        return [each for each in self.global_transitions if is_open and each.target_state != state.id]

    def declared(self, key: str) -> ContextKey | None:
        """Return the declaration of a key, if it has one."""
        return (self.context or {}).get(key)

    @cached_property
    def known_keys(self) -> tuple[str, ...]:
        """The keys that there are: those that are declared; where none are, those that states collect."""
        if self.context is not None:
            return tuple(self.context)
        return tuple(dict.fromkeys(key for state in self.states.values() for key in state.own_keys))

    @cached_property
    def model_keys(self) -> tuple[str, ...] | None:
        """The keys that a model may write; `None` where any name will do."""
        if self.context is None:
            return None
        return tuple(key for key, declaration in self.context.items() if declaration.written_by == "model")

    @cached_property
    def named_keys(self) -> frozenset[str]:
        """The keys that it declares, collects, reads in a condition, or hands into a sub-machine and out of it."""
        own = (each for state in self.states.values() for each in state.transitions)
        read = (transition.reads for transition in (*self.global_transitions, *own))
        of_states = (
            key
            for state in self.states.values()
            for key in (*state.own_keys, *state.inputs.values(), *state.outputs.values())
        )
        return frozenset(self.context or ()).union(of_states, *read)

    @cached_property
    def secret_keys(self) -> frozenset[str]:
        """The keys whose values no prompt, stream, record or trace may show."""
        return frozenset(key for key, declaration in (self.context or {}).items() if declaration.secret)

    @cached_property
    def secret_paths(self) -> frozenset[str]:
        """The secret keys of this definition and of those that its states run, by their paths: `payment/card`."""
        return frozenset(f"{prefix}{key}" for prefix, machine in self.machines() for key in machine.secret_keys)

    @cached_property
    def has_secrets(self) -> bool:
        """Whether this definition, or one that its states run, has a secret key."""
        return bool(self.secret_paths)

    @cached_property
    def defaults(self) -> dict[str, JsonValue]:
        """The context with which a conversation starts."""
        return {k: d.default for k, d in (self.context or {}).items() if d.default is not None}

    @cached_property
    def dependents(self) -> dict[str, tuple[str, ...]]:
        """The keys that depend on others, each with those; one that others depend on comes before these."""
        found = {key: declared.depends_on for key, declared in (self.context or {}).items() if declared.depends_on}
        return {key: found[key] for key in TopologicalSorter(found).static_order() if key in found}

    @cached_property
    def confirmations(self) -> tuple[Condition, ...]:
        """The conditions that are confirmations, of all transitions."""
        own = (transition for state in self.states.values() for transition in state.transitions)
        return _confirmations((*own, *self.global_transitions))

    @cached_property
    def confirming_keys(self) -> frozenset[str]:
        """The keys by which any of the conditions is confirmed."""
        return frozenset(key for condition in self.confirmations for key in condition.confirming)

    def confirmations_in(self, state: State) -> tuple[Condition, ...]:
        """Return the conditions that are confirmations, of the transitions that are looked at in a state."""
        return self._confirmations_in.get(state.id, ())

    def forgotten_in(self, state: State) -> list[str]:
        """Name the keys that a state forgets as it is entered: by its own word, and those that are to confirm."""
        confirming = (key for condition in self.confirmations_in(state) for key in condition.confirming)
        return [*dict.fromkeys((*state.forget, *confirming))]

    @cached_property
    def _confirmations_in(self) -> dict[str, tuple[Condition, ...]]:
        if not self.confirmations:
            return {}
        return {
            state.id: _confirmations((*self.transitions_from(state), *self.watched_in(state)))
            for state in self.states.values()
        }

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Show it in a notebook: drawn, if `drawing` is imported, else as a text."""
        text = f"{type(self).__name__} {self.name!r}"
        draw = FSMDefinition.draw_in_notebook
        return {"text/plain": text} if draw is None else draw(self, text)


def _confirmations(transitions: Iterable[Transition]) -> tuple[Condition, ...]:
    found = {id(each): each for transition in transitions for each in transition.conditions if each.confirms}
    return tuple(found.values())
