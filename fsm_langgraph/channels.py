"""The graph's state: what LangGraph keeps of a conversation, and what a caller may put in.

    messages        the conversation, as chat messages                      in and out
    context         the data; what comes in is merged, never replaces       in and out
    current_state   the state that the conversation is in                   out
    last_turn       the record of the last turn                             out
    sub_machine     where the sub-machine stands that runs in that state    out, where there are any
    turn            the turn under way; between turns the context it left   private

The context's reducer belongs to the definition: it refuses what the caller may not write before anything is stored.
This module evaluates its annotations at once, since they hold that reducer.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from langchain_core.messages import AnyMessage
from langgraph.graph.message import add_messages
from pydantic import JsonValue
from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12

from fsm_langgraph.context import Context, apply, check_writes
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import ContextError
from fsm_langgraph.record import TurnRecord
from fsm_langgraph.turn import Frame


class FSMInput(TypedDict, total=False):
    """What a turn begins with."""

    messages: list[Any]
    """The user's message, in any of the forms that LangChain reads."""
    context: Mapping[str, JsonValue]
    """Data that the caller knows; merged into what is stored, `None` removes a key."""


class FSMState(TypedDict):
    """A conversation."""

    messages: Annotated[list[AnyMessage], add_messages]
    context: Context
    current_state: str
    last_turn: TurnRecord


def channels(definition: FSMDefinition) -> tuple[type[Any], type[Any], type[Any]]:
    """Make the state, input and output schemas of a definition's graph."""
    merge = _merger(definition)

    class Input(TypedDict, total=False):
        messages: Annotated[list[AnyMessage], add_messages]
        context: Annotated[Context, merge]

    class Output(TypedDict, total=False):
        messages: Annotated[list[AnyMessage], add_messages]
        context: Annotated[Context, merge]
        current_state: str
        last_turn: TurnRecord

    class Nesting(Output, total=False):
        sub_machine: Frame | None

    class State(Output, total=False):
        turn: dict[str, Any]

    class NestingState(Nesting, total=False):
        turn: dict[str, Any]

    return (NestingState, Input, Nesting) if definition.subflows else (State, Input, Output)


class Inside(TypedDict, total=False):
    """The state of a sub-machine's graph: all that it keeps goes back to the machine around it."""

    messages: list[AnyMessage]
    turn: dict[str, Any]


def callers_writes(definition: FSMDefinition, update: Any) -> Context:
    """Return what a caller's update writes; raise `ContextError` where something in it is not the caller's."""
    if update is None:
        return {}
    if not isinstance(update, Mapping):
        raise ContextError("", f"is of type {type(update).__name__}, not an object of keys and values")
    writes = check_writes(definition, update.items(), "caller")
    for rejection in writes.rejected:
        raise ContextError(rejection.key, rejection.reason)
    return writes.accepted


def _merger(definition: FSMDefinition) -> Callable[[Context, Any], Context]:
    def merge(stored: Context, update: Any) -> Context:
        return apply(stored, callers_writes(definition, update))

    return merge
