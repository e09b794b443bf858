"""The captions of boxes and arrows, in lines of few words; what the author says of them, the outline writes itself."""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.definition import EVERYTHING, ContextKey, FSMDefinition, State, Transition
from fsm_langgraph.drawing.texts import few_lines, shortened


def collected_in(definition: FSMDefinition, state: State, width: int) -> tuple[str, ...]:
    """Name the keys that are collected in a state, or that go into its sub-machine and come back."""
    if state.subflow is not None:
        takes = few_lines(f"takes {', '.join(state.inputs.values())}", width) if state.inputs else ()
        gives = few_lines(f"gives {', '.join(state.outputs.values())}", width) if state.outputs else ()
        return takes + gives
    required = dict.fromkeys(state.required_context_keys)
    optional = [key for key in state.own_keys if key not in required]
    named = [_key(key, definition.declared(key)) for key in required]
    named += (f"{_key(key, definition.declared(key))}?" for key in optional)
    return few_lines(", ".join(named) + (" (if missing)" if state.ask == "missing" else ""), width)


def said_in(state: State, width: int) -> tuple[str, ...]:
    """Quote the words that the machine says in a state itself."""
    return few_lines(f"“{shortened(state.say, 2 * width - 4)}”", width) if state.say else ()


def guard_of(transition: Transition, width: int) -> str:
    """Name the keys that a transition's conditions read: those they require, those they want answered, the others."""
    required = dict.fromkeys(key for c in transition.conditions for key in c.requires_context_keys)
    answered = dict.fromkeys(key for c in transition.conditions for key in c.answered_context_keys)
    named = {path.split(".", 1)[0] for path in (*required, *answered)} | {EVERYTHING}
    reads = [*required, *(f"{key} answered" for key in answered), *sorted(transition.reads - named)]
    return shortened(", ".join(reads), width)


def notes_on(transition: Transition, width: int) -> Iterator[str]:
    """Tell how a transition differs from others, a line for each thing."""
    if confirmed := dict.fromkeys(key for condition in transition.conditions for key in condition.confirms):
        yield shortened(f"confirms {', '.join(confirmed)}", width)
    if transition.handoff is not None:
        yield shortened(f"hands over to {transition.handoff}", width)
    if transition.fires is not None:
        yield "always fires" if transition.fires else "only if proposed"
    if transition.ask is not None:
        yield "asks what is missing" if transition.ask == "missing" else "asks anew"


def _key(key: str, declared: ContextKey | None) -> str:
    """Write a key: in quotation marks if it has to stand in the user's words, and with the keys that make it stale."""
    if declared is None:
        return key
    by = f" (by {', '.join(declared.depends_on)})" if declared.depends_on else ""
    return f"{f'“{key}”' if declared.grounded else key}{by}"
