"""The secrets of a conversation, for those who run it: the values, by the keys that hold their tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from pydantic import JsonValue

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.graph.channels import machine_channels
from fsm_langgraph.graph.langgraph_internals import is_nested, read_channels
from fsm_langgraph.graph.secrets.secret_input import find_secrets
from fsm_langgraph.graph.secrets.secret_store import SecretStore, secrets_in
from fsm_langgraph.locking import storage_errors_told

if TYPE_CHECKING:
    from fsm_langgraph.graph.kept_graph import KeptGraph


def tell_secrets(graph: KeptGraph, config: RunnableConfig, context: Mapping[str, Any] | None) -> dict[str, JsonValue]:
    """Return the values of the secrets that are held; see `Graph.secrets`."""
    values = _at_hand(graph, config, context)
    if values is None:
        values = graph.get_state(config).values
    secrets = _known_to(graph, config)
    with storage_errors_told():
        secrets.load(_holders(values))
    return dict(_values(graph.builder.definition, values, secrets))


async def atell_secrets(
    graph: KeptGraph, config: RunnableConfig, context: Mapping[str, Any] | None
) -> dict[str, JsonValue]:
    """Return the values of the secrets that are held; the twin of `tell_secrets`."""
    values = _at_hand(graph, config, context)
    if values is None:
        values = (await graph.aget_state(config)).values
    secrets = _known_to(graph, config)
    with storage_errors_told():
        await secrets.aload(_holders(values))
    return dict(_values(graph.builder.definition, values, secrets))


def _at_hand(graph: KeptGraph, config: RunnableConfig, context: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return a state that need not be read: one that is given, or that of the run which is under way."""
    if context is not None:
        return {"context": context}
    if secrets_in(config) is not None and is_nested(config.get("configurable") or {}):
        return read_channels(config, machine_channels(graph.builder.definition))
    return None


def _known_to(graph: KeptGraph, config: RunnableConfig) -> SecretStore:
    return secrets_in(config) or find_secrets(graph, config)


def _holders(values: Mapping[str, Any]) -> list[Any]:
    return [values.get("context"), values.get("sub_machine")]


def _values(
    definition: FSMDefinition, values: Mapping[str, Any], secrets: SecretStore, path: str = ""
) -> Iterator[tuple[str, JsonValue]]:
    """Yield the values of a machine, and of the sub-machine that runs in it."""
    own = secrets.of(definition.secret_keys)
    for key, value in own.reveal(values.get("context") or {}).items():
        if key in own.keys:
            yield f"{path}{key}", value
    frame = values.get("sub_machine")
    state = definition.states.get(frame["of"]) if frame is not None else None
    if frame is not None and state is not None and state.subflow is not None:
        yield from _values(definition.subflows[state.subflow], frame, secrets, f"{path}{state.id}/")
