"""The resources that a machine has for MCP clients: its definition, as JSON, and its picture.

The picture is SVG where pygraphviz is installed (the extra `draw`), else Mermaid, which is text.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

from mcp import types

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.drawing import Picture
from fsm_langgraph.mcp.served_machine import ServedMachine

JSON_TYPE = "application/json"
SVG_TYPE = "image/svg+xml"
MERMAID_TYPE = "text/vnd.mermaid"


@dataclass(frozen=True, slots=True)
class MachineResource:
    """Something about a machine that clients can read."""

    listed: types.Resource
    """Its description for clients."""
    write: Callable[[], str]
    """Writes its text."""

    async def read(self) -> types.TextResourceContents:
        """Read it, in a thread, since a large machine takes a while to draw.

        Raises:
            DrawingError: Graphviz cannot draw it.
        """
        text = await asyncio.to_thread(self.write)
        return types.TextResourceContents(uri=self.listed.uri, mime_type=self.listed.mime_type, text=text)


def machine_resources(machine: ServedMachine) -> list[MachineResource]:
    """Return the resources of a machine."""
    definition, picture = machine.definition, Picture(machine.definition)
    is_drawn = find_spec("pygraphviz") is not None

    def listed(kind: str, mime_type: str, description: str) -> types.Resource:
        return types.Resource(
            uri=f"fsm://{machine.name}/{kind}",
            name=f"{machine.name}_{kind}",
            title=f"{definition.name}: {kind}",
            description=description,
            mime_type=mime_type,
        )

    return [
        MachineResource(
            listed("definition", JSON_TYPE, "The states and transitions of the conversation."),
            partial(_as_json, definition),
        ),
        MachineResource(
            listed("picture", SVG_TYPE if is_drawn else MERMAID_TYPE, "The states and transitions, drawn."),
            partial(_draw, picture) if is_drawn else picture.mermaid,
        ),
    ]


_DRAWING = threading.Lock()
"""Held by the thread that draws: Graphviz keeps what it is drawing in variables of the whole process."""


def _draw(picture: Picture) -> str:
    with _DRAWING:
        return picture.svg().decode()


def _as_json(definition: FSMDefinition) -> str:
    """Write a definition so that it can be loaded again, with the sub-machines in it."""
    return json.dumps(definition.model_dump(mode="json", exclude_unset=True), indent=2, ensure_ascii=False)
