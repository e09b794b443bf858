"""A definition in the language of Graphviz.

The picture brings its own light ground, so that it reads the same on light and dark pages. In the SVG every
state has its kind as classes (`state`, `listens`, `current`, …), and states and arrows tell the rest as
tooltips.

Texts reach DOT through two functions only: `_html` for labels, `_quoted` for tooltips and names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape

from fsm_langgraph.definition import FSMDefinition, Transition
from fsm_langgraph.drawing.chart import Anywhere, Arrow, Box, Chart, Kind, Mark, View
from fsm_langgraph.drawing.outline import outline
from fsm_langgraph.drawing.remarks import Remark, legend_of, signs_of, told_of
from fsm_langgraph.drawing.texts import one_line, shortened, times

_INK, _SOFT, _FAINT, _GUARD = "#0f172a", "#475569", "#64748b", "#1d4ed8"
_TOOLS, _SAID = "#0f766e", "#9a3412"
_FONT = "Helvetica,Arial,sans-serif"
_GROUNDS = ("#f8fafc", "#eef2f7")
"""The grounds of sub-machines, one after the other where they are nested."""

_LOOKS: dict[Kind, dict[str, str]] = {
    "listens": {"style": "rounded,filled", "fillcolor": "#ffffff", "color": _SOFT},
    "thinks": {"style": "rounded,filled,dashed", "fillcolor": "#f5f3ff", "color": "#7c3aed"},
    "silent": {"style": "filled,dashed", "fillcolor": "#f1f5f9", "color": _FAINT},
    "nests": {"shape": "box3d", "style": "filled", "fillcolor": _GROUNDS[0], "color": _SOFT},
    "returns": {"style": "rounded,filled", "fillcolor": "#ecfdf5", "color": "#047857"},
    "final": {"style": "rounded,filled", "fillcolor": "#ecfdf5", "color": "#047857", "peripheries": "2"},
}
_VISITED = {"fillcolor": "#e0f2fe", "color": "#0369a1"}
_MARKED: dict[Mark, dict[str, str]] = {
    "covered": {"fillcolor": "#dcfce7", "color": "#15803d"},
    "partly": {"fillcolor": "#fef9c3", "color": "#a16207"},
    "missed": {"fillcolor": "#fee2e2", "color": "#b91c1c"},
}
_REMARKED = "#b4320a"
"""Vermilion, dark enough to be read on white and to stay apart from the rest in grey."""
_CURRENT = {"fillcolor": "#fef08a", "color": "#b45309", "penwidth": "2.4"}


def write_dot(definition: FSMDefinition, view: View) -> str:
    """Write a definition in Graphviz's language."""
    direction, chart = outline(definition, view, width=30)
    # Where arrows run level, their texts stand above them and need some room below.
    below = '<br/><font point-size="5"> </font>' if direction == "LR" else ""
    lines = [
        f"digraph {_quoted(one_line(definition.name))} {{",
        f'  graph [rankdir={direction}, bgcolor="#ffffff", pad=0.2, nodesep=0.4, ranksep=0.45, compound=true, '
        f'fontname="{_FONT}", fontsize=13, fontcolor="{_INK}"{_heading(definition, view)}]',
        f'  node [shape=box, fontname="{_FONT}", fontsize=13, fontcolor="{_INK}", margin="0.16,0.09"]',
        f'  edge [fontname="{_FONT}", fontsize=10, arrowsize=0.75]',
        *_chart(chart, below, indent="  "),
        *_legend(definition, view),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _heading(definition: FSMDefinition, view: View) -> str:
    """Write the title of a definition that has a revision; with a legend it stands there."""
    if not definition.revision or view.legend:
        return ""
    return f", labelloc=t, label={_quoted(_title(definition))}"


def _legend(definition: FSMDefinition, view: View) -> Iterator[str]:
    """Write the legend below the picture, where there is one; it comes last, since clusters take over what is there."""
    if view.legend:
        lines = [f"<b>{_html(_title(definition))}</b>"] if definition.revision else []
        for told in legend_of(view.legend, width=_LEGEND):
            lines += (f'<font point-size="11">{_html(line)}</font>' for line in told)
        yield f"  labelloc=b; labeljust=l; label=<{_joined(lines, left=True)}>"


def _title(definition: FSMDefinition) -> str:
    return one_line(f"{definition.name}, revision {definition.revision}")


def _chart(chart: Chart, below: str, *, indent: str) -> Iterator[str]:
    width = 0.18 if chart.start == "start" else 0.12
    look = f'shape=circle, label="", width={width}, style=filled, fillcolor="{_INK}", tooltip="Start"'
    yield f"{indent}{chart.start} [{look}]"
    for box in chart.boxes:
        yield from _cluster(box, box.inside, below, indent) if box.inside is not None else (f"{indent}{_node(box)}",)
    if chart.anywhere is not None:
        yield f"{indent}{_anywhere(chart.anywhere)}"
    onto = _clipped("lhead", chart.first)
    yield f'{indent}{chart.start} -> {chart.first.entry} [{onto}color="{_INK}", tooltip="Start"]'
    for arrow in chart.arrows:
        yield f"{indent}{_edge(arrow, below)}"


def _cluster(box: Box, inside: Chart, below: str, indent: str) -> Iterator[str]:
    depth = box.name.count("_")
    ground = {"fillcolor": _GROUNDS[depth % 2]} if box.mark is None else {}
    look = _look(box) | ground | {"style": "rounded,filled", "labeljust": "l", "margin": "14"}
    del look["shape"]
    yield f"{indent}subgraph {_quoted(f'cluster_{box.name}')} {{"
    yield f"{indent}  graph [label=<{_label(box)}>, {_attributes(look)}]"
    yield from _chart(inside, below, indent=indent + "  ")
    yield f"{indent}}}"


def _node(box: Box) -> str:
    return f"{box.name} [label=<{_label(box)}>, {_attributes(_look(box))}]"


def _look(box: Box) -> dict[str, str]:
    look, classes = dict(_LOOKS[box.kind]), ["state", box.kind]
    if box.visits:
        look |= _VISITED
        classes.append("visited")
    if box.mark is not None:
        look |= _MARKED[box.mark]
        classes.append(box.mark)
    if box.is_current:
        look |= _CURRENT
        classes.append("current")
    look["class"] = " ".join(classes)
    told = [shortened(box.state.id, 200), shortened(box.state.purpose, 600)]
    if box.state.say:
        told.append(f"says: {shortened(box.state.say, 600)}")
    look["tooltip"] = "\n".join([*told, *told_of(box.remarks)])
    if box.remarks:
        look |= {"penwidth": "2.4", "color": _REMARKED}
        look["class"] += " remarked"
    return look


def _label(box: Box) -> str:
    texts = ((_SOFT, box.about), (_GUARD, box.keys), (_TOOLS, box.tools), (_SAID, box.says))
    lines = [f'<font point-size="10" color="{ink}">{_html(line)}</font>' for ink, part in texts for line in part]
    if lines:  # A blank in the title's size keeps its descenders off the next line.
        lines[0] += " "
    count = f' <font point-size="10" color="{_VISITED["color"]}">{times(box.visits)}</font>' if box.visits else ""
    lines.insert(0, f"<b>{_html(box.title)}</b>{count}{_signs(box.remarks)}")
    return _joined(lines, left=box.inside is not None)


def _signs(remarks: tuple[Remark, ...]) -> str:
    return f' <font color="{_REMARKED}"><b>{signs_of(remarks)}</b></font>' if remarks else ""


def _joined(lines: list[str], *, left: bool) -> str:
    return "".join(f'{line}<br align="left"/>' for line in lines) if left else "<br/>".join(lines)


def _anywhere(anywhere: Anywhere) -> str:
    lines = (f'<font point-size="10" color="{_SOFT}">{_html(line)}</font>' for line in anywhere.about)
    but = f", but not in: {shortened(', '.join(anywhere.opted_out), 600)}" if anywhere.opted_out else ""
    look = {
        "style": "rounded,dashed",
        "color": _FAINT,
        "margin": "0.12,0.05",
        "class": "anywhere",
        "tooltip": f"In any state in which the user is heard{but}",
    }
    return f"{anywhere.name} [label=<{'<br/>'.join(lines)}>, {_attributes(look)}]"


def _edge(arrow: Arrow, below: str) -> str:
    look = (
        {"color": _INK, "class": "guarded"}
        if arrow.is_guarded
        else {"color": _FAINT, "style": "dashed", "class": "open"}
    )
    if arrow.mark is not None:
        look |= {"color": _MARKED[arrow.mark]["color"], "class": f"{look['class']} {arrow.mark}", "penwidth": "1.6"}
    # A blank on each side keeps the text off the arrow.
    lines = [f'<font color="#334155">  {_html(line)}  </font>' for line in arrow.about]
    if arrow.guard:
        lines.append(f'<font color="{_GUARD}">  [{_html(arrow.guard)}]  </font>')
    lines += (f'<font color="{_FAINT}"><i>  {_html(note)}  </i></font>' for note in arrow.notes)
    if arrow.comes_back:
        look |= {"dir": "both", "class": f"{look['class']} digression"}
        lines.append(f'<font color="{_FAINT}"><i>  and back  </i></font>')
    if arrow.remarks:
        look |= {"color": _REMARKED, "class": f"{look['class']} remarked", "penwidth": "2.0"}
        lines.insert(0, f" {_signs(arrow.remarks)} ")
    look["tooltip"] = look["labeltooltip"] = "\n".join([_conditions(arrow.transition), *told_of(arrow.remarks)])
    if arrow.is_spine:
        look["weight"] = "8"
    label = f"label=<{'<br/>'.join(lines)}{below}>, " if lines else ""
    tail = arrow.source.name if isinstance(arrow.source, Anywhere) else arrow.source.exit
    ends = [(tail, arrow.source), (arrow.target.entry, arrow.target)]
    if arrow.leads_back:
        # Written from target to source, since Graphviz puts the first end before the second.
        ends.reverse()
        look |= {"dir": "back", "arrowhead": "none"}
    (first, source), (second, target) = ends
    # An arrow from a sub-machine to itself runs inside of it.
    clipped = _clipped("ltail", source) + _clipped("lhead", target) if source is not target else ""
    return f"{first} -> {second} [{label}{clipped}{_attributes(look)}]"


def _clipped(side: str, end: Box | Anywhere) -> str:
    """Let an arrow end at the border of a sub-machine."""
    is_cluster = isinstance(end, Box) and end.inside is not None
    return f'{side}="cluster_{end.name}", ' if is_cluster else ""


def _conditions(transition: Transition) -> str:
    """Tell everything about a transition, a line for each thing."""
    lines = [shortened(transition.description, 600), f"priority {transition.priority}"]
    if transition.fires is not None:
        lines.append(f"fires {json.dumps(transition.fires)}")
    if transition.ask is not None:
        lines.append(f"asks {transition.ask}")
    for condition in transition.conditions:
        lines.append(f"if: {shortened(condition.description, 300)}")
        if condition.requires_context_keys:
            lines.append(f"  requires {shortened(', '.join(condition.requires_context_keys), 300)}")
        if condition.answered_context_keys:
            lines.append(f"  answered {shortened(', '.join(condition.answered_context_keys), 300)}")
        if condition.confirms:
            lines.append(f"  confirms {shortened(', '.join(condition.confirms), 300)}")
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


_LEGEND = 90
"""How many characters a line of the legend has."""
_JOINER = "\u2060"
"""Put after each backslash, unseen: Graphviz replaces `\\N` and the like, however often escaped."""
