"""A definition as Graphviz DOT, and through pygraphviz as SVG or PNG.

The picture brings its own light ground, so that it reads the same on light and dark pages. In the SVG every
state has its kind as classes (`state`, `listens`, `current`, …), and states and arrows tell the rest as
tooltips.

Texts reach DOT in one of two ways only: `_html` for what is seen, `_quoted` for tooltips and names.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from html import escape

from fsm_langgraph.definition import FSMDefinition, Transition
from fsm_langgraph.drawing.outline import Arrow, Box, Kind, one_line, outline, shortened
from fsm_langgraph.errors import FSMError

INSTALL = "pip install 'fsm-langgraph[draw]'"

_INK, _FAINT, _GUARD = "#0f172a", "#64748b", "#1d4ed8"
_FONT = "Helvetica,Arial,sans-serif"

_LOOKS: dict[Kind, dict[str, str]] = {
    "listens": {"style": "rounded,filled", "fillcolor": "#ffffff", "color": "#475569"},
    "thinks": {"style": "rounded,filled,dashed", "fillcolor": "#f5f3ff", "color": "#7c3aed"},
    "silent": {"style": "filled,dashed", "fillcolor": "#f1f5f9", "color": "#64748b"},
    "final": {"style": "rounded,filled", "fillcolor": "#ecfdf5", "color": "#047857", "peripheries": "2"},
}
_VISITED = {"fillcolor": "#e0f2fe", "color": "#0369a1"}
_CURRENT = {"fillcolor": "#fef08a", "color": "#b45309", "penwidth": "2.4"}


class DrawingError(FSMError):
    """A picture could not be drawn; the sentence says what to do."""


def draw_svg(definition: FSMDefinition, *, current: str | None = None, visited: Collection[str] | None = None) -> bytes:
    """Draw a definition as SVG.

    Args:
        definition: The definition.
        current: The id of a state to light up.
        visited: Ids of states to tint.

    Raises:
        DrawingError: pygraphviz is not installed, or cannot draw it.
    """
    return _render(draw_dot(definition, current=current, visited=visited), "svg")


def draw_png(definition: FSMDefinition, *, current: str | None = None, visited: Collection[str] | None = None) -> bytes:
    """Draw a definition as PNG; the arguments and errors are those of `draw_svg`."""
    return _render(draw_dot(definition, current=current, visited=visited), "png")


def draw_dot(definition: FSMDefinition, *, current: str | None = None, visited: Collection[str] | None = None) -> str:
    """Write a definition in Graphviz's language; the arguments are those of `draw_svg`.

    Solid arrows have conditions, and the keys that these read in brackets; dashed ones have none.
    """
    picture = outline(definition, width=30)
    # Where arrows run level, their texts stand above them and need some room below.
    below = '<br/><font point-size="5"> </font>' if picture.direction == "LR" else ""
    lines = [
        f"digraph {_quoted(one_line(definition.name))} {{",
        f'  graph [rankdir={picture.direction}, bgcolor="#fcfcfd", pad=0.3, nodesep=0.45, ranksep=0.5]',
        f'  node [shape=box, fontname="{_FONT}", fontsize=13, fontcolor="{_INK}", margin="0.16,0.09"]',
        f'  edge [fontname="{_FONT}", fontsize=10, arrowsize=0.75]',
        f'  start [shape=circle, label="", width=0.18, style=filled, fillcolor="{_INK}", tooltip="Start"]',
        *(f"  {_node(box, current, visited or ())}" for box in picture.boxes),
        f'  start -> {picture.start} [color="{_INK}", tooltip="Start"]',
        *(f"  {_edge(arrow, below)}" for arrow in picture.arrows),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _node(box: Box, current: str | None, visited: Collection[str]) -> str:
    state, classes = box.state, ["state", box.kind]
    look = dict(_LOOKS[box.kind])
    if state.id in visited:
        look |= _VISITED
        classes.append("visited")
    if state.id == current:
        look |= _CURRENT
        classes.append("current")
    lines = [f'<font point-size="10" color="#475569">{_html(line)}</font>' for line in box.about]
    lines += (f'<font point-size="10" color="{_GUARD}">{_html(line)}</font>' for line in box.collects)
    if lines:  # Blanks in the title's size keep its descenders off the next line.
        lines[0] = f" {lines[0]} "
    lines.insert(0, f"<b>{_html(box.title)}</b>")
    look["class"] = " ".join(classes)
    look["tooltip"] = f"{shortened(state.id, 200)}\n{shortened(state.purpose, 600)}"
    return f"{box.name} [label=<{'<br/>'.join(lines)}>, {_attributes(look)}]"


def _edge(arrow: Arrow, below: str) -> str:
    look = (
        {"color": _INK, "class": "guarded"}
        if arrow.is_guarded
        else {"color": _FAINT, "style": "dashed", "class": "open"}
    )
    # A blank on each side keeps the text off the arrow.
    lines = [f'<font color="#334155">  {_html(line)}  </font>' for line in arrow.about]
    if arrow.guard:
        lines.append(f'<font color="{_GUARD}">  [{_html(arrow.guard)}]  </font>')
    look["tooltip"] = look["labeltooltip"] = _conditions(arrow.transition)
    if arrow.is_spine:
        look["weight"] = "8"
    label = f"label=<{'<br/>'.join(lines)}{below}>, " if lines else ""
    return f"{arrow.source} -> {arrow.target} [{label}{_attributes(look)}]"


def _conditions(transition: Transition) -> str:
    """Tell everything about a transition, a line for each thing."""
    lines = [shortened(transition.description, 600), f"priority {transition.priority}"]
    for condition in transition.conditions:
        lines.append(f"if: {shortened(condition.description, 300)}")
        if condition.requires_context_keys:
            lines.append(f"  requires {shortened(', '.join(condition.requires_context_keys), 300)}")
        if condition.logic is not None:
            lines.append(f"  logic {shortened(json.dumps(condition.logic, ensure_ascii=False), 600)}")
    return "\n".join(lines)


def _attributes(look: dict[str, str]) -> str:
    return ", ".join(f"{name}={_quoted(value)}" for name, value in look.items())


def _quoted(text: str) -> str:
    """Write a text as a DOT string, in which `&lt;` is no entity."""
    plain = escape(text, quote=False).replace("\\", f"\\\\{_JOINER}")
    return '"' + plain.replace('"', '\\"').replace("\n", "\\n") + '"'


def _html(text: str) -> str:
    """Write a text as part of a label."""
    return escape(text).replace("\\", f"\\{_JOINER}")


_JOINER = "\u2060"
"""Put after each backslash, unseen: Graphviz replaces `\\N` and the like, however often escaped."""


def _render(dot: str, format_: str) -> bytes:
    try:
        import pygraphviz
    except ImportError as error:
        raise DrawingError(f"drawing takes pygraphviz, which is not installed.\n  Run: {INSTALL}") from error
    graph = pygraphviz.AGraph(string=dot)
    if format_ == "png":
        graph.graph_attr["dpi"] = "144"
    try:
        drawn: bytes = graph.draw(format=format_, prog="dot")
    except (ValueError, OSError) as error:
        raise DrawingError(f"Graphviz could not draw it: {error}") from error
    finally:
        graph.close()
    return drawn
