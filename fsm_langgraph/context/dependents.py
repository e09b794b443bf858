"""Dependent keys: a value is stale where a key that it depends on has changed (`depends_on`).

A hotel in Rome is none once the city is Paris. What is stale takes its default, and where that is another value, what
depends on it in turn is stale too.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from pydantic import JsonValue

from fsm_langgraph.context.values import same
from fsm_langgraph.definition import FSMDefinition


def stale_keys(
    definition: FSMDefinition,
    before: Mapping[str, JsonValue],
    context: Mapping[str, JsonValue],
    written: Container[str],
    answered: Container[str] = (),
) -> dict[str, JsonValue]:
    """Return the keys that are stale, each with the default that it takes, null where it has none.

    Args:
        definition: The definition that declares them.
        before: The context when the turn began.
        context: The context now.
        written: The keys that the turn has written anew, which stay as they are.
        answered: The keys that have their default's value since somebody has written it.
    """
    now, found = context, dict[str, JsonValue]()
    for key, needed in definition.dependents.items():
        if key in written or all(same(before.get(each), now.get(each)) for each in needed):
            continue
        default = definition.defaults.get(key)
        is_default = same(now.get(key), default) and (key in now) is (default is not None)
        if not is_default or key in answered:
            found[key] = default
            now = {**now, key: default}
    return found
