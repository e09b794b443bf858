"""Keys that are not there where they are needed: forgotten before, or asked for only afterwards.

    forgotten-key   the state forgets it as it is entered, or one before it, or an answer that it depends on
    key-too-late    the states that collect it come later
    stale-answer    it is asked for before what it depends on, whose first answer then makes it stale

These hold if nobody tells a key that no state asks for, and the caller brings none that is the model's. A user may tell
one unasked, so the advice is to ask. Of a key that no state collects, or that code writes, nothing is said here; nor of
a state that goes on without the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.forgetting import forgotten_with
from fsm_langgraph.checking.keys.key_flow import KeyFlow
from fsm_langgraph.checking.word_lists import listed_names
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition, State


def find_forgotten_keys(flow: KeyFlow) -> Iterator[Finding]:
    """Tell each key that a transition needs and that cannot be there."""
    told: list[tuple[Finding, str]] = [*_stale_answers(flow)]
    states = [flow.definition.states[state_id] for state_id in flow.reached]
    for state in states:
        told += _forgotten_here(flow, state)
    yield from (finding for finding, _ in told)
    keys, where = {key for _, key in told}, _Forgetting(flow)
    for state in states:
        yield from _never_there(flow, state, keys, where)


def _forgotten_here(flow: KeyFlow, state: State) -> Iterator[tuple[Finding, str]]:
    """Tell the keys that a state forgets, does not collect, and needs for one of its transitions."""
    forgotten, told = forgotten_with(flow.definition, state), set[str]()
    for index, transition in enumerate(state.transitions if forgotten else ()):
        for key in flow.needed(transition):
            is_lost = key in forgotten and flow.can_come(state, key) and not flow.can_stand(state, key)
            if not is_lost or key in told:
                continue
            told.add(key)
            to = transition.target_state
            if key in state.forget:
                path = at("states", state.id, "forget", state.forget.index(key))
                message = (
                    f"the state {state.id!r} forgets {key!r} as it is entered, and does not collect it; "
                    f"its transition to {to!r} needs {key!r}, which nobody is asked for again."
                )
                advice = f"Leave {key!r} out of 'forget', or list it in the state's 'required_context_keys'."
            elif (depended_on := _forgotten_before(flow.definition, state, key)) is not None:
                path, mend = at("states", state.id, "transitions", index), "List"
                if depended_on in state.forget:
                    path = at("states", state.id, "forget", state.forget.index(depended_on))
                    mend = f"Leave {depended_on!r} out of 'forget', or list"
                message = (
                    f"the state {state.id!r} forgets {depended_on!r} as it is entered, and {key!r}, which depends on "
                    f"it, goes with it; its transition to {to!r} needs {key!r}, which nobody is asked for again."
                )
                advice = f"{mend} {key!r} in the state's 'required_context_keys'."
            else:
                path = at("states", state.id, "transitions", index)
                message = (
                    f"the transition to {to!r} needs {key!r}, which is among what confirms, so that the state "
                    f"{state.id!r} forgets it as it is entered, and does not collect it: nobody is asked for it again."
                )
                advice = (
                    f"Require {key!r} in a condition of its own, without 'confirms'; "
                    "or, where it is the user's yes, list it in the state's 'required_context_keys'."
                )
            yield Finding(path, "forgotten-key", message, advice), key


def _forgotten_before(definition: FSMDefinition, state: State, key: str) -> str | None:
    """Return the key that a state forgets with which another one goes, since it depends on it; `None` for no such."""
    forgotten, depended_on = definition.forgotten_in(state), [key]
    if key in forgotten:
        return None
    for each in depended_on:  # it grows while it is gone through; no key depends on itself
        depended_on += definition.dependents.get(each, ())
    return next((each for each in depended_on if each in forgotten), None)


def _never_there(flow: KeyFlow, state: State, told: set[str], where: _Forgetting) -> Iterator[Finding]:
    """Tell a state of which every transition needs a key that cannot be there."""
    lacking = [_lacking(flow, state, flow.needed(transition)) for transition in state.transitions]
    if not lacking or not all(lacking) or all(key in told for keys in lacking for key in keys):
        return
    key = lacking[0][0]
    path = at("states", state.id, "transitions")
    collect = f"List {key!r} in the 'required_context_keys' of {state.id!r}"
    if flow.could_stand(state, key):
        message = (
            f"every transition of {state.id!r} needs a key that is not there; the first needs {key!r}, "
            f"which is forgotten before, {where.told(key)}."
        )
        yield Finding(path, "forgotten-key", message, f"{collect}, or do not forget it.")
    elif not state.silent:  # of a silent state that gets stuck the checks of guards tell
        collecting = listed_names(flow.use.collected[key])
        message = (
            f"every transition of {state.id!r} needs a key that is not there yet; the first needs {key!r}, "
            f"which is collected only later, in {collecting}."
        )
        yield Finding(path, "key-too-late", message, f"{collect}, or let the state go on without it.")


def _lacking(flow: KeyFlow, state: State, needed: list[str]) -> list[str]:
    return [key for key in needed if not flow.can_stand(state, key) and not flow.use.is_asked_in_words(key)]


class _Forgetting:
    """Where each key is forgotten first; found out where it is asked."""

    def __init__(self, flow: KeyFlow) -> None:
        self._flow = flow

    def told(self, key: str) -> str:
        """Say where a key is forgotten, as the end of a sentence."""
        return self._first.get(key, "on the way")

    @cached_property
    def _first(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for state_id in self._flow.reached:
            state = self._flow.definition.states[state_id]
            for key in forgotten_with(self._flow.definition, state):
                found.setdefault(key, f"where {state_id!r} is entered")
            for key, of in self._flow.made_stale_by(state).items():
                found.setdefault(key, f"as it depends on {of!r}, which {state_id!r} asks for")
        return found


def _stale_answers(flow: KeyFlow) -> Iterator[tuple[Finding, str]]:
    """Tell the keys that are always asked for before what they depend on, and not again."""
    if not flow.definition.dependents:
        return
    for state_id in flow.reached:
        state = flow.definition.states[state_id]
        for key, of in flow.made_stale_by(state).items() if state.own_keys else ():
            if flow.can_come(state, key) and state_id not in flow.collected_after(key):
                message = (
                    f"{key!r} depends on {of!r}, and is asked for before it: "
                    f"the answer to {of!r}, in {state_id!r}, makes it forgotten, and no state asks for it again."
                )
                advice = f"Ask for {of!r} first, or for {key!r} again after {state_id!r}."
                yield Finding(at("context", key, "depends_on"), "stale-answer", message, advice), key
