"""`fsm-langgraph schema`: the JSON Schema of the file format, for editors and other tools."""

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
) -> None:
    """Print the JSON Schema of the file format."""
    from fsm_langgraph.loading import definition_schema

    with errors_told():
        write(json.dumps(definition_schema(), indent=2, ensure_ascii=False) + "\n", output)
