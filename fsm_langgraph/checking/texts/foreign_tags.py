"""Tags that are written as in another template language: what stands in them is no name, so that nothing is filled in.

    {{ nights | upper }}   {{ nights.upper() }}   {{ nights or 3 }}        Jinja, Liquid
    {{.nights}}                                                            Go
    {{nights} of {{weeks}}                                                 one that is not closed
    {{else}}   {{this}}   {{@index}}   {{../nights}}                       Handlebars

A closed definition with most of them is refused, as no key is named so. What is found here stands where loading cannot
be sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.texts.known_names import KnownNames
from fsm_langgraph.checking.texts.template_tags import Tag
from fsm_langgraph.checking.texts.template_texts import TemplateText
from fsm_langgraph.templates.template import unclosed_tag


def judge_foreign_tag(names: KnownNames, text: TemplateText, tag: Tag) -> Iterator[Finding]:
    """Tell of a tag that is no mustache: nothing stands in its place, whatever is known."""
    if tag.name == ".":
        return
    if "{{" in tag.name and (unclosed := unclosed_tag(str(tag))):
        message = f"the tag {unclosed!r} is not closed by '}}}}': nothing ever stands where {str(tag)!r} is."
        yield Finding(text.path, "foreign-tag", message, "Close it; what stands in a tag is its name.")
        return
    if tag.name.startswith("."):
        name = tag.name.lstrip("./")
        yield _finding(text, tag, f"Write {{{{{name}}}}}." if name else "Name a key.")
    elif (word := tag.name.split()[0]) in _WORDS and tag.around and word not in names.keys:
        yield _finding(text, tag, _WORDS[word])
    elif _is_key(names, tag.name):
        return
    elif (sign := _SIGN.search(tag.name)) is not None:
        yield _finding(text, tag, _instead(names, tag.name[: sign.start()], is_call=sign[0] == "("))
    elif (sign := _SIGN_AFTER_KEY.search(tag.name)) is not None and tag.name[: sign.start()].strip() in names.roots:
        yield _finding(text, tag, _instead(names, tag.name[: sign.start()], is_call=False))


_WORDS = {
    "else": "For the case that there is no value, write a section of its own: {{^name}} … {{/name}}.",
    "this": "The item of a list is {{.}}.",
    "@index": "No tag counts the items of a list.",
    "@key": "No tag names the members of an object.",
    "@first": "No tag counts the items of a list.",
    "@last": "No tag counts the items of a list.",
}
"""Words of Handlebars, with the advice for each; they are told within sections, where they have a meaning there."""
_SIGN = re.compile(r"[|()\[\]{}<>=*?\"'`%!~$]|\.\.|\.$|\s(?:or|and|if|else|not|is|in|default)\s")
"""Signs that no name has: those of expressions, filters and calls."""
_SIGN_AFTER_KEY = re.compile(r"[:,;/+]")
"""Signs that a name may have, and that are no part of it where what stands before them is a key."""


def _is_key(names: KnownNames, name: str) -> bool:
    """Say whether a key has such signs in its own name."""
    root = name.partition(".")[0]
    return root in names.keys and _SIGN.search(name[len(root) :]) is None


def _instead(names: KnownNames, path: str, *, is_call: bool) -> str:
    """Say what to write for an expression: the tag of the key that it begins with, where there is one."""
    path = path.strip().rstrip(".")
    if is_call:
        path = path.rpartition(".")[0]
    return f"Write {{{{{path}}}}}. {_PLAIN}" if path.partition(".")[0] in names.roots else _PLAIN


_PLAIN = "A tag has a name and nothing else; what is to be made of a value, a handler can write into a key of its own."


def _finding(text: TemplateText, tag: Tag, advice: str) -> Finding:
    message = (
        f"nothing ever stands where the tag {str(tag)!r} is: {tag.name!r} is no name, and tags are no expressions."
    )
    return Finding(text.path, "foreign-tag", message, advice)
