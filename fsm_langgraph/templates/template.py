"""Templates: purposes, descriptions, instructions and personas, in the syntax of LangChain's `mustache`.

Only what would fail or vanish when a prompt is built is a problem, and what is beyond all measure; a variable without
a value renders as nothing. LangChain's tokenizer is slow to import and rarely needed, so it is imported where a text
has tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import accumulate, islice
from typing import Any

from fsm_langgraph.errors import Problem
from fsm_langgraph.templates.filling import SECTIONS, Node, Token, filled, tree
from fsm_langgraph.templates.written import written

MAX_TEXT = 32_000
"""How many characters a template has at most; a prompt would have some 8,000 tokens of it."""
MAX_TOKENS = 2_000
"""How many parts it has at most, between tags and tags themselves."""
MAX_NESTING = 16
"""How deep its sections may stand in each other."""


class Template:
    """A text with tags over the context, read once.

    Values are filled in as they are, whether the tag is `{{key}}` or `{{{key}}}`. Who fills the template escapes them
    as the text around asks for.

    Args:
        text: The text.
        place: Where it stands in the definition, for errors.
    """

    def __init__(self, text: str, place: str = "") -> None:
        self._text = text
        self._place = place
        self._tokens = _tokens(text) if "{{" in text else []

    def __bool__(self) -> bool:
        return bool(self._text)

    @property
    def tokens(self) -> list[Token]:
        """Its parts; none where it has no tags."""
        return self._tokens

    def rewritten(self, tokens: Sequence[Token]) -> Template:
        """Return a template that has these parts."""
        template = Template("", self._place)
        template._text, template._tokens = self._text, [*tokens]
        return template

    @property
    def has_tags(self) -> bool:
        """Whether filling it can change it."""
        return bool(self._tokens)

    @property
    def names(self) -> frozenset[str]:
        """The keys that its variables name."""
        return frozenset(name.split(".", 1)[0] for kind, name in self._tokens if kind == "no escape")

    @cached_property
    def roots(self) -> frozenset[str]:
        """The keys that it is made of, those of its sections among them."""
        return frozenset(path.split(".", 1)[0] for path in self.paths)

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths that its variables and sections name, as they are written."""
        return frozenset(name for kind, name in self._tokens if kind in ("no escape", *SECTIONS))

    @property
    def branches(self) -> frozenset[str]:
        """The keys that its sections are shown, or left out, by."""
        return frozenset(name.split(".", 1)[0] for kind, name in self._tokens if kind in SECTIONS)

    @property
    def bare_names(self) -> frozenset[str]:
        """The keys that variables name outside of the sections over these keys themselves."""
        found, around = set[str](), list[str]()
        for kind, name in self._tokens:
            root = name.split(".", 1)[0]
            if kind in SECTIONS:
                around.append(root)
            elif kind == "end":
                around.pop()
            elif kind == "no escape" and root not in around:
                found.add(root)
        return frozenset(found)

    @property
    def outer_roots(self) -> frozenset[str]:
        """The keys that it names outside of every section: no member of a value can be meant."""
        found, depth = set[str](), 0
        for kind, name in self._tokens:
            if depth == 0 and kind in ("no escape", *SECTIONS):
                found.add(name.split(".", 1)[0])
            depth += (kind in SECTIONS) - (kind == "end")
        return frozenset(found)

    @property
    def has_sections(self) -> bool:
        """Whether filling it does more than to replace tags by values."""
        return any(kind in SECTIONS for kind, _ in self._tokens)

    @property
    def literal(self) -> str:
        """The text between its tags, which stays whatever it is filled with."""
        return "".join(text for kind, text in self._tokens if kind == "literal") if self._tokens else self._text

    def fill(self, values: Mapping[str, Any]) -> str:
        """Return the text with the values filled in, as people write them.

        Raises:
            OverfullError: It would be longer than `filling` allows.
        """
        return filled(self._tree, written(values, self.roots), self._place) if self._tokens else self._text

    @cached_property
    def _tree(self) -> tuple[Node, ...]:
        return tree(self._tokens)


def check_template(template: str, *, is_closed: bool = False) -> list[Problem]:
    """Find what is wrong with a template; the problems carry no path.

    Args:
        template: The text.
        is_closed: Whether its names are declared, so that a tag that goes on to the end of another one is none of them.
    """
    if len(template) > MAX_TEXT:
        return [_bad(f"is longer than {MAX_TEXT:,} characters.")]
    if "{{" not in template:
        return []
    from langchain_core.utils.mustache import ChevronError, tokenize

    try:
        # The tokenizer overlooks a tag that is opened by the very last characters of a text.
        tokens = [*islice(tokenize(template + "\n"), MAX_TOKENS + 1)]
    except ChevronError as error:
        unclosed = unclosed_tag(template)
        return [_unclosed(unclosed) if unclosed else _bad(f"is not a mustache template: {_reason(error)}.")]
    if len(tokens) > MAX_TOKENS:
        return [_bad(f"has more than {MAX_TOKENS:,} parts.")]
    if max(accumulate((kind in SECTIONS) - (kind == "end") for kind, _ in tokens), default=0) > MAX_NESTING:
        return [_bad(f"has sections that nest deeper than {MAX_NESTING}.")]
    if is_closed and (unclosed := unclosed_tag(template)):
        return [_unclosed(unclosed)]
    problems = [_bad(f"partials are not supported: '{{{{> {name}}}}}'.") for kind, name in tokens if kind == "partial"]
    problems += [
        _bad(f"the tag '{{{{{{{name}' is not closed by '}}}}}}'.") for kind, name in tokens if kind == "no escape?"
    ]
    return problems


def unclosed_tag(template: str) -> str:
    """Return the first tag of a template after which another one begins, or the text ends; empty where there is none.

    Mustache closes it with the end of the other one, and takes all that stands between them for its name.
    """
    if "{{=" in template:  # tags are written otherwise from here on
        return ""
    found = _UNCLOSED.search(template)
    return found[1] if found is not None else ""


_UNCLOSED = re.compile(r"(\{\{(?![!{])[#^/&>]?\s*+[^\W\d]?+[\w.]*+(?:\}(?!\}))?+)(?:(?!\}\}).)*?(?:\{\{|\Z)", re.DOTALL)
"""A tag as far as its name goes, and what follows it up to the next one; a comment may have anything in it.

No step is taken back, so that a name as long as a text may be takes no time.
"""


def _unclosed(tag: str) -> Problem:
    problem = _bad(f"the tag {tag!r} is not closed by '}}}}'.")
    return replace(problem, words=tag)


def _tokens(text: str) -> list[Token]:
    # Mustache escapes `{{key}}` for HTML, which a prompt is not.
    from langchain_core.utils.mustache import tokenize

    tokens, around = list[Token](), list[str]()
    for kind, name in tokenize(text):
        if kind in SECTIONS:
            around.append(kind)
        # LangChain's renderer would take the end of an inverted section for that of a section of its name around it.
        is_marked = kind == "end" and around.pop() == "inverted section"
        tokens.append(("no escape" if kind == "variable" else kind, f"^{name}" if is_marked else name))
    return tokens


def _reason(error: Exception) -> str:
    """Return what the tokenizer says, without its count of lines, which is not to be relied on."""
    said = re.sub(r"\s*(was opened )?(at )?line \d+$", "", str(error))
    return "; ".join(line[:1].lower() + line[1:].rstrip(".") for line in said.splitlines())


def _bad(message: str) -> Problem:
    return Problem("", "bad-template", message, "A tag is written {{name}}, a section {{#name}} … {{/name}}.")
