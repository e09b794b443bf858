"""Texts: tags that nothing fills, and placeholders of other template languages.

text_faults       all of the following:
template_texts    the texts of a definition
template_tags     the tags of a text
known_names       the names that there are
tag_faults        every tag, shown to each of the judges:
    foreign_tags      written as in another language
    unfilled_tags     over names that nobody writes
    void_tags         that their key cannot fill
    hidden_tags       over keys that the text may not show
dialects          placeholders of other languages in a text
idle_tags         tags in texts that are no templates, and comments
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.texts.text_faults import find_text_faults

TEXT_CHECKS: tuple[Callable[[MachineView], Iterator[Finding]], ...] = (find_text_faults,)
