"""The data of a conversation, as a definition declares it: keys of the context, and lookups in the store."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    JsonValue,
    WithJsonSchema,
)

from fsm_langgraph.definition.section import Flag, Number, Section


def _same_names(value: Any) -> Any:
    """Map each key of a list to itself."""
    return {key: key for key in value} if isinstance(value, list) and all(isinstance(k, str) for k in value) else value


Keys = Annotated[
    dict[str, str],
    BeforeValidator(_same_names),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": "string"}},
            ]
        }
    ),
]
"""Keys of a sub-machine, each with the key of the machine around it; a list where both have the same name."""


class ContextKey(Section):
    """The declaration of one entry of the context."""

    type: Literal["string", "number", "integer", "boolean", "array", "object"] | None = None
    """The JSON type of its values; any where it is left out."""
    enum: tuple[JsonValue, ...] | None = None
    """The only values it may have."""
    format: Literal["email", "date", "time", "date-time", "uri", "uuid"] | None = None
    """A form that strings must have; dates and times are ISO 8601."""
    pattern: str | None = None
    """A regular expression of RE2 that strings must contain a match of: as in JSON Schema, without lookaround and back
    references."""
    minimum: Number | None = None
    """The smallest number allowed."""
    maximum: Number | None = None
    """The largest number allowed."""
    items: ContextKey | None = None
    """The declaration of each item of an array."""
    description: str = ""
    """Its meaning, in words; shown to the model that is to collect it."""
    default: JsonValue = None
    """Its value when a conversation starts."""
    written_by: Literal["model", "handler", "caller"] = "model"
    """Who it comes from: a model writes only its own keys; handlers and the caller may write any."""
    depends_on: tuple[str, ...] = ()
    """Keys whose change makes its value stale, so that it is forgotten."""
    grounded: Flag = False
    """Whether every word of its value must stand in what the user wrote."""
    secret: Flag = False
    """Whether its value is kept out of all prompts, streams, records and traces, where a token stands for it."""


class Lookup(Section):
    """A lookup of an item in LangGraph's store, which templates read under `store`."""

    namespace: tuple[str, ...]
    """The labels that lead to it; each may have tags over the context, such as `{{customer_id}}`."""
    key: str
    """Its key there, which may have tags too."""
    required: Flag = False
    """Whether a turn that needs it fails where it is not there; otherwise its tags are filled with nothing."""
    description: str = ""
    """Its meaning, in words."""
