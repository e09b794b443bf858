"""Texts and trust: tags that nothing fills, other template languages, lookups, secrets, and needless questions.

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
lookup_origins    lookups whose place the model decides
typed_secrets, leaking_secrets
needless_questions, passing_rings   what `ask: missing` would spare, and where its passes go in a circle
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.texts.leaking_secrets import find_leaking_secrets
from fsm_langgraph.checking.texts.lookup_origins import find_lookup_faults
from fsm_langgraph.checking.texts.needless_questions import find_needless_questions
from fsm_langgraph.checking.texts.passing_rings import find_passing_rings
from fsm_langgraph.checking.texts.text_faults import find_text_faults
from fsm_langgraph.checking.texts.typed_secrets import find_typed_secrets

TEXT_CHECKS: tuple[Callable[[MachineView], Iterator[Finding]], ...] = (
    find_text_faults,
    find_lookup_faults,
    find_typed_secrets,
    find_leaking_secrets,
    find_needless_questions,
    find_passing_rings,
)
