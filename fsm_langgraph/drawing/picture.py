"""A picture of a definition, which shows itself in a notebook.

A notebook is given SVG and PNG: it shows the one, and code hosts, which show no SVG, the other. Without
pygraphviz it is given text that says how to install it; no service on the web is ever asked.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.drawing.chart import Mark, View
from fsm_langgraph.drawing.dot import write_dot
from fsm_langgraph.drawing.mermaid import write_mermaid
from fsm_langgraph.drawing.remarks import Remark
from fsm_langgraph.drawing.rendering import DrawingError, render_png, render_svg
from fsm_langgraph.drawing.texts import times


class Picture:
    """A picture of a definition, or of where a conversation stands in it.

    Solid arrows have conditions, and the keys that these read in brackets; those of dashed ones have none. Arrows with
    two heads are digressions, which come back. Words in quotation marks are those that the machine says itself, and a
    key in them has to stand in what the user wrote; "(by date)" names the keys whose change makes one stale.

    Args:
        definition: The definition.
        current: The state to light up, in a sub-machine its path: `payment/card`.
        visits: How often each state was entered, by their paths; they are tinted, and the numbers shown.
        xray: Whether sub-machines are drawn inside the states that run them.
        marks: How far states and transitions are covered by conversations, by their places (`desk`,
            `desk.transitions[0]`): green what is covered, yellow what is partly, red what is missed.
        remarks: What is remarked on states and transitions, by their places; they get numbered signs, and the texts
            stand in the tooltips and in a legend.
        legend: All remarks in the order of their numbers, those too that are on no part of the picture.
    """

    def __init__(
        self,
        definition: FSMDefinition,
        *,
        current: str | None = None,
        visits: Mapping[str, int] | None = None,
        xray: bool = True,
        marks: Mapping[str, Mark] | None = None,
        remarks: Mapping[str, tuple[Remark, ...]] | None = None,
        legend: Sequence[Remark] = (),
    ) -> None:
        self.definition = definition
        self.current = current
        self.visits = dict(visits or {})
        self._view = View(current, self.visits, xray, dict(marks or {}), dict(remarks or {}), tuple(legend))

    def mermaid(self) -> str:
        """Write it as a Mermaid flowchart, which code hosts and editors draw themselves."""
        return write_mermaid(self.definition, self._view)

    def dot(self) -> str:
        """Write it in the language of Graphviz."""
        return write_dot(self.definition, self._view)

    def svg(self) -> bytes:
        """Draw it as SVG.

        Raises:
            DrawingError: pygraphviz is not installed, or cannot draw it.
        """
        return render_svg(self.dot())

    def png(self) -> bytes:
        """Draw it as PNG; the errors are those of `svg`."""
        return render_png(self.dot())

    def __repr__(self) -> str:
        count = len(self.definition.states)
        revision = f", revision {self.definition.revision!r}" if self.definition.revision else ""
        shown = [f"{self.definition.name!r}{revision}, {count} state" + ("" if count == 1 else "s")]
        if self.current is not None:
            shown.append(f"in {self.current!r}")
        if self.visits:
            shown.append("visited: " + ", ".join(f"{path!r} {times(count)}" for path, count in self.visits.items()))
        return f"<Picture of {'; '.join(shown)}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return mime_bundle(self, repr(self))


def mime_bundle(picture: Picture, text: str) -> dict[str, Any]:
    """Return what a notebook can show of something: its picture in two formats, and a text beside them."""
    try:
        images = {"image/svg+xml": picture.svg().decode(), "image/png": b64encode(picture.png()).decode()}
    except DrawingError as error:
        return {"text/plain": f"{text}\n{error}"}
    return {**images, "text/plain": text}


def _draw_in_notebook(definition: FSMDefinition, text: str) -> dict[str, Any]:
    return mime_bundle(Picture(definition), text)


# From here on, a definition shows itself in a notebook as its picture.
FSMDefinition.draw_in_notebook = _draw_in_notebook
