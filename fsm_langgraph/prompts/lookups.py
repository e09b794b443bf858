"""The lookups of a prompt in LangGraph's store: the items it asks for, those found, and how long they hold.

    {{store.customer.name}}    in a template: of the item that the lookup `customer` finds
    live instructions          replace the file's: the item under ("fsm", <name>, "instructions") / <state's id>

Logic only. `Lookups.bring` asks for all that one prompt reads with one `Fetch`, and makes a `Live` of the answer, which
fills the prompt and says afterwards whether a message that was written with it still fits.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from fsm_langgraph.context.writes import Context
from fsm_langgraph.definition import FSMDefinition, Lookup
from fsm_langgraph.prompts.fetching import Fetch
from fsm_langgraph.templates.store_lookups import StoreKey, StoreLookup, names_read, store_lookups
from fsm_langgraph.templates.template import Template, check_template

_log = logging.getLogger("fsm_langgraph.store")


@dataclass(frozen=True, slots=True)
class Live:
    """The items that the store held when a prompt was built."""

    values: Mapping[str, JsonValue] = field(default_factory=dict)
    """The items found, by the lookup's name."""
    instructions: Mapping[str, Template] = field(default_factory=dict)
    """The instructions that replace the file's, by state."""
    reads: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The lookups that are read by the texts of each state that the prompt tells of."""
    store_keys: Mapping[str, StoreKey | str] = field(default_factory=dict)
    """The store key by which each lookup was made, or the reason why it was not made."""
    lookups: Mapping[str, StoreLookup] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    """The states whose texts read the store of a sub-machine, which reads it when the turn is there."""

    @property
    def tag_roots(self) -> frozenset[str]:
        """All that a tag of the stored instructions may begin with."""
        return frozenset[str]().union(*(text.roots for text in self.instructions.values())) - {""}

    def is_read_by(self, state: str) -> bool:
        """Say whether a message for this state was written with items of the store."""
        return bool(self.reads.get(state)) or state in self.unread

    def still_holds(self, state: str, context: Context) -> bool:
        """Say whether a message for this state was written with the items that the state reads in this context."""
        return state not in self.unread and all(self._holds(name, context) for name in self.reads.get(state, ()))

    def _holds(self, name: str, context: Context) -> bool:
        lookup = self.lookups[name]
        is_enough = name in self.values or not lookup.is_required
        return is_enough and lookup.store_key(context) == self.store_keys[name]


NOTHING = Live()
"""Stands for the items where a definition reads none."""


def lookups_of(definition: FSMDefinition) -> Lookups | None:
    """Return the lookups of a definition; `None` where nothing is read from the store."""
    lookups = Lookups(definition)
    return lookups if definition.store or definition.live_instructions or lookups.nesting_that_read else None


class Lookups:
    """The lookups of a definition, by the texts that read them."""

    def __init__(self, definition: FSMDefinition) -> None:
        self._lookups = store_lookups(definition)
        persona = self._read(definition.persona)
        states = definition.states.values()
        self._told = {state.id: persona | self._read(state.purpose) for state in states}
        self._own = {
            state.id: self._told[state.id].union(*map(self._read, (state.description, state.extraction_instructions)))
            for state in states
        }
        self._instructions = {state.id: self._read(state.instructions) for state in states}
        self._are_live = definition.live_instructions
        self._namespace = ("fsm", definition.name, "instructions")
        self._nesting = frozenset(state.id for state in states if state.subflow is not None)
        self.nesting_that_read = frozenset(
            state.id
            for state in states
            if state.subflow is not None and _first_reads(definition.subflows[state.subflow])
        )
        """The states in which a sub-machine begins with texts that read its own store."""

    async def bring(self, state: str, targets: Iterable[str], context: Context, *, path: str) -> Live:
        """Ask for the items that a prompt reads, and return what was found.

        Args:
            state: The state whose prompt it is.
            targets: The other states that the prompt tells of; of one that runs a sub-machine it tells what that says.
            context: The context of which the store keys are made.
            path: The state's path from the outermost machine.

        Raises:
            MissingDataError: A lookup that the state itself requires has found nothing. One that a target requires
                may do so: the conversation need not go there.
        """
        others = {state: self._own[state], **{name: self._told[name] for name in targets if name not in self._nesting}}
        reads = {name: texts | self._instructions[name] for name, texts in others.items()}
        # Instructions that are still to come may read any lookup, so that all are brought with them.
        wanted = self._lookups if self._are_live else frozenset().union(*reads.values())
        store_keys = {name: self._lookups[name].store_key(context) for name in sorted(wanted)}
        known = {name: store_key for name, store_key in store_keys.items() if not isinstance(store_key, str)}
        stored = {name: (self._namespace, name) for name in others} if self._are_live else {}
        asked = (*known.values(), *stored.values())
        found = await Fetch(path, asked) if asked else []

        items = found if found is not None else [None] * len(asked)
        values = {name: item for name, item in zip(known, items, strict=False) if item is not None}
        instructions = self._usable(dict(zip(stored, items[len(known) :], strict=True)))
        reads |= {name: others[name] | self._named(template) for name, template in instructions.items()}
        self._require(reads[state] - values.keys(), context, path=path, has_store=found is not None)
        return Live(values, instructions, reads, store_keys, self._lookups, self.nesting_that_read)

    async def bring_for(self, text: Template, context: Context, *, path: str) -> Mapping[str, JsonValue]:
        """Ask for the items that a text reads which is said as it stands; return those found, by the lookup's name.

        Args:
            text: The text.
            context: The context of which the store keys are made.
            path: The path of the state that says it.

        Raises:
            MissingDataError: A lookup that is required has found nothing.
        """
        wanted = self._named(text)
        store_keys = {name: self._lookups[name].store_key(context) for name in sorted(wanted)}
        known = {name: store_key for name, store_key in store_keys.items() if not isinstance(store_key, str)}
        found = await Fetch(path, (*known.values(),)) if known else []
        values = {name: item for name, item in zip(known, found or (), strict=False) if item is not None}
        self._require(wanted - values.keys(), context, path=path, has_store=found is not None)
        return values

    def _require(self, missing: Iterable[str], context: Context, *, path: str, has_store: bool) -> None:
        """Raise `MissingDataError` where one of the lookups that have found nothing is required."""
        for name in sorted(missing):
            if self._lookups[name].is_required:
                nothing = "there is nothing" if has_store else "the graph has no store"
                raise self._lookups[name].missing(path, context, nothing)

    def _read(self, text: str) -> frozenset[str]:
        return self._named(Template(text))

    def _named(self, template: Template) -> frozenset[str]:
        """Name the lookups that a template reads; one that reads `store` as a whole reads all of them."""
        names = names_read(template)
        return frozenset(self._lookups) if "" in names else names & self._lookups.keys()

    def _usable(self, stored: Mapping[str, JsonValue]) -> dict[str, Template]:
        """Keep the stored instructions that can be used; tell of the others."""
        usable: dict[str, Template] = {}
        for state, value in stored.items():
            if value is None:
                continue
            text = value.get("instructions") if isinstance(value, dict) else None
            if fault := self._fault(text):
                _log.warning("the stored instructions of state %r are not used: %s", state, fault)
            else:
                usable[state] = Template(str(text), f"the stored instructions of state {state!r}")
        return usable

    def _fault(self, text: JsonValue) -> str:
        if not isinstance(text, str):
            return 'the item is not of the form {"instructions": <text>}.'
        if problems := check_template(text):
            return problems[0].message
        unknown = names_read(Template(text)) - self._lookups.keys() - {""}
        return f"no lookup is named {min(unknown)!r}." if unknown and self._lookups else ""


def lookups_read(definition: FSMDefinition, text: str) -> dict[str, Lookup]:
    """Return the lookups of a definition that a text reads."""
    names = names_read(Template(text))
    return {name: lookup for name, lookup in (definition.store or {}).items() if name in names or "" in names}


def _first_reads(definition: FSMDefinition) -> bool:
    """Say whether the texts with which a sub-machine begins read the store."""
    state = definition.states[definition.initial_state]
    if state.subflow is not None:
        return _first_reads(definition.subflows[state.subflow])
    texts = Template(state.purpose), Template(state.instructions)
    return definition.live_instructions or (definition.store is not None and any(map(names_read, texts)))
