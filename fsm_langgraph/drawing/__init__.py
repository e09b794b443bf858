"""Pictures of a definition: Mermaid text, Graphviz DOT, SVG, PNG.

They are drawn from the definition, not from the compiled graph, so that they need no model and show what the
graph does not know: which edges have conditions, what each state collects, which states are silent.

    definition ── outline ──┬─ mermaid     text that code hosts draw themselves
                            └─ graphviz    DOT, and by pygraphviz (the extra `draw`) SVG and PNG
"""

from fsm_langgraph.drawing.graphviz import DrawingError, draw_dot, draw_png, draw_svg
from fsm_langgraph.drawing.mermaid import draw_mermaid

__all__ = ["DrawingError", "draw_dot", "draw_mermaid", "draw_png", "draw_svg"]
