"""A definition as Mermaid text, which code hosts, notebooks and editors draw themselves.

The colours are given for boxes only, text and ground together, so that a box reads the same on a light and on
a dark page; arrows keep the colours of the page. States are named s0, s1, …, since Mermaid trips over names
such as `end`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.drawing.chart import Arrow, Box, Chart, Kind, Mark, View
from fsm_langgraph.drawing.outline import outline
from fsm_langgraph.drawing.remarks import legend_of, signs_of
from fsm_langgraph.drawing.texts import one_line, times

_SHAPES: dict[Kind, tuple[str, str]] = {
    "listens": ("(", ")"),
    "thinks": ("([", "])"),
    "silent": ("{{", "}}"),
    "nests": ("[", "]"),
    "returns": ("(", ")"),
    "final": ("[[", "]]"),
}

_WIDTH = 24
"""Characters that fit into the 200 pixels at which Mermaid breaks lines by itself."""

_CLASSES = {
    "listens": "fill:#ffffff,stroke:#475569,color:#0f172a",
    "thinks": "fill:#f5f3ff,stroke:#7c3aed,color:#0f172a,stroke-dasharray:5 4",
    "silent": "fill:#f1f5f9,stroke:#64748b,color:#0f172a,stroke-dasharray:5 4",
    "nests": "fill:#f8fafc,stroke:#475569,color:#0f172a",
    "returns": "fill:#ecfdf5,stroke:#047857,color:#0f172a",
    "final": "fill:#ecfdf5,stroke:#047857,color:#0f172a,stroke-width:2px",
    "anywhere": "fill:#ffffff,stroke:#64748b,color:#475569,stroke-dasharray:5 4",
    "start": "fill:#64748b,stroke:#64748b",
    "visited": "fill:#e0f2fe,stroke:#0369a1",
    "covered": "fill:#dcfce7,stroke:#15803d",
    "partly": "fill:#fef9c3,stroke:#a16207",
    "missed": "fill:#fee2e2,stroke:#b91c1c",
    "remarked": "stroke:#b4320a,stroke-width:3px",
    "legend": "fill:#ffffff,stroke:#64748b,color:#0f172a,text-align:left",
    "current": "fill:#fef08a,stroke:#b45309,stroke-width:3px",
}
_LINES: dict[Mark, str] = {
    "covered": "stroke:#15803d,stroke-width:2px",
    "partly": "stroke:#a16207,stroke-width:2px",
    "missed": "stroke:#b91c1c,stroke-width:2px",
}


_REMARKED = "stroke:#b4320a,stroke-width:3px"


def write_mermaid(definition: FSMDefinition, view: View) -> str:
    """Write a definition as a Mermaid flowchart."""
    direction, chart = outline(definition, view, width=_WIDTH)
    boxes = [*_all_boxes(chart)]
    marked = [
        *(f"class {box.name} nests" for box in boxes if box.inside is not None),
        *(f"class {box.name} visited" for box in boxes if box.visits),
        *(f"class {box.name} {box.mark}" for box in boxes if box.mark),
        *(f"class {box.name} remarked" for box in boxes if box.remarks),
        *(f"class {box.name} current" for box in boxes if box.is_current),
        *(f"linkStyle {number} {line}" for number, line in enumerate(_lines(chart)) if line),
    ]
    body = [*_chart(chart, "    "), *_legend(view), *(f"    {line}" for line in marked)]
    text = "\n".join(body)
    used = [f"    classDef {name} {look}" for name, look in _CLASSES.items() if re.search(rf"\b{name}$", text, re.M)]
    return "\n".join([*_heading(definition), f"flowchart {direction}", *body, *used]) + "\n"


def _heading(definition: FSMDefinition) -> list[str]:
    """Write the front matter, YAML, with the title of a definition that has a revision."""
    if not definition.revision:
        return []
    title = one_line(f"{definition.name}, revision {definition.revision}")
    return ["---", f"title: {json.dumps(title, ensure_ascii=False)}", "---"]


def _lines(chart: Chart) -> Iterator[str]:
    """Yield the look of each arrow, in the order in which they are written, by which Mermaid counts them."""
    for box in chart.boxes:
        if box.inside is not None:
            yield from _lines(box.inside)
    yield ""  # from where it begins to its first state
    for arrow in chart.arrows:
        yield _REMARKED if arrow.remarks else _LINES[arrow.mark] if arrow.mark is not None else ""


def _legend(view: View) -> Iterator[str]:
    """Write the remarks below each other in a box of its own, which no arrow leads to."""
    if view.legend:
        lines = [line for told in legend_of(view.legend, width=80) for line in _escapes((*told,))]
        yield f'    legend["{_small(lines)}"]:::legend'


def _all_boxes(chart: Chart) -> Iterator[Box]:
    for box in chart.boxes:
        yield box
        if box.inside is not None:
            yield from _all_boxes(box.inside)


def _chart(chart: Chart, indent: str) -> Iterator[str]:
    yield f'{indent}{chart.start}((" ")):::start'
    for box in chart.boxes:
        if box.inside is None:
            yield f"{indent}{_node(box)}"
        else:
            yield f'{indent}subgraph {box.name}["{_title(box)}{_small(_escapes(box.about), " · ")}"]'
            yield from _chart(box.inside, indent + "    ")
            yield f"{indent}end"
    if chart.anywhere is not None:
        yield f'{indent}{chart.anywhere.name}("{_small(_escapes(chart.anywhere.about))}"):::anywhere'
    yield f"{indent}{chart.start} --> {chart.first.name}"
    for arrow in chart.arrows:
        yield f"{indent}{_link(arrow)}"


def _node(box: Box) -> str:
    opening, closing = _SHAPES[box.kind]
    about = [
        *_escapes(box.about),
        *(f"<i>{line}</i>" for line in _escapes(box.keys)),
        *_escapes(box.tools),
        *_escapes(box.says),
    ]
    return f'{box.name}{opening}"{_title(box)}{_small(about, "<br/>")}"{closing}:::{box.kind}'


def _title(box: Box) -> str:
    signs = f" {signs_of(box.remarks)}" if box.remarks else ""
    return f"<b>{_escaped(box.title)}</b>" + (f" {times(box.visits)}" if box.visits else "") + signs


def _link(arrow: Arrow) -> str:
    parts = [f"<b>{signs_of(arrow.remarks)}</b>"] if arrow.remarks else []
    parts += _escapes(arrow.about)
    if arrow.guard:
        parts.append(f"[{_escaped(arrow.guard)}]")
    parts += (f"<i>{note}</i>" for note in _escapes(arrow.notes))
    label = f'|"{_small(parts)}"|' if parts else ""
    line = "-->" if arrow.is_guarded else "-.->"
    source, target = arrow.source.name, arrow.target.name
    if isinstance(arrow.source, Box) and arrow.source is arrow.target:
        # An arrow from a sub-machine to itself runs inside of it.
        source, target = arrow.source.exit, arrow.target.entry
    return f"{source} {'<' if arrow.comes_back else ''}{line}{label} {target}"


def _small(lines: list[str], before: str = "") -> str:
    return f"{before}<small>{'<br/>'.join(lines)}</small>" if lines else ""


def _escapes(lines: tuple[str, ...]) -> list[str]:
    return [*map(_escaped, lines)]


def _escaped(text: str) -> str:
    """Write as entities what Mermaid reads as markup, Markdown or the end of a label."""
    return re.sub(r"""[^\w\s.,:;!?'()/…·-]|(?<![^\W_])_|_(?![^\W_])|^[-+]|^\d+(?=[.)])""", _entities, text)


def _entities(found: re.Match[str]) -> str:
    return "".join(f"#{ord(c)};" if ord(c) < 128 else c for c in found[0])
