"""Keys that a sub-machine leaves to its caller, and that the machine around, which is its caller, does not hand in.

Nobody else writes them: what the caller of a graph gives goes to the outermost machine. It is told of a key that a
condition or a lookup reads, or that a text shows outside of a section; a text may be made for both cases by sections.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.named_keys import guarded_keys
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.checking.word_lists import listed_names
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.templates.definition_keys import texts_of
from fsm_langgraph.templates.filling import SECTIONS
from fsm_langgraph.templates.template import Template


def find_missing_inputs(shape: Shape) -> Iterator[Finding]:
    """Tell each state that runs a sub-machine without something that this one waits for from its caller."""
    definition = shape.definition
    wanted = {name: [*_wanted_by(inner)] for name, inner in definition.subflows.items()}
    for state in definition.states.values():
        missing = [key for key in wanted.get(state.subflow or "", ()) if key not in state.inputs]
        if missing:
            told = listed_names(missing)
            message = (
                f"{state.subflow!r} reads {told}, which its caller is to write: that is the state {state.id!r}, and "
                "it hands nothing in for that."
            )
            advice = f"Name {told} in the 'inputs' of {state.id!r}, or declare there who else writes it."
            yield Finding(at("states", state.id), "unfilled-input", message, advice)


def _wanted_by(inner: FSMDefinition) -> Iterator[str]:
    declared = (inner.context or {}).items()
    keys = [key for key, each in declared if each.written_by == "caller" and each.default is None]
    if keys:
        lookups = (text for each in (inner.store or {}).values() for text in (*each.namespace, each.key))
        shown = {name for text in (*texts_of(inner), *lookups) for name in _shown(Template(text))}
        yield from (key for key in keys if key in shown or key in guarded_keys(inner))


def _shown(template: Template) -> Iterator[str]:
    """Name the keys of the tags that stand in no section."""
    depth = 0
    for kind, name in template.tokens:
        if kind in SECTIONS:
            depth += 1
        elif kind == "end":
            depth -= 1
        elif kind == "no escape" and not depth:
            yield name.partition(".")[0]
