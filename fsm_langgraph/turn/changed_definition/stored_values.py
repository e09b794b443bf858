"""The stored values of a conversation, held against the declarations of today.

renamed or dropped, as `migrate` says     that first
declared, and it fits                     it stays; it is taken over where its meaning is plain: "12" is 12
declared, and it does not fit             the conversation is refused, or the value is forgotten (`drop`)
declared no more                          it stays, unless a new key looks like it under another name
a key that is new                         it has its default
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from fsm_langgraph.context.values import coerce, same
from fsm_langgraph.context.writes import MACHINE_PREFIX, Context
from fsm_langgraph.definition import ContextKey
from fsm_langgraph.turn.changed_definition.findings import ChangedMachine, Findings


def bring_over_values(found: Findings, place: ChangedMachine, context: Mapping[str, JsonValue]) -> Context:
    """Return a stored context as the definition of its machine wants it; note in the findings what that takes."""
    fitted: Context = {}
    forgotten: set[str] = set()
    moved = _with_their_names(found, place, context)
    for key, value in moved.items():
        declaration, path = place.definition.declared(key), f"{place.path}{key}"
        if declaration is None:
            _look_at_undeclared(found, place, key, moved)
            fitted[key] = value
        elif value is None:  # the answer "none"
            fitted[key] = None
        else:
            try:
                fitted[key] = coerce(value, declaration)
            except ValueError as error:
                if path in found.migration.drop:
                    forgotten.add(key)
                    found.dropped.append(path)
                else:
                    found.differences.append(_misfit(path, declaration, error))
            else:
                if not same(fitted[key], value):
                    found.coerced.append(path)
    return fitted | _defaults(found, place, fitted, forgotten)


def names_now(found: Findings, place: ChangedMachine, keys: Iterable[str]) -> list[str]:
    """Return keys of a machine by the names that they have now."""
    return [_name_now(found, place, key) for key in keys]


def _with_their_names(found: Findings, place: ChangedMachine, context: Mapping[str, JsonValue]) -> Context:
    """Return a context with its keys as they are named now, without those that are dropped."""
    moved: Context = {}
    for key, value in context.items():
        path, name = f"{place.path}{key}", _name_now(found, place, key)
        is_taken = name != key and (name in context or name in moved)  # what stands under the new name holds
        if is_taken or (path in found.migration.drop and place.definition.declared(key) is None):
            found.dropped.append(path)
        else:
            moved[name] = value
            if name != key:
                found.keys[path] = f"{place.path}{name}"
    return moved


def _name_now(found: Findings, place: ChangedMachine, key: str) -> str:
    renamed = found.migration.keys.get(f"{place.path}{key}")
    return renamed.removeprefix(place.path) if renamed is not None else key


def _look_at_undeclared(found: Findings, place: ChangedMachine, key: str, context: Context) -> None:
    """Note a key that is declared no more, or that looks as if it had another name now."""
    declared, path = place.definition.context, f"{place.path}{key}"
    # What was never declared is a handler's or the caller's own.
    if declared is None or key.startswith(MACHINE_PREFIX) or not found.had_key(f"{place.before}{key}"):
        return
    new = [each for each in declared if each not in context and not found.had_key(f"{place.before}{each}")]
    near = difflib.get_close_matches(key, new, n=1)
    if not near:
        found.undeclared.append(path)
        return
    advice = f"migrate: {{keys: {{{path}: {place.path}{near[0]}}}}}, or drop: [{path}] to forget it."
    fact = f"it has a value, and the key is declared no more. Is it {near[0]!r} now?"
    found.differences.append(f"context[{path!r}]: {fact}  {advice}")


def _misfit(path: str, declaration: ContextKey, error: ValueError) -> str:
    reason = "does not fit its declaration" if declaration.secret else error
    return (
        f"context[{path!r}]: its value {reason}.  migrate: {{drop: [{path}]}} forgets values that do not fit; "
        f"with defaults: {{{path}: …}} another one takes their place."
    )


def _defaults(found: Findings, place: ChangedMachine, fitted: Context, forgotten: set[str]) -> Context:
    """Return the values of keys that the conversation has never had, and of those whose values were forgotten."""
    given = {path: value for path, value in found.migration.defaults.items() if path.startswith(place.path)}
    named = (path.removeprefix(place.path) for path in given)
    own = dict.fromkeys((*place.definition.known_keys, *(key for key in named if "/" not in key)))
    defaults: Context = {}
    for key in own:
        had = found.had_key(f"{place.before}{key}")
        if key in fitted or (had and key not in forgotten):
            continue
        # Of a conversation that an earlier release has stored nobody knows whether the user has taken a value back.
        default = place.definition.defaults.get(key) if had is False or key in forgotten else None
        value = given.get(f"{place.path}{key}", default)
        if value is not None:
            defaults[key] = value
            found.defaults.append(f"{place.path}{key}")
    return defaults
