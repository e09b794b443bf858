"""Copied tags: those of a definition that a model writes into its message, filled while the message streams.

A model is told `Say: "Nice to meet you, {{name}}!"` before it has stored the name, and some models copy that. So a tag
of a known value is filled, and a section that was told in both forms (`both_forms.py`) is decided. What cannot be
filled leaves a gap, and a fault that says why. Braces and brackets that are none of the definition's go through as they
are. Text is held back only as long as it may still be the beginning of a tag.

    feed("Hi {{na")  ->  "Hi "        feed("me}}!")  ->  "Ann!"        finish()  ->  ""
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.templates.both_forms import FOR_EACH, ITEM, NEGATIVE, POSITIVE
from fsm_langgraph.templates.written import text_of

MAX_TAG, MAX_FORM = 300, 4000
"""How many characters a tag, or a section told in words, has at most; what is longer is none."""
MAX_DEPTH = 8
"""How deep brackets nest in a section that is told in words."""
GAP = "…"
"""Stands where a tag could not be filled: with nothing there, the text around might make another tag."""


class CopiedTags:
    """Fills the tags of a definition in a text that comes in pieces.

    Args:
        roots: All that a tag of the definition may begin with; `None` for anything.
        known: The values that may be filled in.
        write: Writes a value; as people do, where it is not given.
        gap: Stands where a tag could not be filled.
    """

    def __init__(
        self,
        roots: Collection[str] | None,
        known: Mapping[str, JsonValue],
        *,
        write: Callable[[Any], str] = text_of,
        gap: str = GAP,
    ) -> None:
        self.fault = ""
        """Why the first tag that was not filled was not, as the end of a sentence about the text."""
        self._roots = roots
        self._known = known
        self._write = write
        self._gap = gap
        self._held = ""
        self._tail = ""
        """The end of what was given out, where it might be the beginning of a tag with something in between."""

    def feed(self, piece: str) -> str:
        """Take the next piece of the text; return what is certain of it."""
        if not (self._held or self._tail) and "{" not in piece and "[" not in piece:
            return piece
        return self._read(self._held + piece, is_whole=False)

    def finish(self) -> str:
        """Say that the text has ended; return what was held of it."""
        return self._read(self._held, is_whole=True)

    def fill(self, text: str) -> str:
        """Return a whole text with its tags filled."""
        return self.feed(text) + self.finish()

    def _read(self, text: str, *, is_whole: bool) -> str:
        done, at = list[str](), 0
        while at < len(text):
            sign = _SIGN.search(text, at)
            start = sign.start() if sign is not None else len(text)
            self._give(done, text[at:start])
            found = self._unit(text, start, is_whole=is_whole) if sign is not None else (start, "")
            at = start
            if found is None:
                break
            at, made = found
            self._give(done, made)
        self._held = text[at:]
        self._tail = unclosed[0] if (unclosed := _UNCLOSED.search(self._tail)) is not None else ""
        return "".join(done)

    def _give(self, done: list[str], text: str) -> None:
        done.append(text)
        self._tail = (self._tail + text[-MAX_TAG:])[-MAX_TAG:]

    def _unit(self, text: str, at: int, *, is_whole: bool) -> tuple[int, str] | None:
        """Read what begins with a brace or a bracket.

        Args:
            text: The text.
            at: Where it begins.
            is_whole: Whether the text has ended.

        Returns:
            Where it ends and what stands for it; `None` where that is certain only when more has come.
        """
        is_tag, length = text[at] == "{", len(text) - at
        match = (_TAG if is_tag else _FORM).match(text, at, at + MAX_TAG)
        if match is None or not self._is_ours(_parsed(match["name"])[1] if is_tag else match["name"]):
            may_become = match is None and length < MAX_TAG and not is_whole
            if may_become and self._is_begun(text[at:], _TAG_BEGUN if is_tag else _FORM_BEGUN):
                return None
            braces = _RUN.match(text, at)
            length = len(braces[0]) if braces is not None else 0
            after = at + max(length - 3 if length > 3 else length, 1)  # the last three may begin a tag
            return after, text[at:after]
        found = self._tag(match, text, is_whole) if is_tag else self._form(match, text)
        if found is None and not is_whole and length < MAX_FORM:
            return None
        end, made = found or (match.end(), None)
        # With the text around it, what is filled in might make a tag.
        if made is None or _UNCLOSED.search(self._tail) or "{{" in made or made.endswith("{"):
            self.fault = self.fault or f"it has {match[0].strip()!r} in it, which nothing fills here"
            made = self._gap
        return end, made

    def _tag(self, match: re.Match[str], text: str, is_whole: bool) -> tuple[int, str | None] | None:
        opened = len(match["opening"])
        if opened > len(match["closing"]) and match.end() == len(text) and not is_whole:
            return None
        kind, name = _parsed(match["name"])
        value = self._value(name) if kind in ("", "&") else _NOTHING
        end = match.start("closing") + min(opened, len(match["closing"]))
        return end, None if value is _NOTHING else self._write(value)

    def _form(self, match: re.Match[str], text: str) -> tuple[int, str | None] | None:
        end = _closing_bracket(text, match.end(), match.start() + MAX_FORM)
        if end < 0:
            return None
        body, value = text[match.end() : end], self._value(match["name"])
        if not match["each"]:
            holds = value is not _NOTHING and bool(value)
            return end + 1, self._filled_in(body) if holds == (match["is"] in POSITIVE) else ""
        return end + 1, "".join(self._of_item(body, item) for item in (value if isinstance(value, list) else ()))

    def _of_item(self, body: str, item: JsonValue) -> str:
        def told(match: re.Match[str]) -> str:
            value = _reached(item, match["path"].split(".") if match["path"] else [])
            return "" if value is _NOTHING else self._write(value)

        return self._filled_in(_ITEM.sub(told, body), item)

    def _filled_in(self, body: str, item: JsonValue = None) -> str:
        roots = None if self._roots is None else {*self._roots, ITEM}
        inner = CopiedTags(roots, {**self._known, ITEM: item}, write=self._write, gap=self._gap)
        made = inner.fill(body)
        self.fault = self.fault or inner.fault
        return made

    def _value(self, name: str) -> Any:
        return _reached(self._known, _steps(name))

    def _is_ours(self, name: str) -> bool:
        return self._roots is None or _steps(name)[0] in self._roots

    def _is_begun(self, text: str, pattern: re.Pattern[str]) -> bool:
        """Say whether a text may be the beginning of a tag of the definition's, or of a section told in words."""
        begun = pattern.fullmatch(text)
        if begun is None or self._roots is None:
            return begun is not None
        name = _BEFORE_NAME.sub("", begun["name"] or "", count=1)
        return any(root.startswith(name) or _goes_on(name, root) for root in self._roots)


_NOTHING = object()
"""Stands for a value that there is not."""
_SIGN = re.compile(r"\{(?=\{|\Z)|\[(?=[if]|\Z)")
_RUN = re.compile(r"\{*")
_UNCLOSED = re.compile(r"\{\{[^{}]*\Z|\{\Z")
_TAG = re.compile(r"(?P<opening>\{{2,3})(?!\{)(?P<name>[^{}]*)(?P<closing>\}{2,3})")
_TAG_BEGUN = re.compile(r"\{(?:\{{1,2}(?P<name>[^{}]*)\}?)?")
_BEFORE_NAME = re.compile(r"\s*[#^/&]?\s*")
_IS = "|".join(map(re.escape, sorted((*POSITIVE, *NEGATIVE), key=len, reverse=True)))
_FORM = re.compile(rf"\[(?:(?P<each>{FOR_EACH} )|if )(?P<name>[^\[\]{{}}]+?)(?(each)| (?P<is>{_IS})): ")
_FORM_BEGUN = re.compile(
    "|".join([*(rf"\[{opening[:end]}" for opening in ("if ", f"{FOR_EACH} ") for end in range(len(opening)))])
    + rf"|\[(?:if|{FOR_EACH}) (?P<name>[^\[\]{{}}]*)"
)
_ITEM = re.compile(rf"\({ITEM}(?:'s (?P<path>[^()]+))?\)")


def _parsed(inside: str) -> tuple[str, str]:
    """Return the kind of a tag and the name in it."""
    before = _BEFORE_NAME.match(inside)
    kind = before[0].strip() if before is not None else ""
    return kind, inside.strip().removeprefix(kind).strip()


def _steps(name: str) -> list[str]:
    return [step.strip() for step in name.replace(f"{ITEM}'s ", f"{ITEM}.").split(".")]


def _reached(value: Any, steps: list[str]) -> Any:
    """Follow a path into a value; a value that says nothing is none."""
    for step in steps:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _NOTHING
    return _NOTHING if value is None or value in ("", [], {}) else value


def _goes_on(name: str, root: str) -> bool:
    return name.startswith(root) and (name[len(root)] in ".':" or name[len(root)].isspace())


def _closing_bracket(text: str, at: int, limit: int) -> int:
    """Find the bracket that closes the one before this place, up to a limit; -1 where there is none."""
    depth = 1
    for bracket in _BRACKET.finditer(text, at, limit):
        depth += 1 if bracket[0] == "[" else -1
        if depth == 0:
            return bracket.start()
        if depth > MAX_DEPTH:
            return -1
    return -1


_BRACKET = re.compile(r"[\[\]]")
