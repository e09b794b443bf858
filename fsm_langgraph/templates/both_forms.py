"""Sections in both forms, in words: for whoever writes a text whose values are not settled yet.

A section over a key that a reply may still write cannot be decided when the reply's prompt is written. So the model is
told both branches, and chooses by what it stores:

    One pizza{{#address}}, delivered to {{address}}{{/address}}{{^address}}, to be picked up{{/address}}.
    One pizza[if address is known: , delivered to {{address}}][if address is not known: , to be picked up].

    {{#hot}}hot{{/hot}}                       [if hot is yes: hot]
    {{#toppings}}{{.}}, {{/toppings}}         [for each of toppings: (the item), ]
    {{#guests}}{{name}}; {{/guests}}          [for each of guests: (the item's name); ]

Tags of such a key stay as they are, for the model to fill. Sections over settled keys are left to be decided by their
values. The words have no double quotes, as they stand in JSON. `copied_tags.py` reads them back, where a model copies
them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fsm_langgraph.definition import ContextKey, FSMDefinition
from fsm_langgraph.templates.filling import Token
from fsm_langgraph.templates.template import Template

Kind = Literal["text", "flag", "number", "list", "object", "any"]
"""How the presence of a key is told."""

OPPOSITES: Mapping[Kind, tuple[str, str]] = {
    "text": ("is known", "is not known"),
    "flag": ("is yes", "is not yes"),
    "number": ("is known and not 0", "is not known or 0"),
    "list": ("is known and not empty", "is not known or empty"),
    "object": ("is known", "is not known"),
    "any": ("is known and not no", "is not known or no"),
}
"""The two forms of each kind. A section holds for no empty value, no 0 and no `false`."""
POSITIVE, NEGATIVE = zip(*OPPOSITES.values(), strict=True)
FOR_EACH = "for each of"
ITEM = "the item"


@dataclass(frozen=True, slots=True)
class OpenKeys:
    """The keys of a template that a reply may still write."""

    kinds: Mapping[str, Kind]
    """The keys, each with its kind."""
    names: Mapping[str, str]
    """The names by which the reply writes them."""
    absent: Collection[str]
    """Those of them that are not there unless the reply writes them: their sections are decided, their tags stay."""
    keys: Collection[str]
    """All keys that there are; another name within a section means a member of its value."""


def in_both_forms(template: Template, settled: Mapping[str, Any], open_keys: OpenKeys) -> Template:
    """Return a template that tells its sections over open keys in both forms, and keeps the tags of these keys.

    Args:
        template: The template.
        settled: The values that it is going to be filled with.
        open_keys: The keys that have no value yet that is certain.
    """
    if not open_keys.kinds or template.roots.isdisjoint(open_keys.kinds):
        return template
    telling = _Telling(settled, open_keys)
    return template.rewritten([telling.told(*token) for token in template.tokens])


def kind_of_key(definition: FSMDefinition, key: str) -> Kind:
    """Say how the presence of a key is told."""
    declared = definition.declared(key)
    if declared is None or declared.type is None:
        return "text" if declared is not None and _has_texts_only(declared) else "any"
    return _KINDS.get(declared.type, "text")


_KINDS: Mapping[str, Kind] = {
    "boolean": "flag",
    "number": "number",
    "integer": "number",
    "array": "list",
    "object": "object",
}


def _has_texts_only(declared: ContextKey) -> bool:
    is_text = declared.format is not None or declared.pattern is not None
    return is_text or (declared.enum is not None and all(isinstance(value, str) for value in declared.enum))


@dataclass(frozen=True, slots=True)
class _Section:
    """A section that is open at a place in a template."""

    told: bool
    """Whether it is told in words."""
    subject: str = ""
    """The path of its value; empty where no value is meant inside of it."""
    kind: Kind = "any"
    """The kind of that."""
    value: Any = None
    """The value of a settled one."""


class _Telling:
    """Goes through the tokens of a template, and says how each is told."""

    def __init__(self, settled: Mapping[str, Any], open_keys: OpenKeys) -> None:
        self._settled = settled
        self._open = open_keys
        self._sections: list[_Section] = []

    def told(self, kind: str, name: str) -> Token:
        """Return what takes the place of a token."""
        if kind == "end":
            return ("literal", "]") if self._sections.pop().told else (kind, name)
        if kind not in ("section", "inverted section", "no escape"):
            return kind, name
        subject, presence = self._subject(name)
        if kind == "no escape":
            return (kind, name) if not subject else ("literal", _tag(subject))
        if not subject or name.partition(".")[0] in self._open.absent:
            self._sections.append(_Section(told=False, value=self._value(name) if kind == "section" else None))
            return kind, name
        yes, no = OPPOSITES[presence]
        if kind == "inverted section":
            self._sections.append(_Section(told=True))
            return "literal", f"[if {subject} {no}: "
        self._sections.append(_Section(told=True, subject=subject, kind=presence))
        return "literal", f"[{FOR_EACH} {subject}: " if presence == "list" else f"[if {subject} {yes}: "

    def _subject(self, name: str) -> tuple[str, Kind]:
        """Return the words for what a name means here, and its kind; no words where it is settled."""
        root, _, rest = name.partition(".")
        inner = [section for section in reversed(self._sections) if section.subject or section.value is not None]
        if name == ".":
            return (_within(inner[0], name), "any") if inner else ("", "any")
        if any(section.value is not None and _has_member(section.value, root) for section in inner):
            return "", "any"
        holders = [section for section in inner if section.subject and section.kind in ("list", "object", "any")]
        if holders and root not in self._open.keys:
            return _within(holders[0], name), "any"
        if root not in self._open.kinds:
            return "", "any"
        told = self._open.names.get(root, root)
        return (f"{told}.{rest}", "any") if rest else (told, self._open.kinds[root])

    def _value(self, name: str) -> Any:
        """Return the value by which a settled section is decided, or its first item."""
        for scope in (*(section.value for section in reversed(self._sections)), self._settled):
            value = scope
            for step in name.split(".") if name != "." else ():
                value = _member(value, step)
            if value is not None:
                return value
        return None


def _within(section: _Section, name: str) -> str:
    if not section.subject:
        return ""
    if section.kind == "list" or section.subject.startswith(ITEM):
        return ITEM if name == "." else f"{ITEM}'s {name}"
    return section.subject if name == "." else f"{section.subject}.{name}"


def _tag(subject: str) -> str:
    return f"({subject})" if subject.startswith(ITEM) else f"{{{{{subject}}}}}"


def _has_member(value: Any, name: str) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, Mapping) and name in item for item in items)


def _member(value: Any, name: str) -> Any:
    items = value if isinstance(value, list) else [value]
    return next((item[name] for item in items if isinstance(item, Mapping) and name in item), None)
