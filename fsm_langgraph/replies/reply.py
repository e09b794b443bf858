"""A reply: its target state and its updates, read from any of the forms in which models write them.

The wire form is short, because every token before the message delays it; what is not told is not written:

    {"target_state": "get_email", "updates": [{"name": "Ann"}], "message": "…"}

A key of the updates is an entry of its own, or a pair of `key` and `value`; null removes it. `reply_schema.py` writes
the form down for a provider. `read_reply` also takes keys beside the target, and LLM-FSM's nested form:

    {"transition": {"target_state": …, "context_update": {…}}, "message": …, "reasoning": …}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fsm_langgraph.data.reply_members import KEY, MESSAGE, REASONING, TARGET, UPDATES, VALUE
from fsm_langgraph.portable import Portable


class BadReply(Portable, ValueError):  # noqa: N818 - it is what the reply is
    """A reply that cannot be read; the text is the end of the sentence "your reply was refused: …"."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply without its message."""

    target_state: str
    """The state that it proposes."""
    updates: tuple[tuple[str, Any], ...]
    """The writes that it asks for, unchecked, in the order written."""
    reasoning: str = ""
    """Why, where it was asked to say."""


def read_reply(members: Mapping[str, Any]) -> Reply:
    """Read a reply in any of its forms; raise `BadReply` where it names no target state.

    A null among the updates removes the key; beside the target it says that nothing was told.
    """
    nested = members.get(_TRANSITION)
    if TARGET not in members and isinstance(nested, dict):
        members = {**members, **nested}
    target, reasoning = members.get(TARGET), members.get(REASONING)
    if not isinstance(target, str) or not target.strip():
        raise BadReply(f"it has no {TARGET!r}")
    beside = [(key, value) for key, value in members.items() if key not in FORM]
    given = [(key, value) for key, value in (*beside, *_pairs(members.get(_CONTEXT_UPDATE))) if value is not None]
    listed = (pair for name in (UPDATES, _OTHER_UPDATES) for pair in _pairs(members.get(name)))
    updates = [(key, value) for key, value in (*given, *listed) if not _is_blank(value)]
    return Reply(target[:_LONGEST_TARGET], tuple(updates), reasoning if isinstance(reasoning, str) else "")


def with_values(members: Mapping[str, Any], change: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Return a reply with another value in each of its updates.

    Args:
        members: The members of the reply, in any of its forms.
        change: Makes the value, of the key and the value that is there.
    """
    changed: dict[str, Any] = {}
    for name, member in members.items():
        if name == _TRANSITION and isinstance(member, dict):
            changed[name] = with_values(member, change)
        elif name in (UPDATES, _OTHER_UPDATES, _CONTEXT_UPDATE):
            listed = [_with_value(each, change) for each in (member if isinstance(member, list) else [member])]
            changed[name] = listed if isinstance(member, list) else listed[0]
        else:
            changed[name] = member if name in FORM else change(name, member)
    return changed


def _with_value(update: Any, change: Callable[[str, Any], Any]) -> Any:
    if not isinstance(update, dict):
        return update
    if isinstance(update.get(KEY), str) and VALUE in update:
        return {**update, VALUE: change(update[KEY], update[VALUE])}
    return {key: change(key, value) for key, value in update.items()}


def names_target(members: Mapping[str, Any]) -> bool:
    """Say whether a JSON object is a reply, in any of its forms: it has a place for the target."""
    return TARGET in members or isinstance(members.get(_TRANSITION), dict)


_LONGEST_TARGET = 1000
"""How many characters of a target are read; no state has such a name."""
_TRANSITION = "transition"
_CONTEXT_UPDATE = "context_update"
_OTHER_UPDATES = "other_updates"
FORM = frozenset({TARGET, UPDATES, _OTHER_UPDATES, MESSAGE, REASONING, _TRANSITION, _CONTEXT_UPDATE})
"""The members that are not keys, of all forms."""


def _pairs(updates: Any) -> Iterator[tuple[str, Any]]:
    """Read updates, whether they are written as objects of keys or as pairs of key and value."""
    for update in updates if isinstance(updates, list) else [updates]:
        if not isinstance(update, dict):
            continue
        if isinstance(update.get(KEY), str) and VALUE in update:
            yield update[KEY], update[VALUE]
        elif KEY not in update or update is updates:
            yield from update.items()


def _is_blank(value: Any) -> bool:
    """Say whether this is how a model writes "nothing" where the form makes it write something."""
    return isinstance(value, str) and not value.strip()
