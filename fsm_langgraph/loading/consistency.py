"""Faults between the parts of a definition: names that nothing has or that are taken, contradictions.

The checks read the raw data and take nothing for granted, so that a misspelt field in one state does not hide
a missing target in another. What they find is certain: a definition without these faults may still be unwise,
but it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.errors import Problem, suggest
from fsm_langgraph.loading.check_section import check_acceptances
from fsm_langgraph.loading.condition_fields import check_condition
from fsm_langgraph.loading.declarations import check_declarations
from fsm_langgraph.loading.key_names import check_declared, key_fault
from fsm_langgraph.loading.migrate_section import check_migrate
from fsm_langgraph.loading.name_faults import check_names
from fsm_langgraph.loading.raw_data import Object, objects, strings
from fsm_langgraph.loading.store_section import INSTRUCTIONS, check_lookups
from fsm_langgraph.loading.subflow_fields import check_subflow_fields
from fsm_langgraph.loading.template_keys import check_template_keys
from fsm_langgraph.templates.template import check_template

LANGGRAPH_NAMES = ("configurable", "checkpoint_ns", "checkpoint_id", "checkpoint_map")
"""Names that LangGraph refuses for a node, beside some that start with two underscores."""

MOST_GLOBALS = 200
"""How many global transitions a definition may have, which every state's prompt lists."""


def check_consistency(data: JsonValue) -> Iterator[Problem]:
    """Find every fault between the parts of a definition."""
    root = _object(data)
    states = _object(root.get("states"))
    context = root.get("context")
    declared = context if isinstance(context, dict) else None
    has_store = isinstance(root.get("store"), dict)

    initial = root.get("initial_state")
    if isinstance(initial, str) and states and initial not in states:
        yield Problem("initial_state", "unknown-initial-state", *_no_state(initial, states))
    yield from _templates((), root, declared, "persona", "fallback_message", has_store=has_store)
    yield from _number_of_globals(root.get("global_transitions"))
    for index, transition in objects(root.get("global_transitions")):
        yield from _transition(("global_transitions", index), transition, states, declared)
    for name, inner in _object(root.get("subflows")).items():
        yield from (problem.below(at("subflows", name)) for problem in check_consistency(inner))
    yield from check_names(root)
    yield from check_declarations(declared or {})
    yield from check_lookups(root)
    yield from check_migrate(root)
    yield from check_acceptances(root)
    for state_id, raw in states.items():
        yield from _identity(state_id, raw)
        if isinstance(raw, dict):
            yield from _keys(state_id, raw, declared)
            yield from _tools(state_id, raw)
            yield from _contradictions(state_id, raw, declared)
            yield from check_subflow_fields(state_id, raw, root)
            texts = ("description", "purpose", "say", *INSTRUCTIONS)
            yield from _templates(("states", state_id), raw, declared, *texts, has_store=has_store)
            for index, transition in objects(raw.get("transitions")):
                steps = ("states", state_id, "transitions", index)
                yield from _transition(steps, transition, states, declared)


def _number_of_globals(raw: Any) -> Iterator[Problem]:
    """Check that there are not so many that every state has to have a list of thousands."""
    if isinstance(raw, list) and len(raw) > MOST_GLOBALS:
        message = f"there are {len(raw):,} global transitions, and at most {MOST_GLOBALS} can be told in every state."
        yield Problem("global_transitions", "too-many-transitions", message, "Lead to states that tell them apart.")


def _identity(state_id: str, raw: Any) -> Iterator[Problem]:
    if reason := _reserved(state_id):
        yield Problem(at("states", state_id), "reserved-name", reason, "Choose another id for this state.")
    given = _object(raw).get("id")
    if isinstance(given, str) and given != state_id:
        message = f"the id {given!r} stands under the key {state_id!r}."
        advice = "Make them the same: transitions name the key."
        yield Problem(at("states", state_id, "id"), "id-mismatch", message, advice)


def _reserved(state_id: str) -> str:
    if not state_id:
        return "a state needs an id that is not empty."
    for sign in "|:":
        if sign in state_id:
            return f"LangGraph refuses {sign!r} in the name of a node: {state_id!r}."
    if state_id.startswith("__") or state_id in LANGGRAPH_NAMES:
        return f"LangGraph keeps the name {state_id!r} for itself."
    return ""


def _transition(steps: Steps, raw: Object, states: Object, declared: Object | None) -> Iterator[Problem]:
    target = raw.get("target_state")
    if isinstance(target, str) and target not in states:
        yield Problem(at(*steps, "target_state"), "unknown-target", *_no_state(target, states))
    elif isinstance(target, str) and raw.get("handoff") is not None:
        yield from _waiting(steps, target, _object(states.get(target)))
    for index, condition in objects(raw.get("conditions")):
        yield from check_condition((*steps, "conditions", index), condition, declared)


def _waiting(steps: Steps, target: str, raw: Object) -> Iterator[Problem]:
    """Check that the machine can wait in the target of a transition that hands the user over."""
    is_final = not raw.get("transitions")
    if is_final or (raw.get("silent") is not True and raw.get("listens") is not False):
        return
    kind = "silent" if raw.get("silent") is True else "a step of thought"
    message = (
        f"the machine waits in {target!r} while another agent has the user, and no turn can rest there: it is {kind}."
    )
    advice = "Lead to a state that hears the user, or to a final one."
    yield Problem(at(*steps, "handoff"), "contradiction", message, advice)


def _keys(state_id: str, raw: Object, declared: Object | None) -> Iterator[Problem]:
    """Check the four lists of context keys that a state has."""
    collected: set[str] = set()
    for field in ("required_context_keys", "optional_context_keys"):
        for index, key in strings(raw.get(field)):
            path = at("states", state_id, field, index)
            if key in collected:
                yield Problem(path, "duplicate-key", f"the key {key!r} is listed twice in this state.")
            collected.add(key)
            writer = _object((declared or {}).get(key)).get("written_by")
            if writer in ("handler", "caller"):
                message = f"the model cannot collect {key!r}: only the {writer} writes it."
                yield Problem(path, "unwritable-key", message, "Remove it here, or change its 'written_by'.")
    for field in ("required_context_keys", "optional_context_keys", "visible_context_keys", "forget"):
        for index, key in strings(raw.get(field)):
            if field != "visible_context_keys" and (reason := key_fault(key)):
                yield Problem(at("states", state_id, field, index), "reserved-name", reason)
            yield from check_declared(("states", state_id, field, index), key, declared)


def _tools(state_id: str, raw: Object) -> Iterator[Problem]:
    """Check the names of tools; whether there are such tools is known only where they are given."""
    named: set[str] = set()
    for index, name in strings(raw.get("tools")):
        if name in named:
            path = at("states", state_id, "tools", index)
            yield Problem(path, "duplicate-tool", f"the tool {name!r} is listed twice in this state.")
        named.add(name)


def _contradictions(state_id: str, raw: Object, declared: Object | None) -> Iterator[Problem]:
    """Find what cannot be meant: each of these parts makes another one void."""
    if raw.get("silent") is True:
        if raw.get("listens") is False:
            message = "a silent state calls no model, so it cannot be a step of thought as well."
            yield Problem(at("states", state_id, "listens"), "contradiction", message, _PICK)
        for field in ("required_context_keys", "optional_context_keys"):
            if raw.get(field):
                message = "a silent state calls no model, so nobody collects these keys."
                yield Problem(at("states", state_id, field), "contradiction", message, _PICK)
        if raw.get("tools"):
            message = "a silent state calls no model, so nobody calls these tools."
            yield Problem(at("states", state_id, "tools"), "contradiction", message, _PICK)
    if raw.get("listens") is False and raw.get("say"):
        message = "no turn rests in a step of thought, so these words are never said."
        advice = "Let the state that it leads to say them, or a silent one between."
        yield Problem(at("states", state_id, "say"), "contradiction", message, advice)
    for index, key in strings(raw.get("visible_context_keys")):
        if _object((declared or {}).get(key)).get("secret") is True:
            message = f"the key {key!r} is secret, so it is never shown to the model."
            path = at("states", state_id, "visible_context_keys", index)
            yield Problem(path, "contradiction", message, _PICK)


_PICK = "Keep one of the two."


def _templates(steps: Steps, raw: Object, declared: Object | None, *fields: str, has_store: bool) -> Iterator[Problem]:
    for field in fields:
        text = raw.get(field)
        if not isinstance(text, str):
            continue
        problems = check_template(text, is_closed=declared is not None)
        problems = problems or [*check_template_keys(text, declared, has_store=has_store)]
        yield from (problem.below(at(*steps, field)) for problem in problems)


def _no_state(name: str, states: Object) -> tuple[str, str]:
    return f"no state is named {name!r}.", suggest(name, states, noun="states")


def _object(value: Any) -> Object:
    return value if isinstance(value, dict) else {}
