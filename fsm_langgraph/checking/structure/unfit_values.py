"""Keys of which no value fits on the other side of a sub-machine's border: all are refused, and nothing goes over.

Both sides have to be declared. Of a text, and of a number beside another one, nobody knows which values it will have.
Where some values fit, the others may never come to the border, so that nothing is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.structure.exchanged_keys import path_of_exchange
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.checking.word_lists import listed
from fsm_langgraph.context.values import coerce
from fsm_langgraph.definition import ContextKey, FSMDefinition, State


def find_unfit_values(shape: Shape) -> Iterator[Finding]:
    """Tell of each input and output of which every value is refused by the declaration on the other side.

    It holds for every model and handler: a value that does not fit is never stored.
    """
    definition = shape.definition
    for state in definition.states.values():
        if state.subflow is not None:
            yield from _at_border(definition, state, definition.subflows[state.subflow])


def _at_border(definition: FSMDefinition, state: State, inner: FSMDefinition) -> Iterator[Finding]:
    for key, outer in state.inputs.items():
        if values := _refused(definition.declared(outer), inner.declared(key)):
            message = f"{outer!r} goes into {state.subflow!r} as {key!r}, which refuses all its values: {values}."
            yield Finding(path_of_exchange(state, "inputs", state.inputs, key), "unfit-value", message, _ADVICE)
    for key, outer in state.outputs.items():
        if values := _refused(inner.declared(key), definition.declared(outer)):
            message = f"{key!r} comes back from {state.subflow!r} as {outer!r}, which refuses all its values: {values}."
            yield Finding(path_of_exchange(state, "outputs", state.outputs, key), "unfit-value", message, _ADVICE)


_ADVICE = "Declare both keys alike."


def _refused(source: ContextKey | None, target: ContextKey | None) -> str:
    """Tell the values of one key, where another one refuses each of them; else nothing."""
    values = _values(source, target) if source is not None and target is not None else ()
    if target is None or any(_is_taken(value, target) for value in values):
        return ""
    return listed((json.dumps(value, ensure_ascii=False) for value in values), "and") if values else ""


def _values(source: ContextKey, target: ContextKey) -> Sequence[JsonValue]:
    """Return the values of a key, or some that stand for all; none where nobody knows them."""
    if source.enum is not None:
        return source.enum
    # As a boolean 0 is a no, and 1 a yes.
    is_large = source.minimum is not None and source.minimum > 1
    is_other = target.enum is None and (target.type == "object" or (target.type == "boolean" and is_large))
    match source.type:
        case "boolean":
            return (True, False)
        case "integer" | "number" if is_other:
            return (next(limit for limit in (source.minimum, source.maximum, 2) if limit is not None),)
    return ()


def _is_taken(value: JsonValue, target: ContextKey) -> bool:
    try:
        coerce(value, target)
    except ValueError:
        return False
    return True
