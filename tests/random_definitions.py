"""Strategies for definitions that load, with names and declarations both usual and unheard of."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.loading.declarations import check_declarations

WORDS = st.sampled_from(["a", "B", " a ", "true", "no", "30", "1,000", "1.5", "[1]", '{"a": "1"}', "null", ""])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | WORDS
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
"""JSON as a hostile writer would have it: NaN and integers without end among it."""

_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "number", "integer", "boolean", "array", "object"]),
        "enum": st.lists(JSON, min_size=1, max_size=3) | st.just(["small", "large"]) | st.just([1, "1", None, True]),
        "format": st.sampled_from(["email", "date", "time", "date-time", "uri", "uuid"]),
        "pattern": st.sampled_from(["^a", "[0-9]", ""]),
        "minimum": st.sampled_from([0, 1.5]),
        "maximum": st.sampled_from([2, 1e6]),
        "description": st.sampled_from(["What it is.", "<b> & co"]),
    },
)
DECLARATIONS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    _FIELDS,
    lambda inner: st.builds(lambda outer, items: {**outer, "items": items}, _FIELDS, inner),
    max_leaves=2,
).filter(lambda fields: not list(check_declarations({"key": fields})))

KEYS = st.sampled_from(
    [
        *("name", "email", "age", "is_vip", "a.b", "x-1"),
        *(
            "message",
            "target_state",
            "updates",
            "other_updates",
            "reasoning",
            "transition",
            "context_update",
            "key",
            "value",
        ),
        *("with space", "ключ", 'quo"te', "</fsm>", "long" * 20),
    ]
)
STATES = ("start", "middle", "end state")


CHOICES = st.lists(JSON, min_size=1, max_size=4).filter(
    lambda values: not list(check_declarations({"key": {"enum": values}}))
)
"""What an `enum` may hold."""


def definition(context: dict[str, Any] | None = None, *, persona: str = "", **states: Any) -> FSMDefinition:
    """Make a definition whose first state is the initial one; what its states leave out is filled in."""
    whole = {
        state_id: {
            "id": state_id,
            "description": f"the {state_id}",
            "purpose": f"be the {state_id}",
            "transitions": [],
            **fields,
        }
        for state_id, fields in states.items()
    }
    return FSMDefinition.model_validate(
        {
            "name": "n",
            "description": "d",
            "initial_state": next(iter(states)),
            "version": "3.0",
            "persona": persona,
            "context": context,
            "states": whole,
        }
    )


@st.composite
def definitions(draw: st.DrawFn) -> FSMDefinition:
    """Draw a definition of three states, all of whose edges start in the first."""
    collected = draw(st.lists(KEYS, max_size=5, unique=True))
    closed = draw(st.booleans())
    declared = {key: draw(DECLARATIONS) for key in collected}
    for key in draw(st.lists(KEYS, max_size=3)):
        writer = draw(st.sampled_from(["model", "handler", "caller"]))
        declared.setdefault(key, {"written_by": writer, "secret": draw(st.booleans())})
    middle = draw(st.integers(0, len(collected)))
    targets = draw(st.lists(st.sampled_from(STATES), max_size=3))
    start = {
        "required_context_keys": collected[:middle],
        "optional_context_keys": collected[middle:],
        "transitions": [{"target_state": target, "description": f"to {target}"} for target in targets],
        "calls": draw(st.sampled_from(["one", "two"])),
    }
    states = {STATES[0]: start, STATES[1]: {"required_context_keys": collected}, STATES[2]: {}}
    return definition(declared if closed else None, persona="", **states)
