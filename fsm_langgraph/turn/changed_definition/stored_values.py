"""The stored values of a conversation, held against the declarations of today.

renamed or dropped, as `migrate` says     that first
declared, and it fits                     it stays; it is taken over where its meaning is plain: "12" is 12
declared, and it does not fit             the conversation is refused, or the value is forgotten (`drop`)
declared no more                          it stays, unless a new key looks like it under another name
a key that is new                         it has its default

A secret is judged by its value, and a token stands for what comes of it. Where the key is secret no more its value
takes the token's place. No error tells it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from fsm_langgraph.context.secret_tokens import Secret, is_token
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
                fitted[key] = _taken_over(found, place, key, value, declaration)
            except ValueError as error:
                if path in found.migration.drop:
                    forgotten.add(key)
                    found.dropped.append(path)
                else:
                    is_hidden = declaration.secret or is_token(value)
                    found.differences.append(_misfit(path, "does not fit its declaration" if is_hidden else str(error)))
    return fitted | _defaults(found, place, fitted, forgotten)


def _taken_over(
    found: Findings, place: ChangedMachine, key: str, value: JsonValue, declaration: ContextKey
) -> JsonValue:
    """Return a value as it is declared now; raise `ValueError` where it does not fit."""
    secret = _secret_of(found, place, key, value)
    if is_token(value) and secret is None and (declaration.secret or found.vault is None):
        return value
    held = secret.value if secret is not None else value
    fitted = coerce(held, declaration)
    is_same = same(fitted, held)
    if not is_same:
        found.coerced.append(f"{place.path}{key}")
    keeps_token = is_same and declaration.secret and secret is not None and secret.key == key
    return value if keeps_token else _hidden(found, key, fitted, declaration)


def _secret_of(found: Findings, place: ChangedMachine, key: str, value: JsonValue) -> Secret | None:
    """Return the secret that a token stands for; none where it was written under another key, by whom it was."""
    secret = found.vault.known.get(value) if found.vault is not None and isinstance(value, str) else None
    return secret if secret is not None and _name_now(found, place, secret.key) == key else None


def _hidden(found: Findings, key: str, value: JsonValue, declaration: ContextKey | None) -> JsonValue:
    is_secret = declaration is not None and declaration.secret
    return found.vault.token_of(key, value) if is_secret and found.vault is not None else value


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


def _misfit(path: str, reason: str) -> str:
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
            defaults[key] = _hidden(found, key, value, place.definition.declared(key))
            found.defaults.append(f"{place.path}{key}")
    return defaults
