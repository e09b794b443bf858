"""Faults of the `migrate` section: new names that nothing has, and old ones that are in use.

An old name that is in use could not be told from the new thing of this name: a conversation would be brought over
again at each change of the definition. The checks read the raw data, with the sub-machines in it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from fsm_langgraph.data.json_data import at
from fsm_langgraph.errors import Problem, suggest
from fsm_langgraph.loading.declarations import misfit_of
from fsm_langgraph.loading.key_names import key_fault
from fsm_langgraph.loading.raw_data import Object, strings

_FIELD = "migrate"


def check_migrate(root: Object) -> Iterator[Problem]:
    """Find what is wrong with the `migrate` section of a definition."""
    raw = root.get(_FIELD)
    if not isinstance(raw, dict):
        return
    machines = dict(_machines(root, ""))
    known = frozenset(_known_keys(machines))
    for index, name in strings(raw.get("names")):
        if name == root.get("name"):
            message = f"{name!r} is the machine's name now."
            yield Problem(at(_FIELD, "names", index), "contradiction", message, "Name earlier ones only.")
    yield from _states(_texts(raw.get("states")), machines)
    renamed = _texts(raw.get("keys"))
    yield from _keys(renamed, machines, known)
    yield from _drop(raw, renamed, machines, known)
    yield from _defaults(raw.get("defaults"), machines)


def _states(renamed: Mapping[str, str], machines: Mapping[str, Object]) -> Iterator[Problem]:
    known = {f"{prefix}{state}": raw for prefix, machine in machines.items() for state, raw in _states_of(machine)}
    for old, new in renamed.items():
        place = at(_FIELD, "states", old)
        if old in known:
            message = f"{old!r} is a state still, so that conversations in it cannot be told from earlier ones."
            yield Problem(place, "contradiction", message, "Name states that there are no more.")
        if new not in known:
            message, advice = f"no state is named {new!r}.", suggest(new, known, noun="states")
            yield Problem(place, "unknown-target", message, advice)
        elif _prefix(old, machines) != _prefix(new, machines):
            message = f"{old!r} and {new!r} are not of the same machine, so what is known in one is not in the other."
            advice = "Name a state of the same machine; a path is written as it is now, with the states' new names."
            yield Problem(place, "contradiction", message, advice)
        elif kind := _restless(known[new]):
            message = f"no conversation can wait in {new!r}: it is {kind}."
            yield Problem(place, "contradiction", message, "Name a state that hears the user, or a final one.")


def _keys(renamed: Mapping[str, str], machines: Mapping[str, Object], known: Container[str]) -> Iterator[Problem]:
    for old, new in renamed.items():
        place = at(_FIELD, "keys", old)
        in_use = [*_of_today(place, old, known)]
        yield from in_use
        if old in renamed.values() and not in_use:  # where nothing is declared nobody else says that it is in use
            message = f"{old!r} is the new name of a key, so that what is stored under it cannot be told from what was."
            yield Problem(place, "contradiction", message, "Lead every old name to the one that is in use now.")
        prefix, name = _split(new, machines)
        if prefix != _prefix(old, machines):
            message = f"{old!r} and {new!r} are not keys of the same machine."
            advice = "Name keys of one machine; a path is written as it is now, with the states' new names."
            yield Problem(place, "contradiction", message, advice)
        elif reason := key_fault(name):
            yield Problem(place, "reserved-name", reason)
        else:
            yield from _undeclared(place, new, machines)


def _drop(
    raw: Object, renamed: Container[str], machines: Mapping[str, Object], known: Container[str]
) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, key in strings(raw.get("drop")):
        place = at(_FIELD, "drop", index)
        if key in seen:
            yield Problem(place, "duplicate-key", f"the key {key!r} is listed twice.")
        seen.add(key)
        if key in renamed:
            message = f"{key!r} has another name now, and is dropped."
            yield Problem(place, "contradiction", message, "Keep one of the two.")
        prefix, _ = _split(key, machines)
        if not isinstance(machines[prefix].get("context"), dict):  # of declared keys it drops what does not fit
            yield from _of_today(place, key, known)


def _defaults(raw: Any, machines: Mapping[str, Object]) -> Iterator[Problem]:
    for key, value in raw.items() if isinstance(raw, dict) else ():
        place = at(_FIELD, "defaults", key)
        prefix, name = _split(key, machines)
        if reason := key_fault(name):
            yield Problem(place, "reserved-name", reason)
            continue
        yield from _undeclared(place, key, machines)
        declared = machines[prefix].get("context")
        declaration = declared.get(name) if isinstance(declared, dict) else None
        if value is not None and isinstance(declaration, dict) and (misfit := misfit_of(value, declaration)):
            yield Problem(place, "bad-declaration", misfit)


def _of_today(place: str, key: str, known: Container[str]) -> Iterator[Problem]:
    """Find an old name of a key that is in use."""
    if key in known:
        message = f"{key!r} is a key still, so that what is stored under it cannot be told from what was."
        yield Problem(place, "contradiction", message, "Name keys that there are no more.")


def _undeclared(place: str, key: str, machines: Mapping[str, Object]) -> Iterator[Problem]:
    prefix, name = _split(key, machines)
    declared = machines[prefix].get("context")
    if isinstance(declared, dict) and name not in declared:
        advice = suggest(key, [f"{prefix}{each}" for each in declared], noun="declared keys")
        yield Problem(place, "undeclared-key", f"the key {key!r} is not declared in 'context'.", advice)


def _known_keys(machines: Mapping[str, Object]) -> Iterator[str]:
    for prefix, machine in machines.items():
        declared = machine.get("context")
        if isinstance(declared, dict):
            yield from (f"{prefix}{key}" for key in declared)
            continue
        for _, state in _states_of(machine):
            for field in ("required_context_keys", "optional_context_keys"):
                yield from (f"{prefix}{key}" for _, key in strings(state.get(field)))


def _machines(root: Object, prefix: str) -> Iterator[tuple[str, Object]]:
    """Yield a definition and those that its states run, each with the prefix of its paths."""
    yield prefix, root
    inside = root.get("subflows")
    for state, raw in _states_of(root):
        inner = inside.get(raw.get("subflow")) if isinstance(inside, dict) else None
        if isinstance(inner, dict):
            yield from _machines(inner, f"{prefix}{state}/")


def _states_of(machine: Object) -> Iterator[tuple[str, Object]]:
    states = machine.get("states")
    return (
        (state, raw) for state, raw in (states.items() if isinstance(states, dict) else ()) if isinstance(raw, dict)
    )


def _restless(raw: Object) -> str:
    if not raw.get("transitions") or raw.get("subflow") is not None:
        return ""
    return "silent" if raw.get("silent") is True else "a step of thought" if raw.get("listens") is False else ""


def _split(path: str, machines: Mapping[str, Object]) -> tuple[str, str]:
    prefix = _prefix(path, machines)
    return prefix, path.removeprefix(prefix)


def _prefix(path: str, machines: Mapping[str, Object]) -> str:
    """Return the prefix of the machine that a path leads into: the longest that it begins with."""
    ends = (at + 1 for at in range(len(path) - 1, -1, -1) if path[at] == "/")
    return next((path[:end] for end in ends if path[:end] in machines), "")


def _texts(value: Any) -> dict[str, str]:
    return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}
