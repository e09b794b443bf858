"""The secrets of a stored conversation, before a run: those that stand there in the clear get tokens.

Where the definition has changed since, keys may be secret no more. Then the values are looked up for the run, also
where the definition has no secret keys at all. What was stored before stays as it is, in the older checkpoints of the
conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.types import Command

from fsm_langgraph.context.secret_tokens import tokens_in
from fsm_langgraph.context.writes import Context, difference
from fsm_langgraph.graph.secrets.secret_input import find_secrets
from fsm_langgraph.graph.secrets.secret_store import SecretStore, secrets_holders, secrets_in, with_secrets
from fsm_langgraph.turn.changed_definition.bringing_over import follows
from fsm_langgraph.turn.clear_secrets import with_tokens

if TYPE_CHECKING:
    from fsm_langgraph.definition import FSMDefinition
    from fsm_langgraph.graph.shown_graph import ShownGraph

Values = Mapping[str, Any]
Taken = tuple[Any, CheckpointTuple | None, RunnableConfig | None]
"""The input of a run, the checkpoint that it begins with, and its config."""


def hide_stored(graph: ShownGraph, config: RunnableConfig | None, given: Any, saved: CheckpointTuple | None) -> Taken:
    """Put tokens in the places of secrets before a run, and store the values.

    Args:
        graph: The graph of the machine.
        config: The config of the run, which carries its secrets.
        given: The input.
        saved: The checkpoint.
    """
    if saved is None or (secrets := _secrets(graph, config, saved)) is None:
        return given, saved, config
    secrets.load(_values(saved))
    given, taken = _taken(graph.builder.definition, secrets, given, saved)
    secrets.store(_values(taken))
    return given, taken, with_secrets(config, secrets)


async def ahide_stored(
    graph: ShownGraph, config: RunnableConfig | None, given: Any, saved: CheckpointTuple | None
) -> Taken:
    """Put tokens in the places of secrets before a run; the twin of `hide_stored`."""
    if saved is None or (secrets := _secrets(graph, config, saved)) is None:
        return given, saved, config
    await secrets.aload(_values(saved))
    given, taken = _taken(graph.builder.definition, secrets, given, saved)
    await secrets.astore(_values(taken))
    return given, taken, with_secrets(config, secrets)


def store_brought(config: RunnableConfig | None, brought: Values) -> None:
    """Store the secrets that are new in what a conversation was brought over to."""
    if (secrets := secrets_in(config or {})) is not None:
        secrets.store(secrets_holders(brought))


async def astore_brought(config: RunnableConfig | None, brought: Values) -> None:
    """Store the secrets that are new in what a conversation was brought over to; the twin of `store_brought`."""
    if (secrets := secrets_in(config or {})) is not None:
        await secrets.astore(secrets_holders(brought))


def _secrets(graph: ShownGraph, config: RunnableConfig | None, saved: CheckpointTuple) -> SecretStore | None:
    if (given := secrets_in(config or {})) is not None:
        return given
    if follows(graph.builder.definition, saved.checkpoint["channel_values"]) or not tokens_in(_values(saved)):
        return None
    found = find_secrets(graph, config)
    found.is_begun = True
    return found


def _values(saved: CheckpointTuple) -> dict[str, Any]:
    return secrets_holders(saved.checkpoint["channel_values"])


def _taken(
    definition: FSMDefinition, secrets: SecretStore, given: Any, saved: CheckpointTuple
) -> tuple[Any, CheckpointTuple]:
    values = _values(saved)
    tokens = with_tokens(definition, secrets.vault, values)
    changed = {name: value for name, value in tokens.items() if name in values}
    checkpoint = saved.checkpoint.copy()
    checkpoint["channel_values"] = {**checkpoint["channel_values"], **changed}
    taken = saved._replace(checkpoint=checkpoint)
    written = difference(values.get("context") or {}, changed.get("context") or {})
    # Some databases store a channel anew only where it is written.
    return (_with_context(given, written) if written else given), taken


def _with_context(given: Any, written: Context) -> Any:
    if isinstance(given, Command) or not isinstance(given, Mapping):
        return given
    return {**given, "context": {**written, **(given.get("context") or {})}}
