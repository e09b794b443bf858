"""The findings as one JSON document; its schema is made from the models here, and so cannot lag behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.outputs.checked_file import CheckedFile
from fsm_langgraph.checking.outputs.told_witness import told_witness
from fsm_langgraph.loading.format_schema import DRAFT, Schema, Untitled, describe


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class ReportedPlace(_Part):
    """A place in a text."""

    file: str
    """The file: the one examined, or that of a sub-machine."""
    line: int
    """From 1 on."""
    column: int
    """From 1 on, in characters (Unicode code points)."""


class ReportedWitness(_Part):
    """A context that shows a finding."""

    context: dict[str, JsonValue]
    """The values of the keys; one that is not in it is not in the context."""
    written: tuple[str, ...]
    """The keys that were answered though they have no value, or the value of their default."""
    text: str
    """The same in words."""


class ReportedFinding(_Part):
    """Something that was found."""

    code: str
    """The number of its kind, which never changes: `FSM101`."""
    name: str
    """The name of its kind, which never changes either: `unreachable-state`."""
    severity: Literal["error", "warning", "note"]
    """An `error` keeps the definition from loading, a `warning` may be meant so, a `note` is told where asked for."""
    path: str
    """Where it is, from the root of the definition: `states.greeting.transitions[0]`."""
    place: ReportedPlace | None
    """Where that stands in a file, if it does."""
    message: str
    """The finding, as a sentence."""
    advice: str
    """The way to mend it; empty where the message says it all."""
    witness: ReportedWitness | None
    """A context that shows it, where there is one to show."""
    accepted: str | None
    """The reason for which the author accepts it; such a finding fails no build."""


class ReportedFile(_Part):
    """A file that was examined."""

    file: str
    """Its path as it was given, or `<stdin>`."""
    ok: bool
    """Whether there is no error, so that it can be run."""
    states: int | None
    """How many states it has, those of sub-machines not counted; null where it does not load."""
    transitions: int | None
    """How many transitions they have; null where it does not load."""
    assumptions: str
    """The assumptions under which the findings are all that there is to find; empty where it does not load."""
    findings: tuple[ReportedFinding, ...]
    """Its findings, in the order of the document; those that are accepted follow."""


class ReportDocument(_Part):
    """All that was found."""

    version: Literal[1] = 1
    """The version of this form. Fields may be added to it; one that changes or goes makes a new version."""
    files: tuple[ReportedFile, ...]
    """Each file that was examined, in the order in which they were given."""


def report_document(files: Iterable[CheckedFile]) -> dict[str, Any]:
    """Return what was found in files, as JSON data that fits `report_schema`."""
    return ReportDocument(files=tuple(map(_reported_file, files))).model_dump(mode="json")


def report_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of what was found."""
    schema: Schema = ReportDocument.model_json_schema(mode="serialization", schema_generator=Untitled)
    parts: dict[str, Schema] = schema["$defs"]
    for model in (ReportedPlace, ReportedWitness, ReportedFinding, ReportedFile):
        describe(parts[model.__name__], model)
    describe(schema, ReportDocument)
    return {"$schema": DRAFT, **schema, "title": "Findings"}


def _reported_file(file: CheckedFile) -> ReportedFile:
    report, definition = file.report, file.report.definition
    states = None if definition is None else definition.states.values()
    return ReportedFile(
        file=file.name,
        ok=not file.count("error"),
        states=None if states is None else len(states),
        transitions=None if states is None else sum(len(state.transitions) for state in states),
        assumptions=report.assumptions,
        findings=(
            *(_reported(file, each) for each in file.findings),
            *(_reported(file, each.finding, accepted=each.acceptance.reason) for each in report.accepted),
        ),
    )


def _reported(file: CheckedFile, finding: Finding, *, accepted: str | None = None) -> ReportedFinding:
    place, witness = finding.place, finding.witness
    return ReportedFinding(
        code=finding.number,
        name=finding.code,
        severity=finding.severity,
        path=finding.path,
        place=place and ReportedPlace(file=file.file_of(place), line=place.line, column=place.column),
        message=finding.message,
        advice=finding.advice,
        witness=witness
        and ReportedWitness(
            context={**witness.context},
            written=tuple(sorted(witness.written)),
            text=told_witness(finding, file.report.definition),
        ),
        accepted=accepted,
    )
