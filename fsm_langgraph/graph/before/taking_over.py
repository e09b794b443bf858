"""The secrets of a stored conversation that stand there in the clear: a run begins with tokens in their places.

What was stored before stays as it is, in the older checkpoints of the conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.types import Command

from fsm_langgraph.context.writes import Context, difference
from fsm_langgraph.graph.secret_store import SecretStore, secrets_in
from fsm_langgraph.turn.clear_secrets import with_tokens

if TYPE_CHECKING:
    from fsm_langgraph.definition import FSMDefinition

Taken = tuple[Any, CheckpointTuple | None]
"""The input of a run, and the checkpoint that it begins with."""


def take_over(
    definition: FSMDefinition, config: RunnableConfig | None, given: Any, saved: CheckpointTuple | None
) -> Taken:
    """Put tokens in the places of secrets before a run, and store the values.

    Args:
        definition: The definition of the machine.
        config: The config of the run, which carries its secrets.
        given: The input.
        saved: The checkpoint.
    """
    if saved is None or (secrets := secrets_in(config or {})) is None:
        return given, saved
    secrets.load(_values(saved))
    given, taken = _taken(definition, secrets, given, saved)
    secrets.store(_values(taken))
    return given, taken


async def atake_over(
    definition: FSMDefinition, config: RunnableConfig | None, given: Any, saved: CheckpointTuple | None
) -> Taken:
    """Put tokens in the places of secrets before a run; the twin of `take_over`."""
    if saved is None or (secrets := secrets_in(config or {})) is None:
        return given, saved
    await secrets.aload(_values(saved))
    given, taken = _taken(definition, secrets, given, saved)
    await secrets.astore(_values(taken))
    return given, taken


def _values(saved: CheckpointTuple) -> dict[str, Any]:
    values = saved.checkpoint["channel_values"]
    return {name: values[name] for name in ("context", "sub_machine", "turn") if values.get(name)}


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
