"""The keys that go into a sub-machine and come back: inputs that nobody fills, outputs that are never made.

An input is filled by what the machine around collects, has as a default, gets from its caller, from its handlers or
from another sub-machine. An output is made by what the sub-machine collects, was handed, or gets in one of those ways.

Where a context is not declared a handler may write any key. There a missing input is told only where its name misspells
a key that there is. An output has to be collected, handed in, or declared, so that a reader sees where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.misspelt_names import MisspeltNames
from fsm_langgraph.checking.named_keys import (
    collected_keys,
    filled_keys,
    guarded_keys,
    handed_in,
    handed_out,
    is_shown,
    passed_in,
    read_keys,
)
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition, State


def find_input_faults(shape: Shape) -> Iterator[Finding]:
    """Tell of inputs that nobody fills or that misspell a key, and note those that the sub-machine never reads.

    It assumes that the model writes a key where a state collects it. A sub-machine that asks for the key itself loses
    nothing. A key that a condition reads and nobody collects is told of there.
    """
    definition, view = shape.definition, shape.view
    if not any(state.inputs for state in definition.states.values()):
        return
    filled = filled_keys(definition, is_inside=view.outer is not None) | handed_in(view)
    known, inside = filled | read_keys(definition), _all_inside(definition)
    for state in definition.states.values():
        for key, outer in state.inputs.items():
            fault = _input_fault(definition, state, key, outer, filled, known, inside[state.subflow or ""])
            if fault is not None:
                code, message, advice = fault
                yield Finding(path_of_exchange(state, "inputs", state.inputs, key), code, message, advice)


def find_output_faults(shape: Shape) -> Iterator[Finding]:
    """Tell of outputs that the sub-machine never makes, and note those that nothing around reads.

    It assumes that the model writes a key where a state collects it, and that a handler's key is declared, as a tool's
    has to be.
    """
    definition, view = shape.definition, shape.view
    if not any(state.outputs for state in definition.states.values()):
        return
    read, inside = read_keys(definition) | passed_in(definition) | handed_out(view), _all_inside(definition)
    for state in definition.states.values():
        for key, outer in state.outputs.items():
            inner = inside[state.subflow or ""]
            path = path_of_exchange(state, "outputs", state.outputs, key)
            made = inner.filled | state.inputs.keys()
            if key not in made | inner.guarded:
                near = MisspeltNames(made).meant_by(key)
                message = f"{state.subflow!r} never makes its output {key!r}: no state of it collects the key."
                advice = f"Did you mean {near!r}?" if near is not None else _how_to_make(inner.definition, key)
                yield Finding(path, "output-never-made", message, advice)
            elif view.outer is not None and outer not in read and not is_shown(definition, outer):
                message = f"nothing reads {outer!r}, which comes back from {state.subflow!r}, and no prompt shows it."
                yield Finding(path, "unread-output", message, "Remove it, unless a handler reads it.")


def path_of_exchange(state: State, field: str, keys: Mapping[str, str], key: str) -> str:
    """Write where a key stands; those that have the same names on both sides are written as a list."""
    is_list = all(inner == outer for inner, outer in keys.items())
    return at("states", state.id, field, [*keys].index(key) if is_list else key)


@dataclass(frozen=True, slots=True)
class _Inside:
    """A sub-machine, by its keys."""

    definition: FSMDefinition
    filled: frozenset[str]
    collected: frozenset[str]
    guarded: frozenset[str]
    read: frozenset[str]


def _all_inside(definition: FSMDefinition) -> Mapping[str, _Inside]:
    names = dict.fromkeys(state.subflow for state in definition.states.values() if state.subflow is not None)
    return {name: _inside(definition.subflows[name]) for name in names}


def _inside(inner: FSMDefinition) -> _Inside:
    return _Inside(
        inner,
        filled=filled_keys(inner, is_inside=True),
        collected=collected_keys(inner),
        guarded=guarded_keys(inner),
        read=read_keys(inner) | passed_in(inner),
    )


def _input_fault(
    definition: FSMDefinition,
    state: State,
    key: str,
    outer: str,
    filled: frozenset[str],
    known: frozenset[str],
    inside: _Inside,
) -> tuple[str, str, str] | None:
    """Return the code, the sentence and the advice of what is wrong with an input."""
    name = state.subflow
    if (
        definition.context is None
        and outer not in known
        and (near := MisspeltNames(filled).meant_by(outer)) is not None
    ):
        return "unfilled-input", f"nobody writes {outer!r}, with which {name!r} is to begin.", f"Did you mean {near!r}?"
    is_missing = definition.context is not None and outer not in filled and outer not in guarded_keys(definition)
    if is_missing and key not in inside.collected:
        message = f"no state collects {outer!r}, so {name!r} begins without its input {key!r}."
        advice = f"Collect {outer!r} in a state before {state.id!r}, or say in 'context' who else writes it."
        return "unfilled-input", message, advice
    if key in inside.read or key in state.outputs:
        return None
    if inside.definition.context is None and (near := MisspeltNames(inside.collected).meant_by(key)) is not None:
        message = f"{name!r} reads no {key!r}, which {state.id!r} hands in, and asks for a key of nearly that name."
        return "misnamed-input", message, f"Did you mean {near!r}?"
    if not is_shown(inside.definition, key):
        message = f"nothing in {name!r} reads its input {key!r}, and no prompt there shows it."
        return "unread-input", message, "Remove it, unless a handler reads it."
    return None


def _how_to_make(inner: FSMDefinition, key: str) -> str:
    collect = f"Collect {key!r} in one of its states"
    if inner.context is None:
        return f"{collect}; or, where a handler writes it, declare its keys in a 'context', with who writes each."
    return f"{collect}, hand it in by 'inputs', or let a handler write it: 'written_by: handler'."
