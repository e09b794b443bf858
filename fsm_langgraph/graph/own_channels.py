"""Channels of somebody's own beside those of the machine: `state_schema`.

    class Shop(TypedDict):
        customer: str
        visits: Annotated[int, add]

They are part of the graph's state, of its input and of its output, and nodes of one's own read and write them. The
states' nodes do not see them. `messages`, `context` and the like may be named with the types that they have here, so
that a schema can be LangGraph's `MessagesState` or our `FSMState` with further members.
"""

from __future__ import annotations

from typing import Any, get_origin, get_type_hints

from langgraph.graph import MessagesState
from langgraph.managed.base import is_managed_value
from typing_extensions import TypedDict, is_typeddict

from fsm_langgraph.errors import GraphSetupError
from fsm_langgraph.graph.channels import SEEN, UNSEEN, FSMState
from fsm_langgraph.graph.journal_entries import CHANNEL as JOURNAL

_TAKEN = (*SEEN, *UNSEEN, JOURNAL)


def add_channels(schemas: tuple[type[Any], type[Any], type[Any]], own: type[Any]) -> tuple[type[Any], ...]:
    """Add channels to the state, input and output schemas of a machine's graph.

    Args:
        schemas: The three schemas.
        own: The schema that somebody has given.

    Raises:
        GraphSetupError: It is no `TypedDict`, or gives one of the machine's channels another type.
    """
    if not is_typeddict(own):
        raise GraphSetupError(
            f"state_schema={own!r}: it is not a TypedDict.",
            "Write the channels as a TypedDict; a node of yours may still take its state as a Pydantic model or a "
            "dataclass of its own: LangGraph goes by the type of its argument.",
        )
    added = {
        name: hint for name, hint in get_type_hints(own, include_extras=True).items() if not _is_machines(name, hint)
    }
    # LangGraph's managed values, such as the steps that remain, can be neither put in nor read out.
    passed = {name: hint for name, hint in added.items() if not _is_managed(hint)}
    state, taken, given = schemas
    return _extended(state, added), _extended(taken, passed), _extended(given, passed)


def _is_machines(name: str, hint: Any) -> bool:
    """Say whether a member of the schema is a channel of the machine's, with the type that it has here.

    Raises:
        GraphSetupError: It has its name and another type.
    """
    if name not in _TAKEN:
        return False
    is_plain = (get_origin(hint) or hint) is _PLAIN.get(name)
    if is_plain or (name in SEEN and hint in (_hint(FSMState, name), _hint(MessagesState, name))):
        return True
    advice = "Give it another name"
    raise GraphSetupError(
        f"state_schema: {name!r} is a channel of the machine's, of another type than {hint!r}.",
        f"{advice}, or leave it out: it is in the state anyway." if name in SEEN else f"{advice}.",
    )


_PLAIN: dict[str, Any] = {"messages": list, "context": dict}
"""Types that say the same without a reducer."""


def _hint(schema: type[Any], name: str) -> Any:
    return get_type_hints(schema, include_extras=True).get(name)


def _is_managed(hint: Any) -> bool:
    return any(map(is_managed_value, getattr(hint, "__metadata__", ())))


def _extended(schema: type[Any], added: dict[str, Any]) -> type[Any]:
    """Make a schema with further members, under the same name, which the JSON Schema tells."""
    hints = get_type_hints(schema, include_extras=True)
    make: Any = TypedDict  # a type checker knows only members that are written down
    extended: type[Any] = make(schema.__name__, {**hints, **added}, total=False)
    return extended
