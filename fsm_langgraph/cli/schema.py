"""`fsm-langgraph schema`: the JSON Schema of definitions, of scenarios, or of findings, for editors and tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from fsm_langgraph.cli.output import errors_told, write


def schema(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", help="Where to write it; the standard output if left out."),
    ] = None,
    scenarios: Annotated[
        bool, typer.Option("--scenarios", help="That of files of scenarios, instead of that of definitions.")
    ] = False,
    findings: Annotated[
        bool, typer.Option("--findings", help="That of what check --json writes, instead of that of definitions.")
    ] = False,
) -> None:
    """Print the JSON Schema of the file format."""
    from fsm_langgraph.loading import definition_schema

    if scenarios and findings:
        raise typer.BadParameter("one schema is written at a time", param_hint="--findings")
    with errors_told():
        if findings:
            from fsm_langgraph.checking.outputs.report_document import report_schema

            made = report_schema()
        elif scenarios:
            from fsm_langgraph.scenarios.scenario_schema import scenario_schema

            made = scenario_schema()
        else:
            made = definition_schema()
        write(json.dumps(made, indent=2, ensure_ascii=False) + "\n", output)
