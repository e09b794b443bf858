"""The findings for people: each file in a line, and each of its findings in a few.

In a terminal the lines of the file around a finding are shown, and texts are wrapped. What is piped has neither colours
nor breaks, and begins as compilers begin it: `file:line:column: severity`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from fsm_langgraph.cli.findings.excerpt import LEAST, excerpt
from fsm_langgraph.cli.findings.explain import STYLES
from fsm_langgraph.cli.output import plain, say

if TYPE_CHECKING:
    from fsm_langgraph.checking import Finding
    from fsm_langgraph.checking.outputs.checked_file import CheckedFile


def tell_findings(console: Console, files: Sequence[CheckedFile], *, verbose: bool) -> None:
    """Tell what was found in files.

    Args:
        console: Where to tell it.
        files: What was examined.
        verbose: Whether what is accepted is told too, and what was not proved.
    """
    for file in files:
        _tell_file(console, file)
        told = [*filter(file.tells, (*file.findings, *(_not_told(file) if verbose else ())))]
        for finding in told:
            _tell_finding(console, file, finding)
        for accepted in file.report.accepted if verbose else ():
            if file.tells(accepted.finding):
                _tell_finding(console, file, accepted.finding, accepted=accepted.acceptance.reason)
        if console.is_terminal and told:
            say(console)
    # Most often they are the same for all files.
    assumed = dict.fromkeys(filter(None, (file.report.assumptions for file in files)))
    for assumptions in assumed:
        say(console, (assumptions, "dim"))


def _not_told(file: CheckedFile) -> list[Finding]:
    """Return what was not proved, where notes are not told."""
    return [each for each in file.report.not_proved if each not in file.findings]


def _tell_file(console: Console, file: CheckedFile) -> None:
    counts = [(_count(number, severity), STYLES[severity]) for severity in STYLES if (number := file.count(severity))]
    parts: list[str | tuple[str, str]] = []
    report = file.report
    if (definition := report.definition) is not None and not file.count("error"):
        transitions = sum(len(state.transitions) for state in definition.states.values())
        revision = f", revision {definition.revision}" if definition.revision else ""
        counted = f"{_count(len(definition.states), 'state')}, {_count(transitions, 'transition')}"
        parts = [("ok", "bold green"), f"{revision}, {counted}"]
    for count in counts:
        parts += [", ", count] if parts else [count]
    if elsewhere := [file.told_with[each] for each in file.findings if not file.tells(each)]:
        parts.append(f", {len(elsewhere):,} told with {', '.join(dict.fromkeys(elsewhere))}")
    if report.accepted:
        parts.append(f", {len(report.accepted)} accepted")
    if report.not_proved:
        parts.append(f", {len(report.not_proved)} not proved")
    say(console, f"{file.name}: ", *parts)


def _tell_finding(console: Console, file: CheckedFile, finding: Finding, *, accepted: str | None = None) -> None:
    from fsm_langgraph.checking.outputs.told_witness import told_witness

    place, style = finding.place, STYLES[finding.severity] if accepted is None else "dim"
    where = f"{file.file_of(place)}:{place.line}:{place.column}" if place is not None else file.name
    severity = finding.severity if accepted is None else "accepted"
    if console.is_terminal:
        say(console)
    say(console, (f"{where}: ", "bold"), (severity, style), f" {finding.number} {finding.code}")
    _tell(console, (f"{finding.path or '(root)'}: ", "bold"), finding.message)
    if place is not None and accepted is None and console.is_terminal and console.width >= LEAST:
        lines = _split(file.text) if file.text is not None and not place.file else _lines(file.file_of(place))
        if shown := excerpt(lines, place, console.width - 4, style=style):
            console.print(Padding(shown, (0, 0, 0, 4), expand=False))
    for line in filter(None, finding.advice.splitlines()):
        _tell(console, line.strip())
    if witness := told_witness(finding, file.report.definition):
        _tell(console, witness)
    if accepted is not None:
        _tell(console, f"Accepted: {accepted}")


def _tell(console: Console, *parts: str | tuple[str, str]) -> None:
    """Tell a sentence, set in."""
    styled = [plain(part) if isinstance(part, str) else (plain(part[0]), part[1]) for part in parts]
    text = Text.assemble(*styled)
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, 2), expand=False))
    else:
        console.print("\n".join(f"  {line}" for line in text.plain.split("\n")), soft_wrap=True)


@cache
def _lines(file: str) -> tuple[str, ...]:
    from fsm_langgraph.data.json_data import UnreadableError
    from fsm_langgraph.loading.files import read_file

    try:
        return _split(read_file(Path(file)))
    except UnreadableError:
        return ()


def _split(text: str) -> tuple[str, ...]:
    """Return the lines as YAML and JSON count them: Python's own `splitlines` knows more ends."""
    return tuple(re.split(r"\r\n|\n|\r", text.rstrip("\r\n")))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def tell_passed_over(console: Console, others: Iterable[Path], *, verbose: bool) -> None:
    """Say which files were passed over as no definitions."""
    names = [str(each) for each in others]
    if names:
        told = f": {', '.join(names)}" if verbose or len(names) <= 3 else "; -v names them"
        say(console, (f"{_count(len(names), 'file')} passed over as no definition{told}.", "dim"))
