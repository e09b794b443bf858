"""SARIF 2.1.0, the form in which GitHub's code scanning, GitLab and editors take the findings of any checker.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
Paths are told from the working folder on, under the base `%SRCROOT%`, so that a log says nothing of the machine that
wrote it. Columns are counted in characters. A rule brings the whole text on its code, for readers who are offline.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fsm_langgraph.checking.codes import code_named
from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.outputs.checked_file import STDIN, CheckedFile, relative
from fsm_langgraph.checking.outputs.codes_page import code_text
from fsm_langgraph.checking.outputs.told_witness import told_witness

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif_log(files: Iterable[CheckedFile], folder: Path) -> dict[str, Any]:
    """Return a log of one run.

    Args:
        files: What was examined.
        folder: The folder from which paths are told: the root of the repository.
    """
    files = [*files]
    found: list[tuple[CheckedFile, Finding, str | None]] = [
        (file, finding, None) for file in files for finding in filter(file.tells, file.findings)
    ]
    found += [
        (file, each.finding, each.acceptance.reason)
        for file in files
        for each in file.report.accepted
        if file.tells(each.finding)
    ]
    numbers = sorted({finding.number for _, finding, _ in found})
    results = [
        {**_result(file, finding, reason, folder), "ruleIndex": numbers.index(finding.number)}
        for file, finding, reason in found
    ]
    driver = {
        "name": "fsm-langgraph",
        "version": version("fsm-langgraph"),
        "rules": [_rule(number) for number in numbers],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": _artifact(file.name, folder)} for file in files if file.name != STDIN],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(number: str) -> dict[str, Any]:
    code = code_named(number)
    text = code_text(code)
    return {
        "id": code.number,
        "name": "".join(part.capitalize() for part in code.name.split("-")),
        "shortDescription": {"text": f"{code.title}."},
        "fullDescription": {"text": code.explanation.strip()},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": code.severity},
        "properties": {"tags": [code.name], "precision": "high"},
    }


def _result(file: CheckedFile, finding: Finding, reason: str | None, folder: Path) -> dict[str, Any]:
    sentences = (finding.message, finding.advice, told_witness(finding, file.report.definition))
    accepted = {"kind": "inSource", "status": "accepted", "justification": reason}
    return {
        "ruleId": finding.number,
        "level": finding.severity,
        "message": {"text": "\n".join(filter(None, sentences))},
        "locations": [_location(file, finding, folder)],
        "partialFingerprints": {"codePathAndMessage/v1": _fingerprint(finding)},
        "suppressions": [accepted] if reason is not None else [],
    }


def _location(file: CheckedFile, finding: Finding, folder: Path) -> dict[str, Any]:
    place, name = finding.place, file.file_of(finding.place)
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": finding.path}]} if finding.path else {}
    if name != STDIN:
        region = {"startLine": place.line, "startColumn": place.column} if place is not None else {"startLine": 1}
        location["physicalLocation"] = {"artifactLocation": _artifact(name, folder), "region": region}
    return location


def _artifact(name: str, folder: Path) -> dict[str, str]:
    path = relative(name, folder)
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(os.fsencode(path)), "uriBaseId": "%SRCROOT%"}


def _fingerprint(finding: Finding) -> str:
    """Tell a finding from others, and the same again where only lines were put in above it."""
    return sha256("\0".join((finding.code, finding.path, finding.message)).encode()).hexdigest()[:32]
