"""The tools that the model may call in a state.

toolbox      which tools a state may call, checked when the graph is built
tool_call    one call, made once in a turn
"""

from fsm_langgraph.tools.tool_call import ToolResult, UseTool
from fsm_langgraph.tools.toolbox import Toolbox, Tools, make_toolbox

__all__ = ["ToolResult", "Toolbox", "Tools", "UseTool", "make_toolbox"]
