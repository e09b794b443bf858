"""A definition as Mermaid text, which code hosts, notebooks and editors draw themselves.

The colours are given for boxes only, text and ground together, so that a box reads the same on a light and on
a dark page; arrows keep the colours of the page. States are named s0, s1, …, since Mermaid trips over names
such as `end`.
"""

from __future__ import annotations

import re

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.drawing.outline import Arrow, Box, Kind, outline

_SHAPES: dict[Kind, tuple[str, str]] = {
    "listens": ("(", ")"),
    "thinks": ("([", "])"),
    "silent": ("{{", "}}"),
    "final": ("[[", "]]"),
}

_WIDTH = 24
"""Characters that fit into the 200 pixels at which Mermaid breaks lines by itself."""

_CLASSES = """\
    classDef listens fill:#ffffff,stroke:#475569,color:#0f172a
    classDef thinks fill:#f5f3ff,stroke:#7c3aed,color:#0f172a,stroke-dasharray:5 4
    classDef silent fill:#f1f5f9,stroke:#64748b,color:#0f172a,stroke-dasharray:5 4
    classDef final fill:#ecfdf5,stroke:#047857,color:#0f172a,stroke-width:2px
    classDef start fill:#64748b,stroke:#64748b"""


def draw_mermaid(definition: FSMDefinition) -> str:
    """Write a definition as a Mermaid flowchart.

    Solid arrows have conditions, and the keys that these read in brackets; dotted ones have none.
    """
    picture = outline(definition, width=_WIDTH)
    lines = [
        f"flowchart {picture.direction}",
        '    start((" ")):::start',
        *(f"    {_node(box)}" for box in picture.boxes),
        f"    start --> {picture.start}",
        *(f"    {_link(arrow)}" for arrow in picture.arrows),
        _CLASSES,
    ]
    return "\n".join(lines) + "\n"


def _node(box: Box) -> str:
    opening, closing = _SHAPES[box.kind]
    about = [*map(_escaped, box.about), *(f"<i>{_escaped(line)}</i>" for line in box.collects)]
    return f'{box.name}{opening}"<b>{_escaped(box.title)}</b>{_small(about, "<br/>")}"{closing}:::{box.kind}'


def _link(arrow: Arrow) -> str:
    parts = [*map(_escaped, arrow.about)]
    if arrow.guard:
        parts.append(f"[{_escaped(arrow.guard)}]")
    label = f'|"{_small(parts)}"|' if parts else ""
    return f"{arrow.source} {'-->' if arrow.is_guarded else '-.->'}{label} {arrow.target}"


def _small(lines: list[str], before: str = "") -> str:
    return f"{before}<small>{'<br/>'.join(lines)}</small>" if lines else ""


def _escaped(text: str) -> str:
    """Write as entities what Mermaid reads as markup, Markdown or the end of a label."""
    return re.sub(r"""[^\w\s.,:;!?'()/…·-]|(?<![^\W_])_|_(?![^\W_])|^[-+]|^\d+(?=[.)])""", _entities, text)


def _entities(found: re.Match[str]) -> str:
    return "".join(f"#{ord(c)};" if ord(c) < 128 else c for c in found[0])
