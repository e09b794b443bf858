"""What a model tells, checked: machines that collect a name, and the writes of a reply to them."""

from __future__ import annotations

from typing import Any

from fsm_langgraph.context.told import check_told
from fsm_langgraph.context.user_words import UserWords
from fsm_langgraph.context.writes import Context
from fsm_langgraph.definition import FSMDefinition

NAMED = {"description": "d", "purpose": "p"}
MACHINE = {"name": "n", "description": "d", "initial_state": "start"}


def edge(target: str, *needs: str) -> dict[str, Any]:
    conditions = [{"description": "c", "requires_context_keys": [*needs]}] if needs else []
    return {"target_state": target, "description": "d", "conditions": conditions}


def definition(context: dict[str, Any] | None, **fields: Any) -> FSMDefinition:
    """Make a machine whose first state collects `name`, with a gate that asks for `ticket`."""
    start = {"id": "start", **NAMED, "required_context_keys": ["name"], "transitions": [edge("later", "ticket")]}
    later = {"id": "later", **NAMED, "required_context_keys": ["city"], "transitions": [edge("end", "city")]}
    end = {"id": "end", **NAMED, "transitions": []}
    states = {"start": start, "later": later, "end": end}
    return FSMDefinition.model_validate({**MACHINE, "states": states, "context": context, **fields})


CLOSED = definition(
    {
        "name": {"type": "string"},
        "city": {"type": "string"},
        "ticket": {},
        "pizzas": {"type": "array", "items": {"type": "string"}},
        "nights": {"type": "integer"},
        "desk": {"written_by": "handler"},
    }
)


def told(machine: FSMDefinition, *updates: tuple[str, Any], said: str = "", **more: Any) -> tuple[Context, list[Any]]:
    """Check writes; return those that hold, and the key and kind of each that does not."""
    writes = check_told(machine, updates, UserWords([said]), **more)
    return writes.accepted, [(each.key, each.kind) for each in writes.rejected]


def grounded(**declaration: Any) -> FSMDefinition:
    return definition({"x": {**declaration, "grounded": True}, "name": {}, "ticket": {}})


PLACEHOLDERS = [
    *("…", "...", "-", "\u2013", "?", "null", "None", " NONE ", "nil", "N/A", "n/a", "n. a.", "unknown", "Unknown."),
    *(
        ",",
        "!",
        "()",
        ";",
        "\u2019",
        "\u200b",
        " / ",
        "TBD",
        "undefined",
        "not provided",
        "Not specified",
        "not given",
        "not yet known",
        "none given",
    ),
    *("<name>", "<your name>", "[name]", "[Your Name]", "{name}", "{{name}}", "<>", "name", "Name", "to be determined"),
    *("no information", "name unknown", "unknown name", "name not provided", "not provided by the user"),
    *("The user did not say", "unbekannt", "non précisé", "未知", "your name", "Insert your name here", "xxx", "***"),
    *(
        "John Doe",
        "user@example.com",
        "your.email@mail.org",
        "name@domain.com",
        "YYYY-MM-DD",
        "123-456-7890",
        "example",
    ),
]
"""What models write for `name` where they were told nothing."""
