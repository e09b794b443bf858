"""SVG and PNG by pygraphviz, and errors where it is missing or fails."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import pygraphviz
import pytest
from drawn import (
    SEED,
)

from fsm_langgraph.drawing import DrawingError, Picture
from fsm_langgraph.drawing.rendering import render_png, render_svg


def test_a_png_is_a_png() -> None:
    assert Picture(SEED).png().startswith(b"\x89PNG\r\n")


def test_without_pygraphviz_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(DrawingError, match=re.escape("pip install 'fsm-langgraph[draw]'")):
        Picture(SEED).svg()


@pytest.mark.parametrize("draw", [render_svg, render_png])
def test_what_graphviz_cannot_draw_is_an_error(draw: Callable[[str], bytes]) -> None:
    with pytest.raises(DrawingError, match="Graphviz could not draw it"):
        draw("digraph { a -> ")


def test_a_graphviz_that_cannot_shrink_pngs_draws_them_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    small = Picture(SEED).png()
    draw = pygraphviz.AGraph.draw

    def without_gd(graph: Any, *args: Any, format: str, **options: Any) -> Any:  # noqa: A002 - its name
        if ":" in format:
            raise ValueError("no such format")
        return draw(graph, *args, format=format, **options)

    monkeypatch.setattr(pygraphviz.AGraph, "draw", without_gd)

    assert Picture(SEED).png().startswith(b"\x89PNG\r\n")
    assert len(Picture(SEED).png()) > len(small)
