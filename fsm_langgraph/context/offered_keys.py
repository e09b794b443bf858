"""The keys that a reply is offered in a state: by name, and up to the providers' limits by an entry of their own.

    {"updates": [{"name": <string>} | … | {"key": <enum>, "value": null}]}
                  an entry               a pair, for any of the others

The prompt tells of these keys and the reply's schema has them, so both ask here. A reply may write more than it is
offered: `may_be_told` judges that.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from itertools import chain

from fsm_langgraph.context.key_schema import any_value, count_unions, key_schema
from fsm_langgraph.context.writes import is_writable
from fsm_langgraph.data.reply_members import KEY
from fsm_langgraph.definition import FSMDefinition, State

MAX_OFFERED = 40
"""How many keys a reply is offered by name, in the schema and in the prompt; it may write any that is declared."""
MAX_ENTRIES = 16
"""How many keys have an entry of their own: each makes the schema longer, which is sent with every request."""
MAX_UNIONS = 16
"""How many unions Anthropic takes in a schema."""


def offered_keys(definition: FSMDefinition, state: State) -> tuple[str, ...]:
    """Name the keys that a reply is offered: a bounded number, however many the machine has.

    They are the state's own, those that its transitions ask about, and, where other keys may be told too, those of the
    states ahead, the nearest first, and the rest of those that are declared.
    """
    asked = sorted(key for transition in definition.transitions_from(state) for key in transition.reads)
    further = (
        chain(_keys_ahead(definition, state), definition.model_keys or ()) if definition.other_keys == "all" else ()
    )
    offered: dict[str, None] = {}
    for key in chain(state.own_keys, asked, further):
        if key not in offered and is_writable(definition, key, "model"):
            offered[key] = None
        if len(offered) == MAX_OFFERED:
            break
    return tuple(offered)


def may_be_told(definition: FSMDefinition, state: State, key: str, known: Container[str] = ()) -> bool:
    """Say whether a reply in a state may write a key, given the keys that the context has already."""
    if not is_writable(definition, key, "model"):
        return False
    if definition.other_keys == "all" or key in known or key in state.own_keys:
        return True
    return any(key in each.reads for each in definition.transitions_from(state))


def entry_keys(definition: FSMDefinition, state: State) -> tuple[str, ...]:
    """Name the keys that have an entry of their own among the updates; the others are written as pairs."""
    # The list of updates is itself a union, and a pair's value may be one of any value.
    unions, entries = 1 + count_unions(any_value()), list[str]()
    for key in filter(_is_name, offered_keys(definition, state)):
        more = count_unions(key_schema(definition.declared(key)))
        if unions + more <= MAX_UNIONS and len(entries) < MAX_ENTRIES:
            unions += more
            entries.append(key)
    return tuple(entries)


def _keys_ahead(definition: FSMDefinition, state: State) -> Iterator[str]:
    """Go through the keys of the states ahead, the nearest first; where nothing is declared there are none to offer."""
    seen = {state.id: None} if definition.context is not None else {}
    # The queue grows while it is walked: breadth first, so that the nearest states come first.
    for state_id in (queue := list(seen)):
        yield from definition.states[state_id].own_keys
        near = (transition.target_state for transition in definition.transitions_from(definition.states[state_id]))
        fresh = [target for target in dict.fromkeys(near) if target not in seen][: MAX_OFFERED - len(seen)]
        seen.update(dict.fromkeys(fresh))
        queue += fresh


def _is_name(key: str) -> bool:
    # OpenAI refuses a union of objects that begin with the same key, and pairs begin with this one.
    return key != KEY and _PROPERTY_NAME.fullmatch(key) is not None


_PROPERTY_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""The names that Anthropic takes for a property; OpenAI takes more."""
