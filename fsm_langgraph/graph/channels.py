"""The graph's state: what LangGraph keeps of a conversation, and what a caller may put in.

    messages        the conversation, as chat messages                      in and out
    context         the data; what comes in is merged, never replaces       in and out
    current_state   the state that the conversation is in                   out
    last_turn       the record of the last turn                             out
    older_messages  where those before `messages` are, if any have moved    out
    sub_machine     where the sub-machine stands that runs in that state    out, where there are any
    turn            the turn under way; between turns the context it left   private

The context's reducer belongs to the definition: it refuses what the caller may not write before anything is stored.
Channels of somebody's own stand beside these (`own_channels.py`).
This module evaluates its annotations at once, since they hold that reducer.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

from langchain_core.messages import AnyMessage
from langgraph.channels import LastValue
from langgraph.graph.message import MessagesState, add_messages
from pydantic import Field, JsonValue, WithJsonSchema
from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12

from fsm_langgraph.context.secret_tokens import is_token
from fsm_langgraph.context.writes import ANSWERED_NONE, Context, answered_none, apply, check_writes
from fsm_langgraph.definition import ContextKey, FSMDefinition
from fsm_langgraph.errors import ArgumentError, ContextError, TurnConflict, misspelt, suggest
from fsm_langgraph.graph.older_messages import OlderMessages
from fsm_langgraph.turn.frames import Frame
from fsm_langgraph.turn.record import TurnRecord


class FSMInput(TypedDict, total=False):
    """The input that a turn begins with."""

    messages: list[Any]
    """The user's message, in any of the forms that LangChain reads."""
    context: Mapping[str, JsonValue]
    """Data that the caller knows; merged into what is stored, `None` removes a key."""


class FSMState(TypedDict):
    """A conversation, as nodes of one's own read it."""

    messages: Annotated[list[AnyMessage], add_messages]
    context: Context
    current_state: str
    last_turn: TurnRecord


class OneTurn(LastValue[Any]):
    """A channel that one turn writes in a step; LangGraph's own would not say that there were two."""

    __slots__ = ()

    def update(self, values: Sequence[Any]) -> bool:
        """Take what was written.

        Raises:
            TurnConflict: Two nodes have written it in one step.
        """
        if len(values) > 1:
            raise TurnConflict(
                f"{len(values)} nodes have written {self.key!r} in one step, and a conversation is in one state only.",
                "Lead into one state at a time; a turn that is paused or has failed goes on beside a jump. "
                "A new message goes on from before this step.",
            )
        return super().update(values)


SEEN = (*FSMState.__annotations__,)
"""The channels that nodes of one's own read."""
UNSEEN = ("older_messages", "sub_machine", "turn")
"""The other channels; `sub_machine` is there where there are any."""


def machine_channels(definition: FSMDefinition) -> list[str]:
    """Name the channels of a definition's graph that are the machine's own."""
    return [name for name in SEEN + UNSEEN if name != "sub_machine" or definition.subflows]


def channels(definition: FSMDefinition) -> tuple[type[Any], type[Any], type[Any]]:
    """Make the state, input and output schemas of a definition's graph."""
    merge = _merger(definition)
    described = WithJsonSchema(_context_schema(definition))

    class Input(TypedDict, total=False):
        messages: Annotated[list[AnyMessage], _field("The user's message; none lets the machine speak."), add_messages]
        context: Annotated[Context, described, merge]

    # Built upon LangGraph's own state for chats, by which tools know that one can chat with the graph.
    class Output(MessagesState, total=False):
        context: Annotated[Context, described, merge]
        current_state: Annotated[str, OneTurn, _field("The id of the state that the conversation is in.")]
        last_turn: Annotated[TurnRecord, _field("What the last turn did, and why.")]
        older_messages: Annotated[OlderMessages, _field("Where the messages are that came before these, if any.")]

    class Nesting(Output, total=False):
        sub_machine: Annotated[Frame | None, _field("Where the sub-machine stands that runs in the current state.")]

    class StateChannels(Output, total=False):
        turn: Annotated[dict[str, Any], OneTurn]

    class NestingChannels(Nesting, total=False):
        turn: Annotated[dict[str, Any], OneTurn]

    return (NestingChannels, Input, Nesting) if definition.subflows else (StateChannels, Input, Output)


def _field(description: str) -> Any:
    return Field(description=description)


def _context_schema(definition: FSMDefinition) -> dict[str, Any]:
    """Describe the context in JSON Schema, key by key where the definition declares them, for forms to be made of."""
    described = "Data that is known. It is merged into what is stored: null removes a key, what is left out stays."
    keys = {name: _key_schema(declaration) for name, declaration in (definition.context or {}).items()}
    return {"type": "object", "title": "Context", "description": described, "properties": keys}


def _key_schema(declaration: ContextKey) -> dict[str, Any]:
    """Write the declaration of a key as JSON Schema, whose words it is made of."""
    schema = declaration.model_dump(
        mode="json", exclude_defaults=True, exclude={"metadata", "written_by", "secret", "items"}
    )
    items = {"items": _key_schema(declaration.items)} if declaration.items is not None else {}
    return {**schema, **items, **({"writeOnly": True} if declaration.secret else {})}


class Inside(TypedDict, total=False):
    """The state of a sub-machine's graph: all that it keeps goes back to the machine around it."""

    turn: dict[str, Any]


def callers_writes(
    definition: FSMDefinition, update: Any, stored: Mapping[str, JsonValue] = MappingProxyType({})
) -> Context:
    """Return what a caller's update writes; raise `ContextError` where something in it is not the caller's."""
    if update is None:
        return {}
    if not isinstance(update, Mapping):
        raise ContextError("", f"is of type {type(update).__name__}, not an object of keys and values")
    tokens: Context = {}
    if definition.secret_keys:  # a turn lands, or a caller gives back what was read
        tokens = {key: value for key, value in update.items() if key in definition.secret_keys and is_token(value)}
        update = {key: value for key, value in update.items() if key not in tokens}
    writes = check_writes(definition, update.items(), "caller", known=stored)
    for rejection in writes.rejected:
        raise ContextError(rejection.key, rejection.reason)
    return {**writes.accepted, **tokens} if tokens else writes.accepted


def check_names(given: Mapping[str, Any], channels: Collection[str], taken: Collection[str]) -> None:
    """See that an input misspells no channel by one letter: LangGraph would pass over what stands under such a name.

    Args:
        given: The input.
        channels: The channels of the graph.
        taken: Those that it takes from an input.

    Raises:
        ArgumentError: It misspells one.
    """
    missing = [name for name in taken if name not in given]
    for name in given:
        if name not in channels and misspelt(name, missing):
            advice = suggest(name, taken, noun="channels")
            raise ArgumentError(f"input[{name!r}]", given[name], advice, found="there is no such channel.")


def given_back(given: Any) -> Any:
    """Mark the input of a graph around: its nulls may be answers "none" that this graph has given to it."""
    context = given.get("context") if isinstance(given, Mapping) else None
    if not isinstance(context, Mapping) or None not in context.values():
        return given
    return {**given, "context": {**context, ANSWERED_NONE: True}}


def _merger(definition: FSMDefinition) -> Callable[[Context, Any], Context]:
    def merge(stored: Context, update: Any) -> Context:
        none: Any = ()
        marked = update.get(ANSWERED_NONE) if isinstance(update, Mapping) else None
        if marked is True or isinstance(marked, list):  # a graph around gives it back, or a turn lands
            none = answered_none(stored, stored) if marked is True else marked
            update = {key: value for key, value in update.items() if key != ANSWERED_NONE}
        return apply(stored, callers_writes(definition, update, stored), none)

    return merge
