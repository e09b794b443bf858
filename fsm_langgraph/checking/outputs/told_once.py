"""A finding of a sub-machine's file is told once, where that file is examined by itself beside the one that runs it.

It is told with the file that it stands in, or else with the first of those that run that file. All keep it among their
findings, by which they can be run or not. So is a finding of a handler's function that several files are held against.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.outputs.checked_file import CheckedFile

_Key = tuple[Path, int, int, str, str]
"""A finding by what is the same wherever it is told: its file, line and column, its code, its message."""


def told_once(files: Sequence[CheckedFile]) -> list[CheckedFile]:
    """Return the files, each with what another one tells."""
    telling: dict[_Key, CheckedFile] = {}
    keyed = [(file, dict(_keyed(file))) for file in files]
    for file, keys in keyed:
        for key in keys.values():
            if key not in telling or key[0] == Path(file.name).resolve():
                telling[key] = file
    return [
        replace(
            file, told_with={finding: telling[key].name for finding, key in keys.items() if telling[key] is not file}
        )
        for file, keys in keyed
    ]


def _keyed(file: CheckedFile) -> Iterator[tuple[Finding, _Key]]:
    """Yield the findings of a file that stand in one."""
    if file.text is not None:
        return
    report = file.report
    for finding in (*file.findings, *report.not_proved, *(accepted.finding for accepted in report.accepted)):
        if (place := finding.place) is not None:
            where = Path(file.file_of(place)).resolve()
            yield finding, (where, place.line, place.column, finding.code, finding.message)
