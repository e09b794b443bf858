"""DOT made into SVG and PNG by pygraphviz, which brings Graphviz itself: offline, in this process."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fsm_langgraph.errors import FSMError

INSTALL = "pip install 'fsm-langgraph[draw]'"


class DrawingError(FSMError):
    """A picture could not be drawn; the sentence says what to do."""


def render_svg(dot: str) -> bytes:
    """Draw a graph in Graphviz's language as SVG.

    Raises:
        DrawingError: pygraphviz is not installed, or cannot draw it.
    """
    with _laid_out(dot) as graph:
        return bytes(graph.draw(format="svg"))


def render_png(dot: str) -> bytes:
    """Draw a graph in Graphviz's language as PNG; the errors are those of `render_svg`."""
    with _laid_out(dot) as graph:
        graph.graph_attr.update(dpi="120", viewport=_whole_pixels(graph))
        try:
            # Drawn by cairo, which smooths, and written by gd, which needs a third of the bytes.
            return bytes(graph.draw(format="png:cairo:gd"))
        except (ValueError, OSError):  # there are Graphvizes without gd
            return bytes(graph.draw(format="png"))


@contextmanager
def _laid_out(dot: str) -> Iterator[Any]:
    try:
        import pygraphviz
    except ImportError as error:
        raise DrawingError(f"drawing takes pygraphviz, which is not installed.\n  Run: {INSTALL}") from error
    try:
        with pygraphviz.AGraph(string=dot) as graph:
            graph.layout(prog="dot")
            yield graph
    except (ValueError, OSError) as error:
        raise DrawingError(f"Graphviz could not draw it: {error}") from error


def _whole_pixels(graph: Any) -> str:
    """Choose a size in points that comes to whole pixels: gd would draw the rest of one as a grey line."""
    left, bottom, right, top = map(float, graph.graph_attr["bb"].split(","))
    pad = 2 * 72 * float(graph.graph_attr["pad"])
    return ",".join(str(math.ceil((extent + pad) / 3) * 3) for extent in (right - left, top - bottom))
