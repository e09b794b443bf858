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

_MOST_WALKED = 10
"""For how many keys a way is looked for: each takes a walk over the machine."""
_MOST_TOLD = 6
"""How many states of a way are told."""


def find_absent_keys(flow: KeyFlow) -> Iterator[Finding]:
    """Note each tag in a state's texts whose key may be absent, with the states that lead there without it."""
    paths = _PathsWithout(flow)
    for state in map(flow.definition.states.__getitem__, flow.reached):
        told = set[str]()
        for field, text in _texts(state):
            for key in sorted(Template(text).bare_names) if "{{" in text else ():
                if key not in told and key not in state.own_keys and flow.can_lack(state, key):
                    told.add(key)
                    message = (
                        f"the text names {key!r}, and {state.id!r} can be entered without it{paths.told(key, state)}."
                    )
                    advice = f"Let a transition on the way require {key!r}, or write the tag in a section over it."
                    path = at("states", state.id, field)
                    yield Finding(path, "perhaps-absent", message, advice, words=f"{{{{{key}}}}}")


def _texts(state: State) -> Iterator[tuple[str, str]]:
    for field in ("description", "purpose", "instructions", "say"):
        yield field, getattr(state, field)


class _PathsWithout:
    """The states by which a conversation comes to others without a key."""

    def __init__(self, flow: KeyFlow) -> None:
        self._flow = flow
        self._walked: dict[str, Mapping[str, str | None]] = {}

    def told(self, key: str, state: State) -> str:
        """Tell the shortest way to a state without a key, as the end of a sentence."""
        if key not in self._walked and len(self._walked) < _MOST_WALKED:
            self._walked[key] = self._flow.path_without(key)
        came_from = self._walked.get(key, {})
        way: list[str] = []
        step: str | None = state.id if state.id in came_from else None
        while step is not None:
            way.append(step)
            step = came_from[step]
        names = [*map(repr, reversed(way))]
        if len(names) > _MOST_TOLD:
            names[_MOST_TOLD // 2 : -_MOST_TOLD // 2] = ["…"]
        return f", by the states {' -> '.join(names)}" if names[1:] else ""
