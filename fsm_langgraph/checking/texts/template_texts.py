"""The texts of a definition, as the checks of this room go through them: its templates, and the words beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fsm_langgraph.checking.placed_transitions import placed_transitions
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.templates.template import Template


@dataclass(frozen=True, slots=True)
class TemplateText:
    """A template of a definition."""

    path: str
    """Where it stands."""
    field: str
    """The field that it is in: `say`."""
    text: str
    """The text, as it is written."""
    template: Template
    """The text, read."""
    state: State | None = None
    """The state that it belongs to; `None` for the definition's own."""

    @property
    def is_said(self) -> bool:
        """Whether the machine says it itself, word for word."""
        return self.field in ("say", "fallback_message")


def template_texts(definition: FSMDefinition) -> Iterator[TemplateText]:
    """Go through the templates of a definition, those of sub-machines and lookups left out."""
    for field in ("persona", "fallback_message"):
        if text := getattr(definition, field):
            yield TemplateText(field, field, text, Template(text))
    for state in definition.states.values():
        for field, text in state.texts.items():
            if text:
                yield TemplateText(at("states", state.id, field), field, text, Template(text), state)


def lookup_texts(definition: FSMDefinition) -> Iterator[TemplateText]:
    """Go through the templates of which the lookups of a definition make their places in the store."""
    for name, lookup in (definition.store or {}).items():
        for index, label in enumerate(lookup.namespace):
            yield TemplateText(at("store", name, "namespace", index), "store", label, Template(label))
        yield TemplateText(at("store", name, "key"), "store", lookup.key, Template(lookup.key))


def plain_texts(definition: FSMDefinition) -> Iterator[tuple[str, str]]:
    """Go through the texts that are no templates, each with its path; examples of a dialogue are left out.

    A model that copies a tag from an example has it filled, so that one there does what it seems to.
    """
    yield "description", definition.description
    for key, declared in (definition.context or {}).items():
        yield at("context", key, "description"), declared.description
    for name, lookup in (definition.store or {}).items():
        yield at("store", name, "description"), lookup.description
    for placed in placed_transitions(definition):
        yield at(*placed.steps, "description"), placed.transition.description
        for steps, condition in placed.conditions:
            yield at(*steps, "description"), condition.description
