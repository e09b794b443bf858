"""`fsm-langgraph check --explain CODE`: what there is to know of a kind of finding, or the list of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fsm_langgraph.cli.output import fail, out, say, table_of

if TYPE_CHECKING:
    from fsm_langgraph.checking import Code

STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
"""Rich's name of the style of each severity."""


def explain(names: Sequence[str]) -> None:
    """Explain these codes, by their numbers or names; list all of them where none is named."""
    from fsm_langgraph.checking import CODES

    codes = [_code(name) for name in names]
    if not codes:
        _list([*CODES.values()])
    for code in codes:
        _explain(code)


def _code(name: str) -> Code:
    from fsm_langgraph.checking import CODES, code_named
    from fsm_langgraph.errors import suggest

    is_number = name[:3].upper() == "FSM"
    given = name.upper() if is_number else name.lower()
    known = [code.number for code in CODES.values()] if is_number else [*CODES]
    if given not in known:
        advice = suggest(given, known, noun="codes")
        fail(f"no code is named {name!r}.\n  {advice}\n  check --explain lists them all.")
    return code_named(given)


def _list(codes: Sequence[Code]) -> None:
    console = out()
    rows = [(code.number, code.name, (code.severity, STYLES[code.severity]), code.title) for code in codes]
    if console.is_terminal:
        console.print(table_of(("Code", "Name", "Severity", "Title"), rows))
        return
    for number, name, (severity, _), title in rows:
        say(console, f"{number}  {name}  {severity}  {title}")


def _explain(code: Code) -> None:
    from fsm_langgraph.checking.outputs.codes_page import code_text

    console, text = out(), f"# {code.number}\n\n{code_text(code)}"
    if console.is_terminal:
        from rich.markdown import Markdown

        console.print(Markdown(text))
    else:
        console.out(text, highlight=False)
