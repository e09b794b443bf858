"""Faults of the `store` section and of its readers: lookups that cannot be made, and tags that no lookup fills.

Only a definition with a `store` section is looked at; in any other one `store` is a context key like the next. The
checks read the raw data, so that a fault of shape hides nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.errors import Problem, suggest
from fsm_langgraph.loading.key_names import check_read
from fsm_langgraph.loading.raw_data import Object, items
from fsm_langgraph.logic import check_logic, variables
from fsm_langgraph.templates.store_lookups import STORE, label_fault, names_read
from fsm_langgraph.templates.template import Template, check_template

INSTRUCTIONS = ("instructions", "response_instructions", "extraction_instructions")
"""The fields of a state that tell the model how to go about it."""
LOOKUP_NAME = r"^[^\s.{}]+$"
"""The names that can follow `store.` in a tag."""


def check_lookups(root: Object) -> Iterator[Problem]:
    """Find what is wrong with the lookups of a definition, and with what reads them."""
    name = root.get("name")
    if root.get("live_instructions") is True and isinstance(name, str) and (fault := label_fault(name)):
        message = f"with live instructions the name is a label of their namespace, and {name!r} {fault}."
        yield Problem("name", "bad-lookup", message, "Choose another name.")
    lookups = root.get("store")
    if not isinstance(lookups, dict):
        return
    context = root.get("context")
    for name, raw in lookups.items():
        if not re.fullmatch(LOOKUP_NAME, name):
            message = f"no tag can name the lookup {name!r}."
            yield Problem(at("store", name), "bad-lookup", message, "Use no periods, braces or spaces.")
        if isinstance(raw, dict):
            yield from _lookup(("store", name), raw, context if isinstance(context, dict) else None)
    yield from _taken_names(root)
    for path, text in _templates(root):
        for name in sorted(names_read(Template(text)) - lookups.keys() - {""}):
            message = f"the template reads 'store.{name}', and no lookup is named {name!r}."
            yield Problem(path, "unknown-lookup", message, suggest(name, lookups, noun="lookups"))


def _lookup(steps: Steps, raw: Object, declared: Object | None) -> Iterator[Problem]:
    namespace = raw.get("namespace")
    if namespace == []:
        message = "is empty: it needs a label at least, which leads to the item."
        yield Problem(at(*steps, "namespace"), "bad-lookup", message)
    for index, label in enumerate(namespace if isinstance(namespace, list) else ()):
        if isinstance(label, str):
            label_steps = (*steps, "namespace", index)
            template, problems = _part(label_steps, label, declared)
            yield from problems
            if template is not None and (fault := _label_fault(template, is_first=index == 0)):
                yield Problem(at(*label_steps), "bad-lookup", f"the label {label!r} {fault}.", "Choose another label.")
    if isinstance(key := raw.get("key"), str):
        yield from _part((*steps, "key"), key, declared)[1]
        if not key:
            yield Problem(at(*steps, "key"), "bad-lookup", "is empty: it names the item.")


def _part(steps: Steps, text: str, declared: Object | None) -> tuple[Template | None, list[Problem]]:
    """Check one of the templates of which the store key is made, and return it if it can be read."""
    path = at(*steps)
    if problems := check_template(text, is_closed=declared is not None):
        return None, [problem.below(path) for problem in problems]
    template = Template(text)
    if template.has_sections or "." in template.paths:
        message = "a place is made of values alone, not of sections or of the whole context."
        return template, [Problem(path, "bad-lookup", message, "Name keys of the context, as in {{customer_id}}.")]
    if STORE in template.names:
        message = "a place is made of the context, not of what another lookup finds."
        return template, [Problem(path, "bad-lookup", message, "Let a handler put what it needs into the context.")]
    return template, [problem for key in sorted(template.names) for problem in check_read(steps, key, declared)]


def _label_fault(template: Template, *, is_first: bool) -> str:
    if is_first and template.literal == "langgraph" and not template.paths:
        return "is LangGraph's own"
    # A tag fills the label, so that nothing beside tags is no fault; the sign stands for what they will give.
    return label_fault(template.literal or ("…" if template.paths else ""))


def _taken_names(root: Object) -> Iterator[Problem]:
    """Find context keys of the name `store`: templates could not show them, and conditions cannot read the lookups."""
    for path, keys in _keys(root):
        if STORE in keys:
            message = "'store' is what the lookups find, so it is no key of the context."
            yield Problem(path, "reserved-name", message, "Templates alone read the store; rename a key of this name.")


def _keys(root: Object) -> Iterator[tuple[str, set[str]]]:
    """Yield each path at which context keys are named, with the keys."""
    if isinstance(context := root.get("context"), dict) and STORE in context:
        yield at("context", STORE), {STORE}
    for steps, state in _states(root):
        for field in ("required_context_keys", "optional_context_keys", "visible_context_keys", "forget"):
            for index, key in items(state.get(field)):
                if isinstance(key, str):
                    yield at(*steps, field, index), {key}
        for field in ("inputs", "outputs"):
            if isinstance(given := state.get(field), dict):
                yield from ((at(*steps, field, key), {outer}) for key, outer in given.items() if isinstance(outer, str))
            for index, key in items(given):
                if isinstance(key, str):
                    yield at(*steps, field, index), {key}
    for steps, condition in _conditions(root):
        for field in ("requires_context_keys", "answered_context_keys", "confirms"):
            for index, key in items(condition.get(field)):
                if isinstance(key, str):
                    yield at(*steps, field, index), {key.split(".", 1)[0]}
        logic = condition.get("logic")
        if logic is not None and not check_logic(logic):
            yield at(*steps, "logic"), {path.split(".", 1)[0] for path in variables(logic)}


def _conditions(root: Object) -> Iterator[tuple[Steps, Object]]:
    holders: list[tuple[Steps, Any]] = [
        ((*steps, "transitions"), raw.get("transitions")) for steps, raw in _states(root)
    ]
    for steps, transitions in [(("global_transitions",), root.get("global_transitions")), *holders]:
        for index, transition in items(transitions):
            for position, condition in items(transition.get("conditions") if isinstance(transition, dict) else None):
                if isinstance(condition, dict):
                    yield (*steps, index, "conditions", position), condition


def _templates(root: Object) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each template that can be read."""
    parts: list[tuple[Steps, Object, tuple[str, ...]]] = [((), root, ("persona", "fallback_message"))]
    parts += [(steps, state, ("description", "purpose", "say", *INSTRUCTIONS)) for steps, state in _states(root)]
    for steps, part, fields in parts:
        for field in fields:
            if isinstance(text := part.get(field), str) and not check_template(text):
                yield at(*steps, field), text


def _states(root: Object) -> list[tuple[Steps, Object]]:
    states = root.get("states")
    return [
        (("states", key), raw)
        for key, raw in (states if isinstance(states, dict) else {}).items()
        if isinstance(raw, dict)
    ]
