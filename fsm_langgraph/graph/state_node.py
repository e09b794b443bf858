"""A state as a LangGraph node: the two drivers of its part in a turn.

Each pulls the generator in `play.py` along, makes the model calls, runs the handlers and tools and uses the store as
it asks for, unless the journal says that it was done before, and hands its update to LangGraph. When the update
ends the turn, the turn record goes out on the `custom` stream as `{"last_turn": record}`.

A `Runnable` of our own, since LangGraph runs one as it is, where a plain function costs a wrapper at every turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langgraph.config import get_stream_writer
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import get_runtime
from langgraph.types import RetryPolicy

from fsm_langgraph.definition import State
from fsm_langgraph.effects.drivers import adrive, drive
from fsm_langgraph.errors import TurnError
from fsm_langgraph.graph.journal import Journal, Want, ado, do
from fsm_langgraph.graph.journal_entries import Entry
from fsm_langgraph.graph.older_messages import aput, put
from fsm_langgraph.graph.putting_away import PutAway
from fsm_langgraph.handlers import Handle
from fsm_langgraph.machine import Machine
from fsm_langgraph.models.chooser import Chooser
from fsm_langgraph.models.run_context import Settings, read_settings
from fsm_langgraph.prompts.fetching import afetch, fetch
from fsm_langgraph.prompts.lookups import Fetch
from fsm_langgraph.prompts.prompt import Mode
from fsm_langgraph.tools.toolbox import UseTool
from fsm_langgraph.turn.asking import Ask, Descend, Effect
from fsm_langgraph.turn.play import play, recover

Update = dict[str, Any]

_TRIED = 1000
"""How many runs that are to be tried again are remembered."""


class StateNode(Runnable[Any, Update]):
    """One state of a machine, as a node of its graph."""

    def __init__(
        self,
        machine: Machine,
        state: State,
        models: Chooser,
        retry_policy: RetryPolicy,
    ) -> None:
        self.name = state.id
        self.retry_policy = _of_its_own(retry_policy, machine.path(state.id)) if state.subflow else retry_policy
        self._machine = machine
        self._path = machine.path(state.id)
        self._state = state
        self._models = models
        self._tried: dict[str, dict[str, Entry]] = {}
        """What is done already in runs that LangGraph is going to try again, by the ids of their tasks."""

    def invoke(self, input: Mapping[str, Any], config: RunnableConfig | None = None, **kwargs: Any) -> Update:  # noqa: A002 - the names are Runnable's
        """Play the state's part in the turn."""
        config, model = config or {}, self._models.default
        journal = self._open_journal(input, config)
        want = partial(do, journal.entries.saver)

        # Neither function refers to itself: a cycle would keep the whole turn until the garbage collector comes.
        def act(effect: Handle | Want) -> Any:
            return drive(journal.handle(effect), want) if isinstance(effect, Handle) else want(effect)

        def answer(effect: Effect | Want) -> Any:
            match effect:
                case Ask(call, messages, mode, deed):
                    if self._acts and drive(journal.answer_again(call, deed), act):
                        return AIMessage("")
                    message = model.ask(call, messages, self._told_of(mode, config), act)
                    journal.note_tool_calls(call, deed)
                    return message
                case UseTool():
                    return drive(journal.use_tool(effect), want)
                case Fetch():
                    return fetch(get_runtime().store, effect)
                case PutAway():
                    return put(get_runtime().store, journal.entries, effect)
                case Descend(turn, messages):
                    inside = {"messages": messages, "turn": journal.hand_on(turn)}
                    return journal.take_back(kwargs["subgraph"].invoke(inside, config)["turn"])
                case _:
                    return act(effect)

        try:
            settings = self._settings()
            model = self._models.choose(settings, config, self._path)
            return self._told(drive(play(self._as_chosen(settings), self._state, input), answer), journal)
        except TurnError as error:
            if self._machine.place or self._will_retry(error, journal):
                raise  # the outermost machine asks the ERROR handlers
            update = drive(recover(self._machine, self._state, input, error), answer)
            if update is None:
                raise
            return self._told(update, journal)

    async def ainvoke(self, input: Mapping[str, Any], config: RunnableConfig | None = None, **kwargs: Any) -> Update:  # noqa: A002 - the names are Runnable's
        """Play the state's part in the turn; the twin of `invoke`."""
        config, model = config or {}, self._models.default
        journal = self._open_journal(input, config)
        want = partial(ado, journal.entries.saver)

        async def act(effect: Handle | Want) -> Any:
            return await (adrive(journal.handle(effect), want) if isinstance(effect, Handle) else want(effect))

        async def answer(effect: Effect | Want) -> Any:
            match effect:
                case Ask(call, messages, mode, deed):
                    if self._acts and await adrive(journal.answer_again(call, deed), act):
                        return AIMessage("")
                    message = await model.aask(call, messages, self._told_of(mode, config), act)
                    journal.note_tool_calls(call, deed)
                    return message
                case UseTool():
                    return await adrive(journal.use_tool(effect), want)
                case Fetch():
                    return await afetch(get_runtime().store, effect)
                case PutAway():
                    return await aput(get_runtime().store, journal.entries, effect)
                case Descend(turn, messages):
                    inside = {"messages": messages, "turn": journal.hand_on(turn)}
                    return journal.take_back((await kwargs["subgraph"].ainvoke(inside, config))["turn"])
                case _:
                    return await act(effect)

        try:
            settings = self._settings()
            model = await self._models.achoose(settings, config, self._path)
            return self._told(await adrive(play(self._as_chosen(settings), self._state, input), answer), journal)
        except TurnError as error:
            if self._machine.place or self._will_retry(error, journal):
                raise  # the outermost machine asks the ERROR handlers
            update = await adrive(recover(self._machine, self._state, input, error), answer)
            if update is None:
                raise
            return self._told(update, journal)

    @property
    def _acts(self) -> bool:
        """Whether turns do what must not be done again."""
        return len(self._machine.handlers) > 0 or self._machine.toolbox.node is not None

    def _open_journal(self, values: Mapping[str, Any], config: RunnableConfig) -> Journal:
        info = get_runtime().execution_info
        return Journal(config, values, self._tried.pop(info.task_id, None) if info is not None else None)

    def _will_retry(self, error: TurnError, journal: Journal) -> bool:
        """Say whether LangGraph is going to run the node again after this error, and remember what is done."""
        info = get_runtime().execution_info
        policy = self.retry_policy
        if info is None or info.node_attempt >= policy.max_attempts or not _matches(policy, error):
            return False
        if len(self._tried) >= _TRIED:  # the oldest belong to runs that were cancelled
            del self._tried[next(iter(self._tried))]
        self._tried[info.task_id] = journal.entries.known
        return True

    def _told(self, update: Update, journal: Journal) -> Update:
        """Send the turn record out where the turn ends; hand the journal on where it does not."""
        if "last_turn" in update:
            get_stream_writer()({"last_turn": update["last_turn"]})
            return update
        return {**update, "turn": journal.hand_on(update["turn"])}

    def _settings(self) -> Settings:
        return read_settings(get_runtime().context, self._path)

    def _as_chosen(self, settings: Settings) -> Machine:
        """Return the machine as this run wants it."""
        machine = self._machine
        if settings.history_limit is not None:
            machine = replace(machine, history_limit=settings.history_limit)
        if settings.reply_retries is not None:
            machine = replace(machine, reply_retries=settings.reply_retries)
        return machine

    def _told_of(self, mode: Mode | None, config: RunnableConfig) -> RunnableConfig:
        """Make the config of a model call: traces can be filtered by what it is for, and by the machine.

        In a sub-machine it streams as one of the outermost machine: it writes the same message.
        """
        metadata = {**(config.get("metadata") or {}), "fsm_mode": mode or "written"}
        namespace = metadata.get("langgraph_checkpoint_ns")
        if self._machine.place and isinstance(namespace, str):
            outward = namespace.split(_NAMESPACES)[: -self._machine.depth]
            metadata["langgraph_checkpoint_ns"] = _NAMESPACES.join(outward)
        tags = [*(config.get("tags") or ()), f"fsm:{self._machine.name}"]
        return {**config, "metadata": metadata, "tags": tags}


def node_with_subgraph(node: StateNode, subgraph: CompiledStateGraph[Any, Any, Any, Any]) -> Runnable[Any, Update]:
    """Make a node of which LangGraph sees that it runs a subgraph: it looks at what the functions refer to."""

    def invoke(values: Mapping[str, Any], config: RunnableConfig) -> Update:
        return node.invoke(values, config, subgraph=subgraph)

    async def ainvoke(values: Mapping[str, Any], config: RunnableConfig) -> Update:
        return await node.ainvoke(values, config, subgraph=subgraph)

    return RunnableLambda(invoke, ainvoke, name=node.name)


_NAMESPACES = "|"
"""What LangGraph joins the namespaces of nested graphs with."""


def _of_its_own(policy: RetryPolicy, path: str) -> RetryPolicy:
    """Leave to the states of a sub-machine what failed in them: they have been tried again already."""
    return policy._replace(
        retry_on=lambda error: _matches(policy, error) and not (isinstance(error, TurnError) and error.state != path)
    )


def _matches(policy: RetryPolicy, error: Exception) -> bool:
    if isinstance(policy.retry_on, type | Sequence):
        kinds = policy.retry_on
        return isinstance(error, kinds if isinstance(kinds, type) else tuple(kinds))
    return policy.retry_on(error)
