"""The JSON Schema of files of scenarios (draft 2020-12), by which an editor completes and checks them.

It is made from the models, as that of definitions is. It finds fewer faults than `read_scenarios`, which knows the
definition, and no others: whatever is read is valid.
"""

from __future__ import annotations

from fsm_langgraph.loading.format_schema import DRAFT, Schema, Untitled, allow_null, describe
from fsm_langgraph.scenarios.scenario import (
    Scenario,
    ScenarioDocument,
    ScenarioTurn,
    ScriptedReply,
    ScriptedToolCall,
    StoredItem,
)


def scenario_schema() -> Schema:
    """Return the JSON Schema of a file of scenarios."""
    document: Schema = ScenarioDocument.model_json_schema(schema_generator=Untitled)
    parts: dict[str, Schema] = document.pop("$defs")
    parts["ScenarioDocument"] = document
    reply: Schema = ScriptedReply.model_json_schema(schema_generator=Untitled)
    parts |= {**reply.pop("$defs"), "ScriptedReply": reply}
    one: Schema = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/ScriptedReply"}]}
    parts["ScenarioTurn"]["properties"]["reply"] = {"anyOf": [*one["anyOf"], {"type": "array", "items": one}]}
    for model in (Scenario, ScenarioDocument, ScenarioTurn, ScriptedReply, ScriptedToolCall, StoredItem):
        describe(parts[model.__name__], model)
    for part in parts.values():
        allow_null(part)
    listed = {"type": "array", "items": {"$ref": "#/$defs/Scenario"}, "minItems": 1}
    return {
        "$schema": DRAFT,
        "title": "Scenarios",
        "description": "Conversations that a definition is to hold.",
        # Not "anyOf", of which an editor can only say that nothing fits.
        "if": {"type": "array"},
        "then": listed,
        "else": {"$ref": "#/$defs/ScenarioDocument"},
        "$defs": parts,
    }
