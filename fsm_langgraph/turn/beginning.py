"""How a turn begins: from what is stored, and with the message that is to be read.

It begins at START, in the state that the conversation is in, or at a state that somebody's own node leads into. That
message may have come before. When a turn fails LangGraph keeps the user's message, and it stands in the history
twice when it is sent again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from langchain_core.messages import HumanMessage
from langchain_core.utils.uuid import uuid7

from fsm_langgraph.context.machine_keys import NOW, STAYS
from fsm_langgraph.context.writes import Context, answered_none, difference
from fsm_langgraph.data.size_limits import UNLIMITED, Limits
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.effects import identify_message, identify_turn
from fsm_langgraph.errors import StateError
from fsm_langgraph.prompts.bounded_history import left_out
from fsm_langgraph.turn.clock import time_now
from fsm_langgraph.turn.frames import Frame, before_turn, check_version, path_of, read_frame
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.stored_turn import VERSION
from fsm_langgraph.turn.turn import Turn
from fsm_langgraph.turn.unread_messages import before_copies, repeated_in, unread_of


def current_state(definition: FSMDefinition, stored: Mapping[str, Any]) -> str:
    """Return the state that a turn begins in; raise `StateError` where the definition has it no more."""
    current = stored.get("current_state") or definition.initial_state
    if not isinstance(current, str) or current not in definition.states:
        raise StateError(str(current), definition.states)
    return current


def goes_on(flight: Mapping[str, Any], state: str) -> bool:
    """Say whether the turn that a graph's state has goes on in this state, or has been started for it."""
    # A turn that has landed has no message to come.
    return "message_id" in flight and flight.get("next", state) == state


CALLERS_ID = "fsm_message_id"
"""Where the metadata of a run tells the id that the caller has given to the turn's message. LangGraph stores it."""
SENT_AGAIN = "fsm_sent_again"
"""Where the metadata of a run tells that an earlier run was given its input, and has not landed."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def start_turn(
    stored: Mapping[str, Any],
    *,
    definition: str | None = None,
    task_id: str = "",
    input_after: str | None = None,
    reads_time: bool = False,
    metadata: Mapping[str, Any] = _NOTHING,
) -> dict[str, Any]:
    """Write down how things stand when a turn begins, as its first state is given it.

    A turn that failed may have left its traces in the channel. A new one begins from what was stored before that. While
    no turn has landed, the conversation has not begun.

    Args:
        stored: The graph's state.
        definition: The identity of the definition that the turn follows.
        task_id: The id of the run of the state that somebody's own node has led into, the same whenever LangGraph runs
            it again; empty at START.
        input_after: The id of the message that stood last before the run's input, empty where none did; `None` where
            that is not known.
        reads_time: Whether the definition reads the time at which a turn began.
        metadata: The metadata of the run.

    Raises:
        StoredFormError: The last turn was stored by a later release.
    """
    between: Mapping[str, Any] = (stored.get("turn") or {}) if stored.get("last_turn") else {}
    check_version("turn", between, VERSION)
    # Several turns of one run may read no message and write none: each is known by the one before it.
    is_chained = bool(task_id) and "id" in between
    chained = {"follows": f"after {between['id']}", "after": between.get("after", "")} if is_chained else {}
    return {
        "version": VERSION,
        "definition": definition,
        **_untold_change(stored),
        "base": between.get("base"),
        "before": before_turn(between),
        # Chosen here, the message's id and the time stay the same where LangGraph runs a state again. For an id of
        # version 4 Python asks the system for random numbers, which takes longer than all else here.
        "message_id": f"fsm-{task_id or uuid7()}",
        **chained,
        **({"input_after": input_after} if input_after is not None else {}),
        **({"machine_keys": {NOW: time_now()}} if reads_time else {}),
        **_sent(stored.get("turn") or {}, metadata),
    }


def _untold_change(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Carry on what has changed in the definition, where a turn that was to tell it has failed."""
    change = (stored.get("turn") or _NOTHING).get("definition_change")
    return {"definition_change": change} if change is not None else {}


def _sent(last: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Tell which of the messages that nobody has read yet the caller gave an id, and whether one came before."""
    earlier = last.get("callers_ids", ())  # of turns that have failed: one that has landed keeps none
    new = metadata.get(CALLERS_ID)
    ids = [*dict.fromkeys([*earlier, *([new] if new is not None else [])])]
    return {**({"callers_ids": ids} if ids else {}), **({"sent_again": True} if metadata.get(SENT_AGAIN) else {})}


def new_turn(
    definition: FSMDefinition,
    state: State,
    values: Mapping[str, Any],
    started: Mapping[str, Any],
    *,
    reads_stays: bool = False,
    limits: Limits = UNLIMITED,
) -> tuple[Turn, Scope]:
    """Begin a turn in the state that the conversation is in.

    Args:
        definition: The definition of the outermost machine.
        state: The state.
        values: The graph's state.
        started: How things stood, as `start_turn` wrote it down.
        reads_stays: Whether the definition reads how often the conversation has stayed where it is.
        limits: How much of a message is read.
    """
    base: Context | None = started.get("base")
    before = before_turn(started)
    if base is None and before["read"] is None:  # before the first turn nothing was read
        before["read"] = ""
    unread = unread_of(values["messages"], before["read"])
    last = unread[-1] if unread else None
    # A turn that is tried again is known by the content of its message, whatever id that has.
    copies = [message for message in unread if message.content == unread[-1].content]
    after = started["after"] if "after" in started else before_copies(values["messages"], copies)
    callers_ids = started.get("callers_ids", [])
    frame = _own_frame(state, values)
    # Somebody who has moved the conversation has ended its digressions.
    left = before["left"] if before["at"] in (None, state.id) else []
    turn = Turn(
        began=state.id,
        message_id=started["message_id"],
        id=started.get("id") or _identity(started.get("follows", after), copies, callers_ids),
        after=after,
        definition=started.get("definition"),
        definition_change=started.get("definition_change"),
        # An empty message begins a turn, and there is nothing to read in it.
        has_message=last is not None,
        is_first=base is None,
        before=before,
        stored=values["context"],
        repeated=repeated_in(unread, values["messages"], started.get("input_after")),
        callers_ids=callers_ids,
        sent_again=started.get("sent_again", False),
        unread=any(message.content for message in unread),
        left_out=left_out(unread, limits),
        read=str(last.id) if last is not None else before["read"],
        path=[path_of(state.id, frame)],
        machine_keys={**started.get("machine_keys", {}), **({STAYS: before["stays"]} if reads_stays else {})},
        # Only a message can be one too many, and what is said in a digression is no part of the count.
        stays_longer=reads_stays and before["stays_longer"] and last is not None and not (left and not state.is_final),
    )
    scope = Scope(
        base=definition.defaults if base is None else base,
        # In a new conversation the caller may have written keys already, which win over the defaults.
        context={**definition.defaults, **values["context"]} if base is None else values["context"],
        whence=dict.fromkeys(_written_by_caller(definition, base, values["context"]), "caller"),
        answered=before["answered"],
        left=left,
        frame=frame,
    )
    return turn, scope


def _identity(after: str, copies: Sequence[HumanMessage], callers_ids: Collection[str]) -> str:
    """Identify a turn by the first copy of its message: the others are that one, sent again."""
    if not copies:
        return identify_turn(after, None)
    first = copies[0]
    return identify_message(str(first.id)) if first.id in callers_ids else identify_turn(after, first.content)


def _written_by_caller(definition: FSMDefinition, base: Context | None, stored: Context) -> Iterable[str]:
    """Name the keys that the caller has written since the last turn, where it matters that they were."""
    if not (definition.defaults or definition.dependents or definition.confirmations):
        return ()
    return stored if base is None else difference(base, stored)


def take_edits(turn: Turn, scope: Scope, stored: Context) -> None:
    """Take over what somebody has changed in the stored context while the turn was paused."""
    if edits := difference(turn.stored, stored):
        scope.write(edits, "caller", answered_none(stored, edits))
        turn.stored = stored


def _own_frame(state: State, values: Mapping[str, Any]) -> Frame | None:
    """Return the frame of the sub-machine that runs in the state, and never one that another state has left behind."""
    stored = values.get("sub_machine")
    return read_frame(stored) if stored is not None and stored["of"] == state.id and state.subflow is not None else None
