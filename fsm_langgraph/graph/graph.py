"""A machine's graph: LangGraph's own, made by `GraphBuilder`, which knows the definition that it was built from.

These things differ:

- It shows itself, and where a conversation stands in it (`shown_graph.py`).
- A conversation can be edited from outside without naming a node. LangGraph goes by the edge that was last taken, and
  would take the edit for input where a turn took none.
- What a caller may not write is refused before a run begins. LangGraph would keep it, and fail at it again whenever the
  state is read.
- A conversation is read before a run, which may have nothing to do: a message that was read is known by its id
  (`before_run.py`).
- Secrets are taken out of what is given to it, and tokens stand in their places (`secret_input.py`).
- A run within another graph hands the user over to it, when a turn says so (`graph_around.py`).
- A conversation whose older messages have moved to the store can be read, and deleted, as a whole, and one whose
  definition has changed brought over at once (`kept_graph.py`).
- A run, an edit and a deletion hold their conversation, so that two turns are never stored over each other
  (`exclusive.py`). What the driver of a database raises is told as `StorageError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, StateUpdate

from fsm_langgraph.graph.admitted_edits import admit_edits
from fsm_langgraph.graph.before.admission import (
    check_messages,
    check_room,
    check_thread_id,
    needs_no_check,
    whole,
    whole_config,
)
from fsm_langgraph.graph.before.before_run import aopen_kept, open_kept
from fsm_langgraph.graph.before.known_messages import check_ids
from fsm_langgraph.graph.before.unfinished_landing import afinish_before_edit, finish_before_edit
from fsm_langgraph.graph.channels import callers_writes, check_names, given_back
from fsm_langgraph.graph.editing import check_edit, steps_of_edit
from fsm_langgraph.graph.exclusive import arun_held, hold_for_run, run_held, with_hold
from fsm_langgraph.graph.graph_around import GraphAround, athen_leave, find_graph_around, then_leave
from fsm_langgraph.graph.kept_graph import KeptGraph
from fsm_langgraph.graph.kept_thread import Thread, find_thread
from fsm_langgraph.graph.own_edges import check_jumps
from fsm_langgraph.graph.secrets.secret_input import (
    arun_hidden,
    asettle,
    hide,
    open_secrets,
    run_hidden,
    settle,
    steps_of,
)
from fsm_langgraph.locking import storage_errors_told

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool, ToolException


class Graph(KeptGraph):
    """A compiled machine: a LangGraph graph that knows the definition that it was built from."""

    keeps_all_messages = False
    """Whether its state keeps all messages where `messages_limit` does not say how many."""

    def tool(
        self,
        name: str | None = None,
        description: str | None = None,
        *,
        return_direct: bool = False,
        handle_tool_error: bool | str | Callable[[ToolException], str] = True,
    ) -> BaseTool:
        """Make a LangChain tool, by which an agent holds conversations of this machine for its user.

        Each caller has a conversation of its own, from call to call and from run to run: the agent of each thread, and
        each subagent that was started by a tool call. One that has ended is followed by a new one. They are kept in
        threads of their own, by this graph's checkpointer, else by the agent's; the artifact of each answer, a
        `ToolArtifact`, names the thread, and how the conversation stands.

        Args:
            name: The tool's name; made of the definition's where it is left out.
            description: Tells the agent's model when to call it; made of the definition's where it is left out.
            return_direct: Whether the user gets what the machine says as it is, without a word of the agent's model.
            handle_tool_error: LangChain's: whether the agent's model is told when a turn fails, which then has changed
                nothing. Where it is `False` a `ToolException` is raised, as middleware wants that tries again.

        Raises:
            OptionSetupError: Values make no sense; all of them are told.
            GraphToolError: The name does not fit, or the graph keeps no conversations.
        """
        from fsm_langgraph.graph.as_tool.conversation_tool import make_tool

        return make_tool(self, name, description, return_direct=return_direct, handle_tool_error=handle_tool_error)

    def update_state(
        self,
        config: RunnableConfig,
        values: Mapping[str, Any] | Any | None,
        as_node: str | None = None,
        task_id: str | None = None,
    ) -> RunnableConfig:
        """Change a conversation from outside; the next turn begins in the `current_state` that is given, if one is.

        The arguments are LangGraph's. Where no node is named, a turn that is paused stays paused, and goes on with what
        was written.

        Raises:
            ContextError: A value of the context was refused; nothing was stored.
            StateError: The definition has no such state, or the graph no such node; nothing was stored.
            ArgumentError: It misspells a channel by one letter; nothing was stored.
            StaleDefinition: The definition has changed, and the conversation does not fit it; nothing was stored.
        """
        with self._hold(config) as hold:
            config = with_hold(config, hold)
            if as_node is None and task_id is None and isinstance(values, Mapping):
                steps = steps_of_edit(self.builder.definition, self.get_state(config), values)
                if steps:
                    return self.bulk_update_state(config, steps)
            return super().update_state(config, values, as_node, task_id)

    async def aupdate_state(
        self,
        config: RunnableConfig,
        values: Mapping[str, Any] | Any,
        as_node: str | None = None,
        task_id: str | None = None,
    ) -> RunnableConfig:
        """Change a conversation from outside; the twin of `update_state`."""
        async with self._hold(config) as hold:
            config = with_hold(config, hold)
            if as_node is None and task_id is None and isinstance(values, Mapping):
                steps = steps_of_edit(self.builder.definition, await self.aget_state(config), values)
                if steps:
                    return await self.abulk_update_state(config, steps)
            return await super().aupdate_state(config, values, as_node, task_id)

    def bulk_update_state(self, config: RunnableConfig, supersteps: Sequence[Sequence[StateUpdate]]) -> RunnableConfig:
        """Change a conversation from outside, in several steps; `update_state` comes through here too.

        Raises:
            StateError: The definition has no such `current_state`, or the graph no such node; nothing was stored.
            ArgumentError: An edit misspells a channel by one letter; nothing was stored.
        """
        supersteps = admit_edits(self, config, supersteps)
        with self._hold(config) as hold, storage_errors_told():
            landed = finish_before_edit(super().stream, self, with_hold(config, hold), supersteps)
            if (secrets := open_secrets(self, config)) is not None:
                supersteps = settle(secrets, self.builder.definition, steps_of(supersteps))
            return super().bulk_update_state(landed, supersteps)

    async def abulk_update_state(
        self, config: RunnableConfig, supersteps: Sequence[Sequence[StateUpdate]]
    ) -> RunnableConfig:
        """Change a conversation from outside, in several steps; the twin of `bulk_update_state`."""
        supersteps = admit_edits(self, config, supersteps)
        async with self._hold(config) as hold:
            with storage_errors_told():
                landed = await afinish_before_edit(super().astream, self, with_hold(config, hold), supersteps)
                if (secrets := open_secrets(self, config)) is not None:
                    supersteps = await asettle(secrets, self.builder.definition, steps_of(supersteps))
                return await super().abulk_update_state(landed, supersteps)

    if not TYPE_CHECKING:  # the types, which are many, are LangGraph's

        def stream(self, input, config=None, **kwargs):  # noqa: A002 - the name is Runnable's
            """Run it; `invoke` and `batch` come through here too. The arguments are LangGraph's.

            Raises:
                ArgumentError: The input misspells a channel by one letter, or an id cannot be kept.
                ContextError: A value of the context was refused; nothing was stored.
                SizeError: A message is larger than its limit; nothing was stored.
                StateError: A jump leads to no state and no node; nothing was stored.
                TurnConflict: A message has the id of another one, or another turn of the conversation runs, and is not
                    waited for or has not ended in time; nothing was stored.
                ConversationError: The conversation was closed; nothing was stored.
                StaleDefinition: The definition has changed, and the conversation does not fit it; nothing was stored.
                StorageError: The database failed.
            """
            stream = super().stream
            if not self.lands_turns:  # the machine around has seen to all that follows
                return stream(input, config, **kwargs)
            input, config, around, thread = self._admit(input, config)  # noqa: A001 - the name is Runnable's
            if around is None:

                def run(given, inside):
                    return open_kept(stream, self, thread, given, inside, kwargs)
            else:

                def run(given, inside):
                    return then_leave(lambda config: stream(given_back(given), config, **kwargs), self, around, inside)

            run = run_hidden(open_secrets(self, config), self, input, run)
            return run_held(hold_for_run(self, thread, config), run, config)

        def astream(self, input, config=None, **kwargs):  # noqa: A002 - the name is Runnable's
            """Run it; the twin of `stream`."""
            stream = super().astream
            if not self.lands_turns:
                return stream(input, config, **kwargs)
            input, config, around, thread = self._admit(input, config)  # noqa: A001 - the name is Runnable's
            if around is None:

                async def run(given, inside):
                    return await aopen_kept(stream, self, thread, given, inside, kwargs)
            else:

                async def run(given, inside):
                    return athen_leave(lambda config: stream(given_back(given), config, **kwargs), self, around, inside)

            run = arun_hidden(open_secrets(self, config), self, input, run)
            return arun_held(hold_for_run(self, thread, config), run, config)

        def stream_events(self, input, config=None, **kwargs):  # noqa: A002 - the name is Runnable's
            """Run it, and give LangChain's events; the arguments are LangGraph's, and the errors those of `stream`."""
            return super().stream_events(*hide(self, input, config), **kwargs)

        def astream_events(self, input, config=None, **kwargs):  # noqa: A002 - the name is Runnable's
            """Run it, and give LangChain's events, of which the first has the input; the twin of `stream_events`."""
            return super().astream_events(*hide(self, input, config), **kwargs)

    def _admit(
        self, given: Any, config: RunnableConfig | None
    ) -> tuple[Any, RunnableConfig | None, GraphAround | None, Thread | None]:
        """Return an input and a config as a run takes them in, with the graph around it and where it is kept."""
        config = whole_config(config)
        around, thread = find_graph_around(self, config), find_thread(self, config)
        if not needs_no_check(given, self.builder.limits):
            given = whole(given)
            self._check_writes(given)
            if around is None:
                self._check_input(given, thread)
        if around is None and thread is not None:
            check_thread_id(thread.thread_id)
        return given, config, around, thread

    def _check_writes(self, given: Any) -> None:
        check_jumps(given, self.builder.nodes)
        update = given.update if isinstance(given, Command) else given
        if isinstance(update, Mapping):
            callers_writes(self.builder.definition, update.get("context"))
        if isinstance(given, Command):  # of other input LangGraph takes no state
            check_edit(self.builder.definition, given)

    def _check_input(self, given: Any, thread: Thread | None) -> None:
        check_messages(given, self.builder.limits)
        # Of a run within another graph the input is that graph's state, which may have any names.
        update = given.update if isinstance(given, Command) else given
        if isinstance(update, Mapping):
            check_ids(update.get("messages"))
        if isinstance(given, Mapping):
            check_names(given, self.channels, self.builder.schemas[self.builder.input_schema])
        # What a conversation holds already is looked at where it is read, but secrets are tokens there.
        if thread is None or not thread.is_outermost or self.builder.definition.has_secrets:
            check_room(self.builder.definition, self.builder.limits, given, {})


class UnkeptGraph(Graph):
    """A machine that was compiled without a checkpointer: whoever runs it, such as a LangGraph server, brings one.

    Front ends of a server show the messages of the graph's state, and read no store.
    """

    keeps_all_messages = True
