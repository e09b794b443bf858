"""Tags that no key fills: templates are checked like conditions.

A tag over a name that there is not renders as nothing, on every turn, and nobody is told. Where no keys are declared,
that is certain only of names of the machine's own. Within a section whose value may be an object or a list of objects
a name may be that of a member, so it is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from fsm_langgraph.errors import Problem
from fsm_langgraph.loading.key_names import check_read
from fsm_langgraph.templates.store_lookups import STORE
from fsm_langgraph.templates.template import Template


def check_template_keys(text: str, declared: Mapping[str, Any] | None, *, has_store: bool) -> Iterator[Problem]:
    """Find the names that a template reads and that there are not; the problems carry no path.

    Args:
        text: A template that can be read.
        declared: The declared keys, each with its declaration as it was read; `None` where nothing is declared.
        has_store: Whether tags may read from the store.
    """
    passed = {"", *([STORE] if has_store else ())}
    holds_members: list[bool] = []
    for kind, name in Template(text).tokens:
        if kind == "end":
            holds_members.pop()
            continue
        if kind not in ("section", "inverted section", "no escape"):
            continue
        root = name.split(".", 1)[0]
        may_be_member = any(holds_members)
        if kind != "no escape":
            holds_members.append(kind == "section" and (may_be_member or _may_have_members(root, declared or {})))
        if not may_be_member and root not in passed:
            passed.add(root)
            sign = {"section": "#", "inverted section": "^"}.get(kind, "")
            for problem in check_read((), root, declared):
                yield replace(problem, words=f"{{{{{sign}{name}}}}}")


def _may_have_members(key: str, declared: Mapping[str, Any]) -> bool:
    if key not in declared:
        return True  # an item of the store, or a name that is reported by itself
    declaration = declared[key]
    if not isinstance(declaration, dict):
        return True
    items = declaration.get("items") if declaration.get("type") == "array" else None
    return (items if isinstance(items, dict) else declaration).get("type") in (None, "object", "array")
