"""Every tag of every template, shown to each of the judges: what does it stand for, and will anything stand there?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.texts.foreign_tags import judge_foreign_tag
from fsm_langgraph.checking.texts.hidden_tags import judge_hidden_tag
from fsm_langgraph.checking.texts.known_names import KnownNames
from fsm_langgraph.checking.texts.template_tags import Tag, tags_of
from fsm_langgraph.checking.texts.template_texts import TemplateText
from fsm_langgraph.checking.texts.unfilled_tags import judge_unfilled_tag
from fsm_langgraph.checking.texts.void_tags import judge_void_tag

Judge = Callable[[KnownNames, TemplateText, Tag], Iterator[Finding]]
"""Finds what is wrong with one tag."""

_JUDGES: tuple[Judge, ...] = (judge_foreign_tag, judge_unfilled_tag, judge_void_tag, judge_hidden_tag)
"""The first that finds something has the word: one fault is told once."""


def find_tag_faults(names: KnownNames, texts: Iterable[TemplateText]) -> Iterator[Finding]:
    """Find the tags of templates where nothing will stand, or something else than is meant."""
    for text in texts:
        told: set[Finding] = set()
        for tag in tags_of(text.template, names.definition) if text.template.has_tags else ():
            found = next((found for judge in _JUDGES if (found := [*judge(names, text, tag)])), [])
            yield from (replace(finding, words=str(tag)) for finding in found if finding not in told)
            told.update(found)
