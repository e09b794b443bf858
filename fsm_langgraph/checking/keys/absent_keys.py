"""Texts with tags over keys that may be absent: the tag is filled with nothing, and nobody is told.

It is a note, since many texts are meant to be read without the value. Left out are keys with a default, keys that code
writes, tags within a section over the key (`{{#size}} … {{/size}}`), and texts of the state that asks for the key. It
assumes that nobody takes back what was told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.keys.key_flow import KeyFlow
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import State
from fsm_langgraph.templates.template import Template

_MOST = 100
"""How many keys are looked at: each takes a walk over the machine."""


def find_absent_keys(flow: KeyFlow) -> Iterator[Finding]:
    """Note each tag in a state's texts whose key may be absent, with the states that lead there without it."""
    paths: dict[str, Mapping[str, str | None]] = {}
    for state in map(flow.definition.states.__getitem__, flow.reached):
        told = set[str]()
        for field, text in _texts(state):
            for key in sorted(Template(text).bare_names) if "{{" in text else ():
                if key in told or key in state.own_keys or not flow.can_lack(state, key):
                    continue
                told.add(key)
                if key not in paths and len(paths) == _MOST:
                    continue
                came_from = paths.setdefault(key, flow.path_without(key))
                way = _way(came_from, state.id)
                by = f", by the states {' -> '.join(map(repr, way))}" if way[1:] else ""
                message = f"the text names {key!r}, and {state.id!r} can be entered without it{by}."
                advice = f"Let a transition on the way require {key!r}, or write the tag in a section over it."
                yield Finding(at("states", state.id, field), "perhaps-absent", message, advice)


def _texts(state: State) -> Iterator[tuple[str, str]]:
    for field in ("description", "purpose", "instructions", "say"):
        yield field, getattr(state, field)


def _way(came_from: Mapping[str, str | None], state_id: str) -> list[str]:
    way: list[str] = []
    step: str | None = state_id
    while step is not None:
        way.append(step)
        step = came_from.get(step)
    return way[::-1]
