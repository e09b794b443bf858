"""The idempotency key of a tool call, as an argument of the tool that its model knows nothing of.

    @tool
    def book(room: str, key: ToolIdempotencyKey) -> str: ...

A turn may be run again after the tool has done its work and before that was written down. A system that the tool calls
can tell by the key that it has done it. The key is the same in every run of the turn, and no other call's.

LangGraph injects it as a part of the state, in which it stands beside `messages` and `context`; so a tool that takes a
`ToolRuntime` has it in `runtime.state`.
"""

from typing import Annotated

from langgraph.prebuilt import InjectedState

from fsm_langgraph.tools.tool_call import KEY

ToolIdempotencyKey = Annotated[str, InjectedState(KEY)]
"""The type of an argument of a tool that gets the idempotency key of the call, which is a UUID."""
