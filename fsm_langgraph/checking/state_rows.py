"""The table of a machine's states, those of its sub-machines by their paths: what each does, asks for and costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from fsm_langgraph.checking.longest_prompts import longest_prompt, machine_to_measure
from fsm_langgraph.checking.trial import is_always_open
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import EVERYTHING, FSMDefinition, State
from fsm_langgraph.machine import Machine
from fsm_langgraph.templates.store_lookups import STORE
from fsm_langgraph.templates.template import Template

StateKind = Literal["asks", "logic", "thought", "silent", "says", "sub-machine", "final"]
"""The kind of a state: `logic` hears the user and conditions decide; `says` is silent, and has words of its own."""


@dataclass(frozen=True, slots=True)
class StateRow:
    """One state of a machine."""

    state: str
    """Its path: `payment`, `payment/card`."""
    kind: StateKind
    least_calls: int
    """How many model calls a turn makes at least that hears the user here and stays; where nobody is heard, one that
    comes through or ends here."""
    most_calls: int
    """How many it makes at most: a message that does not fit is written anew, and each use of a tool is a call more.
    Replies that have to be asked for again do not count."""
    collects: tuple[str, ...]
    """The keys that it asks for."""
    reads: tuple[str, ...]
    """The keys that its conditions and its texts read, and those that go into its sub-machine."""
    prompt_tokens: int | None
    """How long its longest prompt becomes at its worst, an estimate; `None` where the model is not called."""
    place: str
    """Where it stands in the document: `subflows.payment.states.card`."""


def state_rows(definition: FSMDefinition) -> list[StateRow]:
    """List the states of a definition, those of its sub-machines below the states that run these."""
    return [*_rows(machine_to_measure(definition), "")]


def _rows(machine: Machine, place: str) -> Iterator[StateRow]:
    for state in machine.definition.states.values():
        least, most = _calls(machine, state)
        here = at("states", state.id)
        yield StateRow(
            state=machine.path(state.id),
            kind=_kind(state),
            least_calls=least,
            most_calls=most,
            collects=state.own_keys,
            reads=tuple(sorted(_read_in(state))),
            prompt_tokens=None if most == 0 else longest_prompt(machine, state),
            place=f"{place}.{here}" if place else here,
        )
        if state.subflow is not None:
            inside = at("subflows", state.subflow)
            yield from _rows(machine.inner[state.id], f"{place}.{inside}" if place else inside)


def _kind(state: State) -> StateKind:
    if state.is_final:
        return "final"
    if state.subflow is not None:
        return "sub-machine"
    if state.silent:
        return "says" if state.say else "silent"
    if not state.listens:
        return "thought"
    return "logic" if state.decision == "logic" else "asks"


def _calls(machine: Machine, state: State) -> tuple[int, int]:
    """Count the model calls of a turn in a state, at least and at most."""
    with_tools = state.max_tool_calls if state.tools else 0
    if state.is_final:
        # The message of the state where a turn ends may have been written on the way there, or by the author.
        return (0, 0) if machine.runs_in else (0, 1 + with_tools)
    if state.subflow is not None:  # the states inside have rows of their own
        return (0, 0 if any(is_always_open(each) for each in state.transitions) else 1)
    if state.silent:
        return 0, 0
    if not state.listens:
        return 1, 1 + with_tools
    return (1 if state.calls == "one" else 2), 2 + with_tools


def _read_in(state: State) -> set[str]:
    roots = (Template(text).roots for text in state.texts.values())
    read = set[str]().union(*roots, *(each.reads for each in state.transitions))
    return (read | {*state.inputs.values()}) - {"", STORE, EVERYTHING}
