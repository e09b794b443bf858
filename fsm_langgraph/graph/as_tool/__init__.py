"""A machine as a tool of an agent, as `Graph.tool` makes it.

conversation_tool, tool_names  the tool as LangChain has it, and names for it
tool_caller, call_order        who calls it, with which message, and in which order
tool_conversations, tool_turn  the conversations that it holds, and how a message is read in one
"""
