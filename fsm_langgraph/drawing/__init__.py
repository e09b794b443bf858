"""Pictures of a definition: Mermaid text, Graphviz DOT, SVG, PNG.

They are drawn from the definition, not from the compiled graph, so that they need no model and show what the
graph does not know: which transitions have conditions, what each state collects, which states are silent.

    definition ── outline ── chart ──┬─ mermaid             text that code hosts draw themselves
                                     └─ dot ── rendering    DOT, and by pygraphviz (the extra `draw`) SVG and PNG
"""

from fsm_langgraph.drawing.picture import Picture, mime_bundle
from fsm_langgraph.drawing.rendering import DrawingError

__all__ = ["DrawingError", "Picture", "mime_bundle"]
