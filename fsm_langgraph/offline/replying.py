"""The reply, written out: plain text, or JSON in the form that the schema asks for.

The only way into the rules: it reads the prompt, lets each part do its work and fits the result to the
schema. What the schema does not allow is left out, so that no reply is ever refused for its form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from fsm_langgraph.data.reply_members import MESSAGE, REASONING, TARGET, UPDATES
from fsm_langgraph.offline.calling import Tool, ToolCall, call_for
from fsm_langgraph.offline.choosing import choose, chosen_with, conclude
from fsm_langgraph.offline.extraction import Facts, extract, infer
from fsm_langgraph.offline.fitting import allows, fit
from fsm_langgraph.offline.hearing import hear
from fsm_langgraph.offline.reacting import answer, speak
from fsm_langgraph.offline.reading import Scene, read_scene

STAND_IN = (
    "I am a stand-in that follows fixed rules, not a language model. I can take part in a conversation "
    "that a state "
    "machine leads, but I cannot chat freely."
)
"""What is said to somebody who uses the model for anything else."""


def reply(
    messages: Sequence[BaseMessage], schema: Mapping[str, Any] | None, tools: Sequence[Tool] = ()
) -> str | ToolCall:
    """Write the reply to a prompt, as JSON where there is a schema; or say which tool to call first."""
    scene = read_scene(messages)
    if tools and (call := _call(scene, schema, tools)) is not None:
        return call
    if schema is None:
        return (speak(scene, hear(scene.said)) if scene.state else "") or STAND_IN
    members = _members(scene, schema) if scene.state else {}
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return _dump(fit(None, schema, schema))
    return _dump({name: fit(members.get(name), part, schema) for name, part in properties.items()})


def _call(scene: Scene, schema: Mapping[str, Any] | None, tools: Sequence[Tool]) -> ToolCall | None:
    thinks = schema is not None and MESSAGE not in (schema.get("properties") or {})
    unasked = (schema is None and "came_from" in scene.this_turn) or (thinks and not scene.said)
    return call_for(scene, hear(scene.said), tools, unasked=unasked)


def _members(scene: Scene, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Decide on the members of the reply."""
    properties = schema.get("properties")
    wanted = properties if isinstance(properties, dict) else {}
    said = hear(scene.said)
    thinks = MESSAGE not in wanted
    facts = infer(scene, said) if thinks else extract(scene, said)
    target = conclude(scene, said, facts) if thinks else choose(scene, said, facts)
    facts.own.update(chosen_with(scene, target, facts))
    members: dict[str, Any] = {TARGET: target, UPDATES: _updates(facts, wanted.get(UPDATES))}
    if not thinks:
        members[MESSAGE] = answer(scene, said, facts, target) or STAND_IN
    if REASONING in wanted:
        members[REASONING] = _reason(facts, target, scene)
    return members


def _updates(facts: Facts, wanted: Any) -> list[dict[str, Any]]:
    """Write each fact as an entry of its key's own, or else as a pair."""
    entry = wanted.get("items") if isinstance(wanted, dict) else None
    own = [({key: value}, {"key": key, "value": value}) for key, value in facts.all.items()]
    return [plain if allows(entry, plain) else pair for plain, pair in own]


def _reason(facts: Facts, target: str, scene: Scene) -> str:
    given = f"The message gives {', '.join(facts.all)}" if facts.all else "The message gives nothing new"
    return f"{given}, so the conversation {'stays' if target == scene.state else 'moves on'}."


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
