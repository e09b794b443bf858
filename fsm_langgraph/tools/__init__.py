"""The tools that the model may call in a state.

hidden_writes   tokens in the places of secrets that tools write
toolbox         which tools a state may call, checked when the graph is built
tool_call       one call, made once in a turn
tool_key        a tool's argument for the idempotency key of its call
parent_command  a tool's command to the graph around, which hands the user over
"""

from fsm_langgraph.tools.parent_command import ToolCommand
from fsm_langgraph.tools.tool_call import ToolResult, UseTool
from fsm_langgraph.tools.toolbox import Toolbox, Tools, make_toolbox

__all__ = ["ToolCommand", "ToolResult", "Toolbox", "Tools", "UseTool", "make_toolbox"]
