"""A machine's definition and its picture, as resources."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest
from machines import FORM, SHOP
from mcp import Client, types
from mcp.shared.exceptions import MCPError
from mcp_client import HANDSHAKE, LATEST, client_of, machine_of
from pydantic import AnyUrl

from fsm_langgraph import load_definition

MODES = pytest.mark.parametrize("mode", [LATEST, HANDSHAKE])


async def text_of(client: Client, uri: str) -> str:
    (contents,) = (await client.read_resource(uri)).contents
    assert isinstance(contents, types.TextResourceContents)
    listed = {resource.uri: resource.mime_type for resource in (await client.list_resources()).resources}
    assert (contents.uri, contents.mime_type) == (uri, listed[uri])
    return contents.text


@MODES
async def test_every_machine_has_two_with_their_types(mode: str) -> None:
    async with client_of(machine_of(FORM), machine_of({**SHOP, "name": "A shop"}), mode=mode) as client:
        listed = (await client.list_resources()).resources

    assert [(resource.uri, resource.mime_type) for resource in listed] == [
        ("fsm://test/definition", "application/json"),
        ("fsm://test/picture", "image/svg+xml"),
        ("fsm://A_shop/definition", "application/json"),
        ("fsm://A_shop/picture", "image/svg+xml"),
    ]
    assert [str(AnyUrl(resource.uri)) for resource in listed] == [resource.uri for resource in listed]
    assert listed[3].title == "A shop: picture"


async def test_the_definition_can_be_loaded_again() -> None:
    async with client_of(machine_of(SHOP)) as client:
        text = await text_of(client, "fsm://test/definition")

    assert load_definition(json.loads(text)) == load_definition(SHOP)


async def test_the_picture_is_drawn() -> None:
    async with client_of(machine_of(FORM)) as client:
        text = await text_of(client, "fsm://test/picture")

    assert "<svg" in text
    assert "ask_email" in text


async def test_several_pictures_are_drawn_at_once() -> None:
    names = [f"machine-{number}" for number in range(4)]
    async with client_of(*(machine_of({**FORM, "name": name}) for name in names)) as client:
        texts = await asyncio.gather(*(text_of(client, f"fsm://{name}/picture") for name in names))

    assert ["<svg" in text for text in texts] == [True] * 4


async def test_without_pygraphviz_the_picture_is_mermaid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    async with client_of(machine_of(FORM)) as client:
        listed = (await client.list_resources()).resources
        text = await text_of(client, "fsm://test/picture")

    assert listed[1].mime_type == "text/vnd.mermaid"
    assert text.startswith("flowchart")


async def test_a_picture_that_cannot_be_drawn_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with client_of(machine_of(FORM)) as client:
        monkeypatch.setitem(sys.modules, "pygraphviz", None)
        with pytest.raises(MCPError, match="drawing takes pygraphviz, which is not installed"):
            await client.read_resource("fsm://test/picture")
