"""Templates: purposes, descriptions, instructions and personas, in the syntax of LangChain's `mustache`.

Only what would fail or vanish when a prompt is built is a problem; a variable without a value renders as
nothing.
"""

from __future__ import annotations

import re

from fsm_langgraph.errors import Problem


def check_template(template: str) -> list[Problem]:
    """Find what is wrong with a template; the problems carry no path."""
    if "{{" not in template:
        return []
    from langchain_core.utils.mustache import ChevronError, tokenize  # slow to import, and rarely needed

    try:
        # The tokenizer overlooks a tag that is opened by the very last characters.
        tokens = list(tokenize(template + "\n"))
    except ChevronError as error:
        return [_bad(f"is not a mustache template: {_reason(error)}.")]
    problems = [
        _bad(f"partials are not supported: '{{{{> {name}}}}}'.") for kind, name in tokens if kind == "partial"
    ]
    problems += [
        _bad(f"the tag '{{{{{{{name}' is not closed by '}}}}}}'.")
        for kind, name in tokens
        if kind == "no escape?"
    ]
    return problems


def _reason(error: Exception) -> str:
    """Return what the tokenizer says, without its count of lines, which is not to be relied on."""
    said = re.sub(r"\s*(was opened )?(at )?line \d+$", "", str(error))
    return "; ".join(line[:1].lower() + line[1:].rstrip(".") for line in said.splitlines())


def _bad(message: str) -> Problem:
    return Problem("", "bad-template", message, "A tag is written {{name}}, a section {{#name}} … {{/name}}.")
