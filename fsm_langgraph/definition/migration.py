"""How conversations that were held with an earlier definition are brought over to this one.

Old names may be those of any earlier revision. A conversation that is several revisions behind is brought over at once,
so that no chain has to be followed. States and keys of sub-machines are named by their paths, `payment/card`, as these
are now.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field, JsonValue

from fsm_langgraph.definition.section import Section


class Migration(Section):
    """How conversations are brought over that were held with an earlier revision of the definition."""

    names: tuple[str, ...] = ()
    """Earlier names of the machine, whose conversations are its own."""
    states: dict[str, str] = Field(default={})
    """States that there are no more, each with the one that takes its place."""
    keys: dict[str, str] = Field(default={})
    """Keys that have another name now, each with that."""
    drop: tuple[str, ...] = ()
    """Keys whose values are forgotten: those of keys that there are no more, and values that fit no longer."""
    defaults: dict[str, JsonValue] = Field(default={})
    """Values of keys that a conversation's definition did not have; their own defaults are for new conversations."""


def joined(migrations: Iterable[tuple[str, Migration]]) -> Migration:
    """Make one migration of several, each with the prefix of its paths; the first that names something holds."""
    names: tuple[str, ...] = ()
    states: dict[str, str] = {}
    keys: dict[str, str] = {}
    drop: tuple[str, ...] = ()
    defaults: dict[str, JsonValue] = {}
    for prefix, each in migrations:
        names = names if prefix else (*names, *each.names)
        states = {**{f"{prefix}{old}": f"{prefix}{new}" for old, new in each.states.items()}, **states}
        keys = {**{f"{prefix}{old}": f"{prefix}{new}" for old, new in each.keys.items()}, **keys}
        drop = (*drop, *(f"{prefix}{key}" for key in each.drop))
        defaults = {**{f"{prefix}{key}": value for key, value in each.defaults.items()}, **defaults}
    return Migration(names=names, states=states, keys=keys, drop=drop, defaults=defaults)
