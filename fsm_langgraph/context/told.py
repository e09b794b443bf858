"""The writes of a model's reply: the values that it tells, one after the other, each held against what the user wrote.

Handlers and the caller know what they write (`writes.py`). A model may make things up, name a key that the state has
no use for, or name one key twice. All that is refused or left out is in the answer, with the reason.

    kind "key"           not here, or not by a model
    kind "value"         it does not fit, or is not in the user's words: the user is asked for it again
    kind "placeholder"   it says nothing: as if it had not been told
    kind "replaced"      another value of the same reply holds
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import Any, Literal

from pydantic import JsonValue

from fsm_langgraph.context.growth import shortened_name, too_large, within
from fsm_langgraph.context.offered_keys import may_be_told
from fsm_langgraph.context.placeholders import NO_VALUE, Told, without_placeholders
from fsm_langgraph.context.user_words import UserWords
from fsm_langgraph.context.values import coerce, same
from fsm_langgraph.context.writes import Context, Rejection, Writes, answered_none, check_writes, is_writable
from fsm_langgraph.data.composition import composed
from fsm_langgraph.data.name_signs import MAX_NAME
from fsm_langgraph.data.size_limits import UNLIMITED, Limits
from fsm_langgraph.definition import ContextKey, FSMDefinition, State


def check_told(
    definition: FSMDefinition,
    updates: Iterable[tuple[str, Any]],
    words: UserWords,
    *,
    state: State | None = None,
    known: Mapping[str, JsonValue] = MappingProxyType({}),
    limits: Limits = UNLIMITED,
) -> Writes:
    """Sort what a reply tells into what holds and what is refused.

    Args:
        definition: The definition whose declarations hold.
        updates: Pairs of a key and its value, unchecked; a `None` takes the key back.
        words: The user's own words.
        state: The state that the reply is given in; `None` where that is inside a sub-machine of the definition's.
        known: The context as it is.
        limits: How large values and the context may become.
    """
    accepted: Context = {}
    rejected: list[Rejection] = []
    for key, value in islice(updates := iter(updates), _MAX_UPDATES):
        one = _check(definition, key, value, words, state, known, limits.value)
        rejected += one.rejected
        for name, later in one.accepted.items():
            # A value that did not fit is no mistake of the user's, where the model has put it right itself.
            rejected = [replace(each, kind="replaced") if each.key == name else each for each in rejected]
            earlier = accepted.get(name)
            joined = _joined(earlier, later, definition.declared(name))
            if joined is None and earlier is not None and not same(earlier, later):
                rejected.append(Rejection(name, _REPLACED, "replaced"))
            accepted[name] = later if joined is None else joined
    collected = state.own_keys if state is not None and state.hears else ()
    none = answered_none(accepted, collected)
    kept, refused = within(limits, definition, known, accepted, "model", none=none)
    rest = sum(1 for _ in updates)
    return Writes(kept, _few([*rejected, *refused], rest), none & kept.keys())


_MAX_UPDATES = 500
"""How many writes of one reply are looked at; nobody tells more in one message."""
_MAX_REJECTED = 100
"""How many refusals are told of one reply."""


def _few(rejected: Sequence[Rejection], more: int) -> tuple[Rejection, ...]:
    """Return the refusals of a reply; of very many the first, and how many there are besides."""
    told = [
        each if len(each.key) <= MAX_NAME else replace(each, key=shortened_name(each.key))
        for each in rejected[:_MAX_REJECTED]
    ]
    if more := more + len(rejected) - len(told):
        told.append(Rejection("…", f"is one of {more:,} further ones that were refused", "key"))
    return tuple(told)


_REPLACED = "was replaced by a later one in the same reply"


def _check(
    definition: FSMDefinition,
    key: str,
    value: Any,
    words: UserWords,
    state: State | None,
    known: Mapping[str, JsonValue],
    limit: int | None,
) -> Writes:
    """Check one write."""
    key = composed(key)
    is_told = is_writable(definition, key, "model") if state is None else may_be_told(definition, state, key, known)
    if not is_told:
        if not is_writable(definition, key, "model"):
            return check_writes(definition, [(key, value)], "model")
        return _refused(key, "is under a key that this state does not ask for", "key")
    # Before anything else is done with it, which takes time.
    if limit is not None and (reason := too_large(value, limit)):
        return _refused(key, reason, "value")
    declaration = definition.declared(key)
    told = Told(definition, state, words)
    left = without_placeholders(key, value, declaration, told)
    if left is NO_VALUE:
        return _refused(key, "says nothing", "placeholder")
    writes = check_writes(definition, [(key, left)], "model", known=known)
    for name, fitted in writes.accepted.items():
        if isinstance(value, str) and isinstance(fitted, list | dict):  # it was JSON as a text
            fitted = without_placeholders(name, fitted, declaration, told)
            if fitted is NO_VALUE:
                return _refused(key, "says nothing", "placeholder")
            writes = replace(writes, accepted={name: fitted})
        if declaration is not None and declaration.grounded and not words.has_all_of(fitted, _form_of(declaration)):
            return _refused(key, "is not in what the user wrote", "value")
    return writes


def _form_of(declaration: ContextKey) -> str | None:
    """Return the format of a value, or of the items of a list."""
    return declaration.items.format if declaration.items is not None else declaration.format


def _refused(key: str, reason: str, kind: Literal["value", "key", "placeholder"]) -> Writes:
    return Writes({}, (Rejection(key, reason, kind),))


_MAX_JOINED = 1000
"""How many items a list may have to be joined; nobody tells more in one message."""


def _joined(earlier: JsonValue, later: JsonValue, declaration: ContextKey | None) -> JsonValue:
    """Join two lists in order: an item stands there as often as in that of the two which has it more often.

    Null where there are no two lists, or what they make together is too large.
    """
    if not (isinstance(earlier, list) and isinstance(later, list) and len(earlier) + len(later) <= _MAX_JOINED):
        return None
    rest, joined = [*earlier], [*earlier]
    for item in later:
        at = next((at for at, other in enumerate(rest) if same(item, other)), None)
        if at is None:
            joined.append(item)
        else:
            del rest[at]
    try:
        return coerce(joined, declaration)
    except ValueError:
        return None
