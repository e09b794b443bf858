"""Tags that do nothing where they stand: in a text that is no template, or made a comment by one sign."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.texts.known_names import KnownNames
from fsm_langgraph.checking.texts.template_texts import TemplateText, plain_texts


def find_idle_tags(names: KnownNames, texts: Iterable[TemplateText]) -> Iterator[Finding]:
    """Note the tags over known keys that are never filled; the model reads those in texts that are no templates."""
    for path, text in plain_texts(names.definition):
        for tag, name in _named(_TAG, text, names):
            message = f"this text is no template: the model reads the tag {tag!r} as it stands."
            advice = (
                f"Name the key in words: {name}; or tell it in a state's 'purpose', 'description' or 'instructions'."
            )
            yield Finding(path, "tag-in-plain-text", message, advice, words=tag)
    for found in texts:
        for tag, name in _named(_COMMENT, found.text, names):
            message = f"the tag {tag!r} is a comment: nothing stands where it is."
            advice = f"Write {{{{{name}}}}} for its value, or {{{{^{name}}}}} … {{{{/{name}}}}} where there is none."
            yield Finding(found.path, "commented-key", message, advice, words=tag)


def _named(pattern: re.Pattern[str], text: str, names: KnownNames) -> Iterator[tuple[str, str]]:
    if "{{" in text:
        for tag, name in dict.fromkeys((match[0], match["name"]) for match in pattern.finditer(text)):
            if name.partition(".")[0] in names.keys:
                yield tag, name


_TAG = re.compile(r"\{\{[#^&]?\s*(?P<name>[\w.-]+)\s*\}\}")
_COMMENT = re.compile(r"\{\{!\s*(?P<name>[\w.-]+)\s*\}\}")
