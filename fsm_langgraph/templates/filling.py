"""Filling a template: its tokens, made a tree once, are gone through with the values, up to a limit.

Sections in sections over one list multiply: six over forty items make four billion. So what a template makes, and the
steps that it takes, are counted, and `OverfullError` ends it. Whose turn it is tells which template that was
(`TemplateLimit`).

The meaning of each token is that of LangChain's renderer: the nearest scope that has a name fills it, a falsy scope
leaves out what is inside of it, and a list is gone through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fsm_langgraph.portable import Portable

MAX_FILLED = 64_000
"""How many characters a filled template has at most."""
MAX_STEPS = 100_000
"""How many of its parts are filled at most, each as often as its section is repeated."""

Token = tuple[str, str]
"""A part of a template: its kind, as LangChain's tokenizer names it, and its text or name."""
Steps = tuple[str, ...]
"""The steps of a path into the values; none for the value of the section around."""
Node = tuple[str, str, Steps, tuple["Node", ...]]
"""A part with those inside of it: its kind, its text, its path, and the parts."""

SECTIONS: Final = ("section", "inverted section")


class OverfullError(Portable, ValueError):
    """A template that would make more than the limits allow; `place` is where it stands in the definition."""

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(f"{place or 'the template'} makes more than {MAX_FILLED:,} characters when it is filled")


def tree(tokens: Sequence[Token]) -> tuple[Node, ...]:
    """Return the parts of a template with those inside of a section under it."""
    levels: list[list[Node]] = [[]]
    opened: list[tuple[str, str]] = []
    for kind, name in tokens:
        if kind in SECTIONS:
            opened.append((kind, name))
            levels.append([])
        elif kind == "end":
            section, path = opened.pop()
            inside = tuple(levels.pop())
            levels[-1].append((section, "", _steps(path), inside))
        elif kind == "literal":
            levels[-1].append((kind, name, (), ()))
        elif kind == "no escape":
            levels[-1].append((kind, "", _steps(name), ()))
    return tuple(levels[0])


def filled(nodes: Sequence[Node], values: Mapping[str, Any], place: str) -> str:
    """Return the text of a template with the values filled in.

    Raises:
        OverfullError: It would be longer, or take more steps, than the limits allow.
    """
    filling = _Filling(place)
    filling.go_through(nodes, (values,))
    return "".join(filling.parts)


class _Filling:
    def __init__(self, place: str) -> None:
        self.parts: list[str] = []
        self._place = place
        self._room = MAX_FILLED
        self._steps = MAX_STEPS
        self._texts: dict[int, str] = {}
        """The texts of lists and objects, which take a while to write, by their identities."""

    def go_through(self, nodes: Sequence[Node], scopes: tuple[Any, ...]) -> None:
        """Fill some parts; the scope nearest to them comes first."""
        self._steps -= len(nodes)
        if self._steps < 0:
            raise OverfullError(self._place)
        for kind, text, path, inside in nodes:
            if kind == "literal":
                self._add(text)
                continue
            value = _found(path, scopes)
            if kind == "no escape":
                self._add(self._text(value))
            elif kind == "inverted section":
                if not value:
                    self.go_through(inside, (True, *scopes))
            elif isinstance(value, list | tuple):
                self._steps -= len(value)
                for item in value:
                    if item:
                        self.go_through(inside, (item, *scopes))
            elif value:
                self.go_through(inside, (value, *scopes))

    def _add(self, text: str) -> None:
        self._room -= len(text)
        if self._room < 0:
            raise OverfullError(self._place)
        self.parts.append(text)

    def _text(self, value: Any) -> str:
        if isinstance(value, list | dict):
            if id(value) not in self._texts:
                self._texts[id(value)] = str(value)
            return self._texts[id(value)]
        return value if isinstance(value, str) else str(value)


def _steps(name: str) -> Steps:
    return () if name == "." else tuple(name.split("."))


def _found(path: Steps, scopes: tuple[Any, ...]) -> Any:
    """Return what a path leads to in the nearest scope that has it; what says nothing is no text."""
    if not path:
        return scopes[0]
    for scope in scopes:
        value = scope
        for step in path:
            if not isinstance(value, bool | int | float) or value:
                value = _member(value, step)
            if value is _MISSING:
                break
        else:
            return value if isinstance(value, bool | int | float) else value or ""
    return ""


_MISSING: Final = object()


def _member(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(step, _MISSING)
    if isinstance(value, list | tuple):
        try:
            return value[int(step)]
        except (ValueError, IndexError):
            return _MISSING
    return _MISSING
