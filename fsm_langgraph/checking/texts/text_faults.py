"""The templates of a machine, read once and gone through by all that looks at texts."""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.texts.dialects import find_dialects
from fsm_langgraph.checking.texts.idle_tags import find_idle_tags
from fsm_langgraph.checking.texts.known_names import KnownNames
from fsm_langgraph.checking.texts.tag_faults import find_tag_faults
from fsm_langgraph.checking.texts.template_texts import lookup_texts, template_texts


def find_text_faults(view: MachineView) -> Iterator[Finding]:
    """Find what is wrong with the templates of a machine.

    It assumes that nobody writes a key that is not declared where keys are, and that nobody means a name that is a slip
    of a known one where none are.
    """
    names = view.once(KnownNames)
    texts = [*template_texts(view.definition)]
    yield from find_tag_faults(names, texts)
    yield from find_dialects(names, [*texts, *lookup_texts(view.definition)])
    yield from find_idle_tags(names, texts)
