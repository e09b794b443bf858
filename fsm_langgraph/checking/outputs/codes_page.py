"""The table of codes in Markdown: the page `docs/problems.md`, and one code of it for `check --explain`."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from fsm_langgraph.checking.codes import CODES, Code

_INTRODUCTION = """\
# What `check` finds

Every kind of finding has a number and a name, which never change. An **error** keeps a definition from loading. A
**warning** is told of a definition that runs: it may be meant so, and is then [accepted with a
reason](checking.md#accepting-a-finding). A **note** is told only with `--notes`. The same as below is told by
`fsm-langgraph check --explain CODE`.

This page is written by `make problems`, from the table in the code.
"""
_KINDS = {
    "FSM0": "What keeps a definition from loading",
    "FSM1": "States and transitions",
    "FSM2": "Who writes the keys and who reads them",
    "FSM3": "Guards",
    "FSM4": "Texts, secrets and trust",
    "FSM5": "Limits of the author's own",
    "FSM9": "The checker itself",
}


def codes_page() -> str:
    """Return the page on all codes; each has the anchor of its number in small letters: `#fsm101`."""
    parts = [_INTRODUCTION]
    for start, title in _KINDS.items():
        codes = [code for code in CODES.values() if code.number.startswith(start)]
        if codes:
            parts += [f"# {title}\n", _table(codes), *(f"## {code.number}\n\n{code_text(code)}" for code in codes)]
    return "\n".join(parts)


def code_text(code: Code) -> str:
    """Return what there is to know of a code: what it means, an example, and the example mended."""
    return "\n".join(_parts(code))


def _parts(code: Code) -> Iterator[str]:
    yield f"`{code.name}`, {_ARTICLES[code.severity]}: {code.title[:1].lower()}{code.title[1:]}.\n"
    yield _wrapped(code.explanation)
    if not code.example:
        yield f"There is no example. {code.unshown}\n"
        return
    language = "json" if code.example.startswith("{") else "yaml"
    yield f"It is found in this definition:\n\n```{language}\n{_cut(code.example.strip().splitlines())}\n```\n"
    yield f"And in this no more:\n\n```diff\n{_changed(code.example, code.mended)}\n```\n"


_ARTICLES = {"error": "an error", "warning": "a warning", "note": "a note"}


def _wrapped(explanation: str) -> str:
    """Return paragraphs in lines of the width of the other pages; what is indented or listed stays as it is."""
    paragraphs = explanation.strip().split("\n\n")
    return (
        "\n\n".join(
            each if each.startswith(("- ", "|", "```", " ")) else textwrap.fill(each, 120, break_on_hyphens=False)
            for each in paragraphs
        )
        + "\n"
    )


def _changed(example: str, mended: str) -> str:
    lines = difflib.unified_diff(example.strip().splitlines(), mended.strip().splitlines(), n=2, lineterm="")
    return _cut([line for line in lines if not line.startswith(("---", "+++", "@@"))])


def _cut(lines: Sequence[str]) -> str:
    """Leave out the middle of what takes hundreds of lines, as an example of something too long does."""
    if len(lines) > _MOST:
        more = len(lines) - _MOST
        lines = [*lines[: _MOST - 10], f"# … {more:,} lines more", *lines[-10:]]
    return "\n".join(lines)


_MOST = 50
"""How many lines of an example are shown."""


def _table(codes: Iterable[Code]) -> str:
    rows = (
        f"| [{code.number}](#{code.number.lower()}) | `{code.name}` | {code.severity} | {code.title} |"
        for code in codes
    )
    return "\n".join(["| code | name | | |", "|---|---|---|---|", *rows]) + "\n"
