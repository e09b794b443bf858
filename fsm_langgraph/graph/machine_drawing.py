"""A drawing of LangGraph's whose Mermaid text is valid, whatever states are called and transitions described.

LangChain writes labels and ids as they are. Mermaid then refuses the whole text for a full stop in a label, or for a
state that is called `end`. The drawing itself keeps the names and texts as the definition has them; only what Mermaid
is given differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from langchain_core.runnables.graph import Graph as DrawnGraph


class MachineDrawing(DrawnGraph):
    """A drawing of a machine's graph."""

    def draw_mermaid(self, **options: Any) -> str:
        """Write it as Mermaid text; the options are LangChain's."""
        ids = _mermaid_ids(self.nodes)
        nodes = {ids[name]: node._replace(id=ids[name], name=_escaped(node.name)) for name, node in self.nodes.items()}
        edges = [
            edge._replace(
                source=ids[edge.source],
                target=ids[edge.target],
                data=None if edge.data is None else _escaped(str(edge.data)),
            )
            for edge in self.edges
        ]
        return DrawnGraph(nodes, edges).draw_mermaid(**options)


def _mermaid_ids(names: Iterable[str]) -> dict[str, str]:
    """Map the names of nodes to ids that are no words of Mermaid; names in sub-machines are `payment:card`."""
    paths = [name.split(":") for name in names]
    ids = {part: part for path in paths for part in path}
    for part in [part for part in ids if _TAKEN.match(part)]:
        free = "state_" + re.sub(r"\W", "_", part)
        while free in ids.values():
            free += "_"
        ids[part] = free
    return {":".join(path): ":".join(ids[part] for part in path) for path in paths}


_TAKEN = re.compile(
    r"(?:call|class|classDef|click|default|end|flowchart|graph|href|interpolate|linkStyle|style|subgraph"
    r"|_blank|_parent|_self|_top)(?![A-Za-z0-9_])|.*(?:--|[^\w -])",
    re.DOTALL,
)
"""The words by which Mermaid's statements begin, also with a hyphen after them; arrows; what the name of no box has."""


def _escaped(text: str) -> str:
    """Write as entities what Mermaid reads as markup, as an arrow or as the end of a label."""
    return re.sub(r"[^\w\s,:/'?!-]|(?<!\w)-|-(?!\w)", _entity, text)


def _entity(found: re.Match[str]) -> str:
    return f"#{ord(found[0])};" if found[0].isascii() else found[0]
