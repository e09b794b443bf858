"""The states in which a stored conversation stands, held against the definition of today.

A turn begins in its state, in the sub-machine that runs there, and may return to where digressions have left. Each of
these must be there and be what it was: a place where the user is waited for, or the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fsm_langgraph.context.writes import Context
from fsm_langgraph.errors import suggest
from fsm_langgraph.turn.changed_definition.findings import ChangedMachine, Findings
from fsm_langgraph.turn.changed_definition.stored_values import bring_over_values, names_now
from fsm_langgraph.turn.frames import Frame, Left, make_frame, path_of, read_frame


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a machine stands, brought over."""

    state: str
    frame: Frame | None = None
    """The sub-machine that runs in the state, if one does."""
    begins_anew: bool = False
    """Whether the next turn comes into the state as if somebody had put the conversation there."""


def bring_over_stand(
    found: Findings,
    place: ChangedMachine,
    state: str,
    stored: Mapping[str, Any] | None,
    *,
    may_be_final: bool,
    has_come_out: bool,
) -> Stand:
    """Return where a machine stands now, or note why it cannot stand there.

    Args:
        found: Takes what is found.
        place: The machine.
        state: The state that it is in.
        stored: The frame of the sub-machine in it, if there is one.
        may_be_final: Whether it may have come to its end there, or returns from there.
        has_come_out: Whether a sub-machine in the state has ended, or that is not known.
    """
    name, path = _name_now(found, place, state), f"{place.path}{state}"
    if name is None:
        return Stand(state)
    now = place.definition.states[name]
    frame = read_frame(stored) if stored is not None and stored["of"] == state else None
    if frame is not None and now.subflow is not None:
        return Stand(name, _bring_over_frame(found, place, name, frame))
    if frame is not None and name == state:
        at = path_of(path, {**frame, "of": path})
        _differ(found, path, f"the conversation is inside it, at {at!r}, and it runs no sub-machine any more")
    elif name != state:
        if frame is not None:
            found.dropped += (f"{path}/{key}" for key in frame["context"])
        return Stand(name, begins_anew=frame is not None or now.subflow is not None)
    elif now.subflow is not None and not has_come_out:
        _differ(found, path, "it runs a sub-machine now, which has not begun")
    elif now.silent or not now.listens:
        kind = "silent" if now.silent else "a step of thought"
        _differ(found, path, f"the conversation waits in it, and it is {kind} now, where no turn can rest")
    elif now.is_final and not may_be_final:
        _differ(found, path, "the conversation waits in it, and it is final now, though nothing has ended there")
    return Stand(name)


def bring_over_left(found: Findings, place: ChangedMachine, left: Sequence[Left]) -> list[Left]:
    """Return where digressions have left, or note why they cannot return there."""
    brought: list[Left] = []
    for each in left:
        came_out = each.get("came_out", False)
        stand = bring_over_stand(
            found, place, each["state"], each["sub_machine"], may_be_final=True, has_come_out=came_out
        )
        news = names_now(found, place, each["news"])
        now = Left(state=stand.state, sub_machine=stand.frame, news=news)
        if came_out:
            now["came_out"] = True
        brought.append(now)
    return brought


def _bring_over_frame(found: Findings, place: ChangedMachine, state: str, frame: Frame) -> Frame:
    inside = place.inside(state, frame["of"])
    stand = bring_over_stand(
        found,
        inside,
        frame["current_state"],
        frame["sub_machine"],
        may_be_final=bool(frame["left"]),
        has_come_out=frame.get("came_out", False),
    )
    return make_frame(
        state,
        stand.state,
        bring_over_values(found, inside, frame["context"]),
        left=bring_over_left(found, inside, frame["left"]),
        sub_machine=stand.frame,
        news=names_now(found, inside, frame["news"]),
        answered=names_now(found, inside, frame.get("answered", ())),
        came_out=frame.get("came_out", False),
        given=_bring_over_given(found, place, state, frame["given"]) if "given" in frame else None,
    )


def _bring_over_given(found: Findings, place: ChangedMachine, state: str, given: Context) -> Context:
    """Return the inputs that a sub-machine was given as the machine around it has them now, so that none looks changed.

    A key that is new, with a default, counts as given: what the sub-machine has found itself stays.
    """
    quiet = Findings(found.had, found.migration, found.vault)  # what is found in them was found in the context
    brought = bring_over_values(quiet, place, given)
    kept = {*names_now(quiet, place, given), *place.definition.states[state].inputs.values()}
    return {key: value for key, value in brought.items() if key in kept}


def _name_now(found: Findings, place: ChangedMachine, state: str) -> str | None:
    """Return a state's name now, or note that there is none."""
    if state in place.definition.states:
        return state
    path = f"{place.path}{state}"
    renamed = found.migration.states.get(path)
    if renamed is not None:
        found.states[path] = renamed
        return renamed.removeprefix(place.path)
    paths = [f"{place.path}{each}" for each in place.definition.states]
    advice = suggest(path, paths, noun="states")
    found.differences.append(f"state {path!r}: the definition has no such state.  {advice}  {_mapped(path)}")
    return None


def _differ(found: Findings, path: str, fact: str) -> None:
    found.differences.append(
        f"state {path!r}: {fact}.  Give the state that is meant another name, and this one its place: {_mapped(path)}"
    )


def _mapped(path: str) -> str:
    return f"migrate: {{states: {{{path}: …}}}} says which one takes its place."
