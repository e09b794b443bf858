"""The server: which tools and resources there are, and who answers a request for one.

It keeps nothing of a client between two requests, so that any number of clients may use it, over any transport.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from mcp import types
from mcp.server import Server
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

from fsm_langgraph.conversation.llm_fsm import LLM_FSM
from fsm_langgraph.drawing import DrawingError
from fsm_langgraph.errors import FSMError, suggest
from fsm_langgraph.mcp.machine_resources import machine_resources
from fsm_langgraph.mcp.machine_tool import MachineTool, Result
from fsm_langgraph.mcp.served_machine import ServedMachine

RequestContext = ServerRequestContext[Any, Any]


class NamesakeError(FSMError):
    """Two machines would be tools of one name."""

    def __init__(self, name: str, first: str, second: str) -> None:
        self.name = name
        super().__init__(
            f"the definitions {first!r} and {second!r} would both be the tool {name!r}.\n"
            "  Give one of them another 'name', or serve it by a server of its own."
        )


def make_server(conversations: Iterable[LLM_FSM], *, elicits: bool = True) -> Server[Any]:
    """Make an MCP server of machines.

    Args:
        conversations: The conversations of each machine.
        elicits: Whether the client's user is asked directly, where the client has forms for that.

    Raises:
        NamesakeError: Two of the machines would go by one name.
    """
    machines = _by_name(conversations)
    tools = {name: MachineTool(machine, elicits=elicits) for name, machine in machines.items()}
    resources = {each.listed.uri: each for machine in machines.values() for each in machine_resources(machine)}

    async def list_tools(_: RequestContext, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[tool.listed() for tool in tools.values()])

    async def call_tool(ctx: RequestContext, params: types.CallToolRequestParams) -> Result:
        if params.name not in tools:
            advice = suggest(params.name, tools, noun="tools")
            raise MCPError(types.INVALID_PARAMS, f"No tool is named {params.name!r}. {advice}")
        return await tools[params.name].call(ctx, params)

    async def list_resources(_: RequestContext, __: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=[resource.listed for resource in resources.values()])

    async def read_resource(_: RequestContext, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        if params.uri not in resources:
            advice = suggest(params.uri, resources, noun="resources")
            raise MCPError(types.INVALID_PARAMS, f"There is no resource {params.uri!r}. {advice}")
        try:
            return types.ReadResourceResult(contents=[await resources[params.uri].read()])
        except DrawingError as error:
            raise MCPError(types.INTERNAL_ERROR, str(error)) from error

    return Server(
        "fsm-langgraph",
        version=version("fsm-langgraph"),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
    )


def _by_name(conversations: Iterable[LLM_FSM]) -> dict[str, ServedMachine]:
    machines: dict[str, ServedMachine] = {}
    for fsm in conversations:
        machine = ServedMachine(fsm)
        if machine.name in machines:
            other = machines[machine.name].definition.name
            raise NamesakeError(machine.name, other, machine.definition.name)
        machines[machine.name] = machine
    return machines
