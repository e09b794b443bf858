"""The server knows what it serves, and tells what it does not."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from machines import FORM
from mcp.shared.exceptions import MCPError
from mcp_client import HANDSHAKE, LATEST, client_of, machine_of

from fsm_langgraph.mcp.mcp_server import NamesakeError, make_server

MODES = pytest.mark.parametrize("mode", [LATEST, HANDSHAKE])


@MODES
async def test_each_machine_is_a_tool(mode: str) -> None:
    async with client_of(machine_of(FORM), machine_of({**FORM, "name": "other"}), mode=mode) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["test", "other"]
        info = client.server_info

    assert info is not None
    assert (info.name, info.version) == ("fsm-langgraph", version("fsm-langgraph"))


@MODES
async def test_a_tool_that_there_is_not_is_told(mode: str) -> None:
    async with client_of(machine_of(FORM), mode=mode) as client:
        with pytest.raises(MCPError, match=r"No tool is named 'tset'. Did you mean 'test'\?  Tools: 'test'\."):
            await client.call_tool("tset", {})


@MODES
async def test_a_resource_that_there_is_not_is_told(mode: str) -> None:
    async with client_of(machine_of(FORM), mode=mode) as client:
        with pytest.raises(
            MCPError, match=r"There is no resource 'fsm://test/pictures'\. Did you mean 'fsm://test/pic"
        ):
            await client.read_resource("fsm://test/pictures")


def test_two_machines_of_one_name_are_refused() -> None:
    with pytest.raises(NamesakeError, match="the definitions 'a b' and 'a: b' would both be the tool 'a_b'"):
        make_server([machine_of({**FORM, "name": "a b"}), machine_of({**FORM, "name": "a: b"})])
