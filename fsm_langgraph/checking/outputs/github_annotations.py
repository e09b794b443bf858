"""GitHub's annotations: a workflow that prints these lines shows each finding beside its line in a pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions has the form. What separates its
parts is escaped as the toolkit of GitHub's own actions does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.outputs.checked_file import CheckedFile, relative
from fsm_langgraph.checking.outputs.told_witness import told_witness

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def annotation_lines(files: Iterable[CheckedFile], folder: Path) -> Iterator[str]:
    """Yield a line for each finding that is not accepted.

    Args:
        files: What was examined.
        folder: The folder from which paths are told: the root of the repository.
    """
    for file in files:
        for finding in filter(file.tells, file.findings):
            yield _line(file, finding, folder)


def _line(file: CheckedFile, finding: Finding, folder: Path) -> str:
    place = finding.place
    properties = {"file": relative(file.file_of(place), folder)}
    if place is not None:
        properties |= {"line": str(place.line), "col": str(place.column)}
    properties["title"] = f"{finding.number} {finding.code}"
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    sentences = (
        f"{finding.path or '(root)'}: {finding.message}",
        finding.advice,
        told_witness(finding, file.report.definition),
    )
    return f"::{_COMMANDS[finding.severity]} {told}::{_data(chr(10).join(filter(None, sentences)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
