"""How a turn comes to a state's node: along the machine's own edges, or from a node of somebody's own.

    the machine's router, or START     the turn goes on in the state, or was started for it
    an edge, a `Command`               no turn is under way that goes on there: one begins in the state
    a `Send`                           the same, with what it holds as an input
    the state around a sub-machine     the turn goes on inside, and reads the conversation that the config brings

A turn that begins so is one of a conversation that was put into the state, as by `update_state`. Where no message waits
to be read the state speaks. A `Send` gives a node what it holds and nothing else: the rest is read from the graph's
channels, and what it brings is stored with what the state writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.messages import convert_to_messages
from langchain_core.runnables import RunnableConfig
from langgraph.graph.message import add_messages

from fsm_langgraph.context.machine_keys import NOW
from fsm_langgraph.context.writes import Context, apply
from fsm_langgraph.errors import RunContextError
from fsm_langgraph.graph.channels import callers_writes, machine_channels
from fsm_langgraph.graph.kept_thread import thread_id_of
from fsm_langgraph.graph.langgraph_internals import is_sent, read_channels
from fsm_langgraph.graph.secrets.secret_store import secrets_in, vault_in
from fsm_langgraph.graph.sub_machine_graph import history_in
from fsm_langgraph.machine import Machine
from fsm_langgraph.turn.beginning import goes_on, start_turn
from fsm_langgraph.turn.changed_definition.bringing_over import follows
from fsm_langgraph.turn.changed_definition.starting import take_over, take_up

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A turn that has come to a state."""

    values: Values
    """The graph's state, with a turn that goes on or begins in the state; in a sub-machine with the messages around."""
    brought: dict[str, Any] = field(default_factory=dict)
    """The messages and the context that a `Send` has brought."""

    def stored_with(self, update: dict[str, Any]) -> dict[str, Any]:
        """Return the update of the state's node, with what was brought."""
        if not self.brought:
            return update
        messages = [*self.brought["messages"], *update.get("messages", ())]
        return {**update, "messages": messages, "context": {**self.brought["context"], **update.get("context", {})}}


def arrive_at(machine: Machine, state: str, given: Any, config: RunnableConfig, task_id: str) -> Arrival:
    """Say how the turn comes to a state's node, and begin one where none does.

    Args:
        machine: The machine of the state.
        state: The state's id.
        given: The input of the node.
        config: The node's config.
        task_id: The id of the node's run, the same whenever LangGraph runs it again.

    Raises:
        RunContextError: A `Send` holds something else than a mapping.
        ContextError: A value of the context that it holds was refused.
        StaleDefinition: The definition has changed, and the conversation does not fit it.
    """
    if machine.runs_in:  # what leads into a sub-machine is the machine around it alone
        return Arrival({**given, "messages": history_in(config)})
    arrival = _sent(machine, state, given, config, task_id) if is_sent(config) else Arrival(given)
    values, definition = arrival.values, machine.definition
    if goes_on(values.get("turn") or {}, state):
        if follows(definition, values):
            return arrival
        return replace(arrival, values=take_up(definition, values, thread_id_of(config), vault=vault_in(config)))
    vault = vault_in(config)
    values, written = take_over(definition, values, thread_id_of(config), moved_to=state, vault=vault)
    metadata, reads_time = config.get("metadata") or {}, NOW in machine.machine_keys
    started = start_turn(
        values, definition=definition.identity, task_id=task_id, reads_time=reads_time, metadata=metadata
    )
    return Arrival({**values, "turn": started}, _with_context(arrival.brought, written.get("context")))


def _with_context(brought: dict[str, Any], taken_over: Context | None) -> dict[str, Any]:
    """Return what is to be stored with the state's update, with what a changed definition has made of the context."""
    if taken_over is None:
        return brought
    return {"messages": brought.get("messages", []), "context": {**taken_over, **brought.get("context", {})}}


def _sent(machine: Machine, state: str, given: Any, config: RunnableConfig, task_id: str) -> Arrival:
    if not isinstance(given, Mapping):
        found = (
            f"a Send holds a {type(given).__name__} for it, not a mapping such as {{'messages': […], 'context': {{…}}}}"
        )
        raise RunContextError(machine.path(state), found)
    stored = read_channels(config, machine_channels(machine.definition))
    brought = given.get("messages") or []
    brought = brought if isinstance(brought, list) else [brought]  # one message alone, as LangGraph's own input has it
    # Whenever LangGraph runs the node again it is given the same messages, without ids.
    messages: list[Any] = [
        message if message.id else message.model_copy(update={"id": f"fsm-{task_id}-{number}"})
        for number, message in enumerate(convert_to_messages(brought))
    ]
    context = callers_writes(machine.definition, given.get("context"), stored["context"])
    if machine.definition.secret_keys and (secrets := secrets_in(config)) is not None:
        context = secrets.of(machine.definition.secret_keys).hide(context)
    values = {
        **stored,
        "messages": add_messages(stored["messages"], messages),
        "context": apply(stored["context"], context),
    }
    return Arrival(values, {"messages": messages, "context": context})
