"""A state as a LangGraph node: it plays the state's part in a turn, with LangGraph's means as the outside.

`arrival.py` says how the turn has come here. `_play` is the rest, a coroutine over effects: choose the model, play the
part, ask the `ERROR` handlers where the turn fails, put old messages away where it ends. `invoke` and `ainvoke` drive
it. When the update ends the turn, the turn record goes out on the `custom` stream as `{"last_turn": record}`.

A `Runnable` of our own, since LangGraph runs one as it is, where a plain function costs a wrapper at every turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from langchain_core.messages import RemoveMessage
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import get_runtime
from langgraph.types import RetryPolicy

from fsm_langgraph.definition import State
from fsm_langgraph.effects import Effect, Outside, adrive, drive
from fsm_langgraph.errors import Superseded, TurnError
from fsm_langgraph.graph.arrival import Arrival, arrive_at
from fsm_langgraph.graph.as_tool.tool_caller import AROUND
from fsm_langgraph.graph.exclusive import ConfirmHold, hold_in
from fsm_langgraph.graph.graph_around import graph_around
from fsm_langgraph.graph.journal import TurnJournal
from fsm_langgraph.graph.putting_away import put_away
from fsm_langgraph.graph.retrying import Retries
from fsm_langgraph.graph.secrets.secret_store import LoadSecrets, SecretStore, StoreSecrets, secrets_holders, secrets_in
from fsm_langgraph.graph.sub_machine_graph import SubMachineGraph
from fsm_langgraph.graph.turn_times import TurnTimes
from fsm_langgraph.locking import storage_errors_told
from fsm_langgraph.machine import Machine
from fsm_langgraph.models.chooser import Chooser
from fsm_langgraph.models.gate import GatedModel
from fsm_langgraph.models.run_context import Settings, read_settings
from fsm_langgraph.turn.play import play, recover
from fsm_langgraph.turn.saying import tell_shown

Update = dict[str, Any]
Subgraph = CompiledStateGraph[Any, Any, Any, Any]


class StateNode(Runnable[Any, Update]):
    """One state of a machine, as a node of its graph."""

    def __init__(
        self,
        machine: Machine,
        state: State,
        models: Chooser,
        retry_policy: RetryPolicy,
        times: TurnTimes | None = None,
    ) -> None:
        self.name = state.id
        self._retries = Retries(retry_policy, machine.path(state.id) if state.subflow else "")
        self.retry_policy = self._retries.policy
        self._machine = machine
        self._path = machine.path(state.id)
        self._state = state
        self._models = models
        self._times = times
        self._is_journalled = len(machine.handlers) > 0 or machine.toolbox.node is not None

    def invoke(
        self,
        input: Mapping[str, Any],  # noqa: A002 - the name is Runnable's
        config: RunnableConfig | None = None,
        *,
        subgraph: Subgraph | None = None,
        **_: Any,
    ) -> Update:
        """Play the state's part in the turn."""
        arrival, journal, outside = self._open(input, config or {}, subgraph)
        with storage_errors_told():
            return self._told(drive(self._play(arrival, outside, journal), outside), outside)

    async def ainvoke(
        self,
        input: Mapping[str, Any],  # noqa: A002 - the name is Runnable's
        config: RunnableConfig | None = None,
        *,
        subgraph: Subgraph | None = None,
        **_: Any,
    ) -> Update:
        """Play the state's part in the turn; the twin of `invoke`."""
        arrival, journal, outside = self._open(input, config or {}, subgraph)
        with storage_errors_told():
            return self._told(await adrive(self._play(arrival, outside, journal), outside), outside)

    async def _play(self, arrival: Arrival, outside: Outside, journal: TurnJournal) -> Update:
        # Where the choice itself fails, the default model shows what the ERROR handlers say.
        machine, model, values = self._machine, self._models.default, arrival.values
        goes_on = bool(machine.runs_in)
        secrets = _secrets_of(machine, outside.config)
        if secrets is not None:
            await LoadSecrets(secrets, values)
        vault = secrets.vault if secrets is not None else None
        try:
            settings = read_settings(outside.runtime.context, self._path)
            machine = self._as_chosen(settings)
            outside.end_if_superseded()
            if self._models.has_to_choose(settings):
                model = await _ChooseModel(self._models, settings, self._path)
            update = await play(machine, self._state, values, model, vault)
            goes_on = "last_turn" not in update
        except Superseded:
            raise
        except TurnError as error:
            tell_shown(error, values["turn"].get("said", ()))  # where the choice itself has failed
            failure = await self._retries.give_up(error, journal, outside)
            if failure is None:
                goes_on = True
                raise
            failure.is_within = outside.around is not None
            if machine.runs_in:
                raise failure from failure.__cause__  # the outermost machine asks the ERROR handlers
            if outside.time is not None:
                outside.time.stop()
            recovered = await recover(machine, self._state, values, model, failure, vault)
            if recovered is None:
                raise failure from failure.__cause__
            update = recovered
        finally:
            if self._times is not None and not goes_on:
                self._times.forget(values["turn"]["message_id"])
        if "last_turn" in update:
            if outside.hold is not None and not outside.hold.is_certain:
                await ConfirmHold(outside.hold, outside.config)
            if outside.around is not None:
                outside.around.note_landing(values, update)
            update = await _land(machine, update, values, journal, outside.config)
        update = arrival.stored_with(update)
        if secrets is not None:
            # With those of what was brought over to a changed definition as the turn began.
            await StoreSecrets(secrets, [update, journal.noted, secrets_holders(values)])
        return update

    def _open(
        self, given: Any, config: RunnableConfig, subgraph: Subgraph | None
    ) -> tuple[Arrival, TurnJournal, Outside]:
        """Take in the turn, and open its journal and the outside of this run of the state."""
        runtime = get_runtime()
        info = runtime.execution_info
        known, shown = self._retries.earlier(info)
        task_id = info.task_id if info is not None else ""
        arrival = arrive_at(self._machine, self._state.id, given, config, task_id)
        journal = TurnJournal(
            config,
            arrival.values,
            info,
            is_needed=self._is_journalled,
            known=known,
            shown=shown,
            secrets=_secrets_of(self._machine, config),
        )
        make_model_config, around = partial(self._model_config, config), graph_around(config)
        time = self._times.of(arrival.values["turn"]["message_id"]) if self._times is not None else None
        hold = hold_in(config)
        inside = SubMachineGraph(subgraph, config) if subgraph is not None else None
        outside = Outside(config, make_model_config, runtime, journal, around, inside, hold, time)
        return arrival, journal, outside

    def _told(self, update: Update, outside: Outside) -> Update:
        """Send the turn record out where the turn ends; hand the noted replies on where it does not."""
        if "last_turn" in update:
            if self._machine.listener is not None:
                self._machine.listener.landed(update["last_turn"])
            outside.runtime.stream_writer({"last_turn": update["last_turn"]})
            return update
        noted = outside.journal.noted
        return {**update, "turn": {**update["turn"], "replies": noted}} if noted else update

    def _as_chosen(self, settings: Settings) -> Machine:
        """Return the machine as this run wants it."""
        machine = self._machine
        if settings.history_limit is not None:
            machine = replace(machine, history_limit=settings.history_limit)
        if settings.reply_retries is not None:
            machine = replace(machine, reply_retries=settings.reply_retries)
        return machine

    def _model_config(self, config: RunnableConfig) -> RunnableConfig:
        """Make the config of model calls: traces can be filtered by the machine.

        Its metadata is what the node's callbacks do not have already. In a sub-machine the calls stream as those of the
        outermost machine: they write the same message. Where the machine is a tool, they stream as those of a graph
        inside the task that runs the tool.
        """
        known, chosen = config.get("metadata") or {}, config.get("configurable") or {}
        metadata: dict[str, Any] = {}
        for name in ("model", "checkpoint_ns"):  # LangChain adds these to the metadata of what is called with a config
            if name not in known and isinstance(value := chosen.get(name), str):
                metadata[name] = value
        namespace, around = known.get("langgraph_checkpoint_ns"), known.get(AROUND)
        if isinstance(namespace, str) and (self._machine.runs_in or around):
            outward = namespace.split(_NAMESPACES)[: -self._machine.depth or None]
            metadata["langgraph_checkpoint_ns"] = _NAMESPACES.join([*([around] if around else ()), *outward])
        tags = [*(config.get("tags") or ()), f"fsm:{self._machine.name}"]
        return {"callbacks": config.get("callbacks"), "tags": tags, "metadata": metadata}


async def _land(
    machine: Machine, update: Update, values: Mapping[str, Any], journal: TurnJournal, config: RunnableConfig
) -> Update:
    """Hand the oldest messages of a conversation that has become long over to the store, as the turn lands."""
    # Before the turn's own messages, copies of the user's are taken out.
    gone = {message.id for message in update["messages"] if isinstance(message, RemoveMessage)}
    history = values["messages"]
    if gone:
        history = [message for message in history if message.id not in gone]
    moved = await put_away(
        journal,
        history,
        values.get("older_messages"),
        config,
        coming=len(update["messages"]) - len(gone),
        limit=machine.messages_limit,
        seen=machine.history_limit,
    )
    return {**update, **moved, "messages": [*moved.get("messages", ()), *update["messages"]]}


def _secrets_of(machine: Machine, config: RunnableConfig) -> SecretStore | None:
    """Return the secrets of the run, which most machines have none of."""
    return secrets_in(config) if machine.has_secrets else None


@dataclass(frozen=True, slots=True)
class _ChooseModel(Effect[GatedModel]):
    """The choice of the run's model, which may import packages and read files."""

    models: Chooser
    settings: Settings
    path: str

    def run(self, outside: Outside) -> GatedModel:
        return self.models.choose(self.settings, outside.config, self.path)

    async def arun(self, outside: Outside) -> GatedModel:
        return await self.models.achoose(self.settings, outside.config, self.path)


def node_with_subgraph(node: StateNode, subgraph: Subgraph) -> Runnable[Any, Update]:
    """Make a node that LangGraph knows to run a subgraph.

    LangGraph looks for a graph among the variables that a node's functions refer to, so these two refer to it.
    """

    def invoke(values: Mapping[str, Any], config: RunnableConfig) -> Update:
        return node.invoke(values, config, subgraph=subgraph)

    async def ainvoke(values: Mapping[str, Any], config: RunnableConfig) -> Update:
        return await node.ainvoke(values, config, subgraph=subgraph)

    return RunnableLambda(invoke, ainvoke, name=node.name)


_NAMESPACES = "|"
"""The sign with which LangGraph joins the namespaces of nested graphs."""
