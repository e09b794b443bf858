"""How a turn begins: from what is stored, and with the message that is to be read.

It begins at START, in the state that the conversation is in, or at a state that somebody's own node leads into. That
message may have come before. When a turn fails LangGraph keeps the user's message, and it stands in the history
twice when it is sent again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from fsm_langgraph.context.machine_keys import NOW, STAYS
from fsm_langgraph.context.writes import Context, answered_none, difference
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.effects import identify_turn
from fsm_langgraph.errors import StateError
from fsm_langgraph.turn.clock import time_now
from fsm_langgraph.turn.frames import Frame, before_turn, check_version, path_of, read_frame
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.stored_turn import VERSION
from fsm_langgraph.turn.turn import Turn


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


def start_turn(stored: Mapping[str, Any], *, task_id: str = "", reads_time: bool = False) -> dict[str, Any]:
    """Write down how things stand when a turn begins, as its first state is given it.

    A turn that failed may have left its traces in the channel. A new one begins from what was stored before that. While
    no turn has landed, the conversation has not begun.

    Args:
        stored: The graph's state.
        task_id: The id of the run of the state that somebody's own node has led into, the same whenever LangGraph runs
            it again; empty at START.
        reads_time: Whether the definition reads the time at which a turn began.

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
        "base": between.get("base"),
        "before": before_turn(between),
        # Chosen here, the message's id and the time stay the same where LangGraph runs a state again.
        "message_id": f"fsm-{task_id or uuid.uuid4()}",
        **chained,
        **({"machine_keys": {NOW: time_now()}} if reads_time else {}),
    }


def new_turn(
    definition: FSMDefinition,
    state: State,
    values: Mapping[str, Any],
    started: Mapping[str, Any],
    *,
    reads_stays: bool = False,
) -> tuple[Turn, Scope]:
    """Begin a turn in the state that the conversation is in.

    Args:
        definition: The definition of the outermost machine.
        state: The state.
        values: The graph's state.
        started: How things stood, as `start_turn` wrote it down.
        reads_stays: Whether the definition reads how often the conversation has stayed where it is.
    """
    base: Context | None = started.get("base")
    before = before_turn(started)
    if base is None and before["read"] is None:  # before the first turn nothing was read
        before["read"] = ""
    unread = _unread(values["messages"], before["read"])
    last = unread[-1] if unread else None
    # A message that is sent again has another id; it is known by its content.
    copies = [message for message in unread if message.content == unread[-1].content]
    after = started["after"] if "after" in started else _before(values["messages"], copies)
    said = last.content if last is not None else None
    frame = _own_frame(state, values)
    # Somebody who has moved the conversation has ended its digressions.
    left = before["left"] if before["at"] in (None, state.id) else []
    turn = Turn(
        began=state.id,
        message_id=started["message_id"],
        id=started.get("id") or identify_turn(started.get("follows", after), said),
        after=after,
        # An empty message begins a turn, and there is nothing to read in it.
        has_message=last is not None,
        is_first=base is None,
        before=before,
        stored=values["context"],
        repeated=[str(message.id) for message in copies[:-1]],
        unread=any(message.content for message in unread),
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


def since_last_answer(history: Sequence[AnyMessage]) -> list[AnyMessage]:
    """Return the messages that came after the last answer by anybody; one that calls a tool is none."""
    return [*takewhile(lambda message: not _is_answer(message), reversed(history))][::-1]


def waiting(history: Sequence[AnyMessage], read: str | None) -> list[HumanMessage]:
    """Return the user's messages since the last answer, without those that this machine has read.

    It has read some that nobody has answered where it has handed the user over, and gets the user back.
    """
    since = [message for message in since_last_answer(history) if isinstance(message, HumanMessage)]
    at = next((at for at, message in enumerate(since) if str(message.id) == read), -1)
    return since[at + 1 :]


def history_of(turn: Turn, values: Mapping[str, Any]) -> list[AnyMessage]:
    """Return the conversation as the turn reads it: without copies of a message, and ending with what is to be read.

    What another node of the graph around has remarked on the message comes before it.
    """
    history = [message for message in values["messages"] if message.id not in turn.repeated]
    at = next((at for at, message in enumerate(history) if str(message.id) == turn.read), None)
    if not turn.has_message or at is None or not any(map(_is_remark, history[at:])):
        return history
    return [*history[:at], *history[at + 1 :], history[at]]


def _is_answer(message: AnyMessage) -> bool:
    return isinstance(message, AIMessage) and not message.tool_calls


def _is_remark(message: AnyMessage) -> bool:
    """Say whether a message is one that the user sees, be it that its writer went on to call a tool."""
    return isinstance(message, AIMessage) and (bool(message.text) or not message.tool_calls)


def _own_frame(state: State, values: Mapping[str, Any]) -> Frame | None:
    """Return the frame of the sub-machine that runs in the state, and never one that another state has left behind."""
    stored = values.get("sub_machine")
    return read_frame(stored) if stored is not None and stored["of"] == state.id and state.subflow is not None else None


def _before(history: Sequence[AnyMessage], copies: Sequence[HumanMessage]) -> str:
    """Return the id of the message before the first copy of the user's, or of the last one where there is none."""
    at = next((i for i, message in enumerate(history) if message is copies[0]), 0) if copies else len(history)
    return str(history[at - 1].id) if at else ""


def _unread(history: Sequence[AnyMessage], read: str | None) -> list[HumanMessage]:
    """Return the messages of the user's that are to be read.

    They are all since the last answer; where these are none, the last one, unless this machine has read it: then
    another node of the graph around has remarked on it. The conversations of older releases do not tell what was read.
    """
    since = waiting(history, read)
    if since or read is None:
        return since
    last = next((message for message in reversed(history) if isinstance(message, HumanMessage)), None)
    return [last] if last is not None and str(last.id) != read else []
