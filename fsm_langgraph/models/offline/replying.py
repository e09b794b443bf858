"""The reply, written out: plain text, or JSON in the form that the schema asks for.

The only way into the rules: it reads the prompt, lets each part do its work and fits the result to the schema. What
the schema does not allow is left out, so that no reply is ever refused for its form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from fsm_langgraph.models.offline.choosing import choose, conclude
from fsm_langgraph.models.offline.extraction import Facts, extract
from fsm_langgraph.models.offline.hearing import hear
from fsm_langgraph.models.offline.reading import Scene, read_scene
from fsm_langgraph.models.offline.speaking import answer, speak
from fsm_langgraph.parser import MESSAGE
from fsm_langgraph.reply import REASONING, TARGET, UPDATES

STAND_IN = (
    "I am a stand-in that follows fixed rules, not a language model. I can take part in a conversation that a state "
    "machine leads, but I cannot chat freely."
)
"""What is said to somebody who uses the model for anything else."""

_MAX_DEPTH = 12


def reply(messages: Sequence[BaseMessage], schema: Mapping[str, Any] | None) -> str:
    """Write the reply to a prompt: JSON where there is a schema, otherwise plain text."""
    scene = read_scene(messages)
    if schema is None:
        return (speak(scene, hear(scene.said)) if scene.state else "") or STAND_IN
    members = _members(scene, schema) if scene.state else {}
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return _dump(_fit(None, schema, schema))
    return _dump({name: _fit(members.get(name), part, schema) for name, part in properties.items()})


def _members(scene: Scene, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Decide on the members of the reply."""
    properties = schema.get("properties")
    wanted = properties if isinstance(properties, dict) else {}
    said = hear(scene.said)
    thinks = MESSAGE not in wanted
    facts = extract(scene, said, thinks=thinks)
    target = conclude(scene, said, facts) if thinks else choose(scene, said, facts)
    members: dict[str, Any] = {**facts.own, TARGET: target, UPDATES: _updates(facts, wanted)}
    if not thinks:
        members[MESSAGE] = answer(scene, said, facts, target) or STAND_IN
    if REASONING in wanted:
        members[REASONING] = _reason(facts, target, scene)
    return members


def _updates(facts: Facts, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the other updates: the keys that are not members of the reply."""
    return [
        {"key": key, "value": value}
        for key, value in facts.all.items()
        if key not in wanted or key in facts.others
    ]


def _reason(facts: Facts, target: str, scene: Scene) -> str:
    given = f"The message gives {', '.join(facts.all)}" if facts.all else "The message gives nothing new"
    return f"{given}, so the conversation {'stays' if target == scene.state else 'moves on'}."


def _fit(value: Any, schema: Any, root: Mapping[str, Any], depth: int = 0) -> Any:
    """Return the value if the schema allows it, and otherwise the emptiest value that it does allow."""
    if not isinstance(schema, Mapping) or depth > _MAX_DEPTH:
        return value
    if isinstance(reference := schema.get("$ref"), str):
        return _fit(value, _resolve(reference, root), root, depth + 1)
    if "const" in schema:
        return schema["const"]
    choices = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(choices, list) and choices:
        for choice in choices:
            if value is not None and _allows(choice, value):
                return _fit(value, choice, root, depth + 1)
        null = any(isinstance(choice, Mapping) and choice.get("type") == "null" for choice in choices)
        return None if null else _fit(value, choices[0], root, depth + 1)
    options = schema.get("enum")
    if isinstance(options, list) and options:
        return (
            value
            if any(type(value) is type(option) and value == option for option in options)
            else options[-1]
        )
    return _fit_type(value, schema, root, depth)


def _fit_type(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        if value is None and "null" in kind:
            return None
        kind = kind[0] if kind else None
    match kind:
        case "object":
            given = value if isinstance(value, dict) else {}
            properties = schema.get("properties")
            parts = properties if isinstance(properties, dict) else {}
            return {name: _fit(given.get(name), part, root, depth + 1) for name, part in parts.items()}
        case "array":
            items = value if isinstance(value, list) else []
            part = schema.get("items")
            return [_fit(item, part, root, depth + 1) for item in items if _allows(part, item)]
        case "string":
            return value if isinstance(value, str) else ""
        case "integer":
            return value if isinstance(value, int) and not isinstance(value, bool) else 0
        case "number":
            return value if isinstance(value, int | float) and not isinstance(value, bool) else 0
        case "boolean":
            return value if isinstance(value, bool) else False
        case "null":
            return None
        case _:
            return value


def _allows(schema: Any, value: Any) -> bool:
    """Say whether a schema of a reply's part allows a value."""
    if not isinstance(schema, Mapping):
        return True
    if isinstance(choices := schema.get("anyOf"), list):
        return any(_allows(choice, value) for choice in choices)
    if isinstance(options := schema.get("enum"), list):
        return any(type(value) is type(option) and value == option for option in options)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match schema.get("type"):
        case "string":
            return isinstance(value, str)
        case "integer":
            return number and isinstance(value, int)
        case "number":
            return number
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case "array":
            return isinstance(value, list) and all(_allows(schema.get("items"), item) for item in value)
        case "object":
            properties = schema.get("properties")
            parts = properties if isinstance(properties, dict) else {}
            return isinstance(value, dict) and all(
                _allows(part, value.get(name)) for name, part in parts.items()
            )
        case _:
            return True


def _resolve(reference: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
