"""The updates that a state asks for: the keys, their meanings, and the form of an update of each.

Keys are told as one JSON object, `{"name": "The user's full name", "size": {"enum": […], "description": …}}`, in
words where these are enough. The schema of the reply has their types and choices only, as not every provider shows it
to the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fsm_langgraph.context.offered_keys import entry_keys, offered_keys
from fsm_langgraph.context.writes import is_writable
from fsm_langgraph.definition import ContextKey, FSMDefinition, State
from fsm_langgraph.prompts.escaping import to_json
from fsm_langgraph.prompts.wording import (
    KNOWN_KEYS_RULE,
    OTHER_KEYS,
    PAIR,
    PAIRED_KEYS,
    REPLACED_WHOLE_RULE,
    updates_rule,
)


def keys_section(definition: FSMDefinition, state: State, outside: Mapping[str, FSMDefinition]) -> str:
    """Describe the keys that a reply may write: the state's own, others, and those that are written as pairs.

    Args:
        definition: The definition that the state belongs to.
        state: The state.
        outside: The keys of the machines around that may be told here too, with the definitions that they are of.
    """
    others = described(definition, _others(definition, state, have_entries=True))
    shapes = {key: _shape(outer.declared(key)) for key, outer in outside.items()}
    shapes |= {key: _shape(definition.declared(key)) for key in _others(definition, state, have_entries=False)}
    lines = [
        keys_to_collect(definition, state),
        f"{OTHER_KEYS} {others}" if others else "",
        f"{PAIRED_KEYS} {to_json(_shortened(shapes))}" if shapes else "",
    ]
    return "\n".join(filter(None, lines))


def keys_to_collect(definition: FSMDefinition, state: State) -> str:
    """Describe the state's own keys."""
    return described(definition, state.own_keys, optional=frozenset(state.optional_context_keys))


def example_updates(definition: FSMDefinition, state: State, *, has_outside: bool = False) -> list[str]:
    """Write examples of updates: those of the state's own keys, or of one of the others.

    Args:
        definition: The definition that the state belongs to.
        state: The state.
        has_outside: Whether keys of the machines around may be told here too.
    """
    if definition.model_keys == ():
        return [PAIR] if has_outside else []
    entries = entry_keys(definition, state)
    own = [key for key in state.own_keys if is_writable(definition, key, "model")] or entries[:1]
    return [_example(to_json(key), has_entry=key in entries) for key in own] or [PAIR]


def update_rules(definition: FSMDefinition, state: State, outside: Mapping[str, FSMDefinition]) -> list[str]:
    """Write the rules of noting, one after another; none where a reply can write no key.

    Args:
        definition: The definition that the state belongs to.
        state: The state.
        outside: The keys of the machines around that may be told here too, with the definitions that they are of.
    """
    if definition.model_keys == () and not outside:
        return []
    rules = [updates_rule(state, takes_any=_takes_any(definition))]
    offered = offered_keys(definition, state)
    if _takes_any(definition):
        return [" ".join(rules)]
    if any(_is_compound(definition.declared(key)) for key in offered):
        rules.append(REPLACED_WHOLE_RULE)
    if definition.model_keys is None or len(definition.model_keys) > len(offered):
        rules.append(KNOWN_KEYS_RULE)
    return [" ".join(rules)]


def _others(definition: FSMDefinition, state: State, *, have_entries: bool) -> list[str]:
    """Name the keys besides the state's own that are listed."""
    if _takes_any(definition):
        return []
    entries, offered = frozenset(entry_keys(definition, state)), offered_keys(definition, state)
    writable = offered if definition.model_keys is None else [key for key in definition.model_keys if key in offered]
    return [key for key in writable if key not in state.own_keys and (key in entries) == have_entries]


def _takes_any(definition: FSMDefinition) -> bool:
    """Say whether a reply may write a fact under any name."""
    return definition.model_keys is None and definition.other_keys == "all"


def _is_compound(declaration: ContextKey | None) -> bool:
    return declaration is not None and declaration.type in ("array", "object")


def described(definition: FSMDefinition, keys: Iterable[str], *, optional: frozenset[str] = frozenset()) -> str:
    """Describe keys as JSON; "" where there are none.

    Args:
        definition: The definition that may declare them.
        keys: The keys.
        optional: Those among them that the conversation does not wait for.
    """
    told = {key: _shape(definition.declared(key), is_optional=key in optional) for key in keys}
    return to_json(_shortened(told)) if told else ""


def _shortened(shapes: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Tell a key in words where these are enough."""
    return {key: shape["description"] if shape.keys() == {"description"} else shape for key, shape in shapes.items()}


def _example(name: str, *, has_entry: bool) -> str:
    return f"{{{name}:…}}" if has_entry else f'{{"key":{name},"value":…}}'


def _shape(declaration: ContextKey | None, *, is_optional: bool = False) -> dict[str, Any]:
    optional = {"optional": True} if is_optional else {}
    if declaration is None:
        return optional
    # Most of what is told is text, and choices show what they are.
    is_plain = declaration.type == "string" or (declaration.enum is not None and declaration.type != "array")
    shape: dict[str, Any] = {
        "type": None if is_plain else declaration.type,
        "pattern": declaration.pattern,
        "enum": declaration.enum,
        "items": _shape(declaration.items),
        "description": _words(declaration),
    }
    return {**{name: part for name, part in shape.items() if part}, **optional}


def _words(declaration: ContextKey) -> str:
    parts = [declaration.description.rstrip(".")]
    if declaration.format:
        parts.append(FORMS.get(declaration.format, declaration.format))
    if declaration.minimum is not None:
        parts.append(f"at least {declaration.minimum}")
    if declaration.maximum is not None:
        parts.append(f"at most {declaration.maximum}")
    if declaration.type == "object":
        parts.append("a JSON object, written as a string")
    if declaration.grounded:
        parts.append("word for word")
    return "; ".join(filter(None, parts))


FORMS = {
    "date": "date, YYYY-MM-DD",
    "time": "time, HH:MM",
    "date-time": "date-time, YYYY-MM-DDTHH:MM",
}
"""The wording of formats that a model could write in several forms."""
