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
    """Explain these codes, by their numbers or names; list all of them where none is named.

    Those that there are not are told at the end.
    """
    from fsm_langgraph.checking import CODES

    if not names:
        _list([*CODES.values()])
    found = [_code(name) for name in names]
    for code in found:
        if not isinstance(code, str):
            _explain(code)
    if faults := [each for each in found if isinstance(each, str)]:
        fail("\n".join((*faults, "  check --explain lists them all.")))


def _code(name: str) -> Code | str:
    """Return the code of a number or name; what to tell where there is none."""
    from fsm_langgraph.checking import CODES, code_named
    from fsm_langgraph.errors import suggest

    is_number = name[:3].upper() == "FSM"
    given = name.upper() if is_number else name.lower()
    known = [code.number for code in CODES.values()] if is_number else [*CODES]
    if given not in known:
        return f"no code is named {name!r}.\n  {suggest(given, known, noun='codes')}"
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
