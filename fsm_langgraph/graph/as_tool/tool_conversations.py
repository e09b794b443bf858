"""The conversations that a tool holds for its callers: where they are kept, and how a message comes into one.

Each is a thread of its own. The turn that reads a message is written once, in `tool_turn.py`; `hold` and `ahold` carry
out what it wants, in a sync and in an async run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessageChunk
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from fsm_langgraph.errors import CallerError
from fsm_langgraph.graph.as_tool.call_order import CallOrder
from fsm_langgraph.graph.as_tool.tool_turn import Look, ToolArtifact, ToolRun, read_message
from fsm_langgraph.graph.exclusive import hold_in
from fsm_langgraph.graph.langgraph_internals import checkpointer_of, running_config
from fsm_langgraph.locking import Hold, storage_errors_told

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph import Graph

_ORDER = CallOrder()
"""Of all tools in the process: two of one name may hold the same conversations."""


class ToolConversations:
    """The conversations that are held by one tool.

    Args:
        graph: The machine's graph.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._lent: tuple[object, object, Graph] | None = None
        """The last checkpointer and store that were borrowed, and the graph with them."""

    def hold(self, run: ToolRun) -> ToolArtifact:
        """Have the machine read a message; return its answer.

        Raises:
            CallerError: Nothing keeps the conversation, or nobody can be asked what it asks by `interrupt()`.
            TurnConflict: An earlier call has not ended in time.
            GraphInterrupt: The conversation waits for an answer that the graph around has to get.
            TurnError: The turn failed; the same message can be passed on again.
        """
        graph, saver = self._kept(run)
        with _ORDER.turn(run.caller.key, run.message, _hold(graph, saver, run)):
            turn = read_message(graph.builder.definition, run)
            try:
                look = next(turn)
                while True:
                    if look.runs:
                        for part in graph.stream(look.given, look.config, **_streaming(run)):
                            _tell(run, look, part)
                    stored = graph.get_state(look.config)
                    with storage_errors_told():
                        pauses = [*saver.list(_thread(look))] if stored.interrupts else ()
                    look = turn.send((stored, pauses))
            except StopIteration as stop:
                answer: ToolArtifact = stop.value
                return answer

    async def ahold(self, run: ToolRun) -> ToolArtifact:
        """Have the machine read a message; the twin of `hold`."""
        graph, saver = self._kept(run)
        async with _ORDER.aturn(run.caller.key, run.message, _hold(graph, saver, run)):
            turn = read_message(graph.builder.definition, run)
            try:
                look = next(turn)
                while True:
                    if look.runs:
                        async for part in graph.astream(look.given, look.config, **_streaming(run)):
                            _tell(run, look, part)
                    stored = await graph.aget_state(look.config)
                    with storage_errors_told():
                        pauses = [saved async for saved in saver.alist(_thread(look))] if stored.interrupts else ()
                    look = turn.send((stored, pauses))
            except StopIteration as stop:
                answer: ToolArtifact = stop.value
                return answer

    def _kept(self, run: ToolRun) -> tuple[Graph, BaseCheckpointSaver[Any]]:
        """Return the graph with a checkpointer and a store: its own, else those of the graph around."""
        graph, runtime = self._graph, run.runtime
        saver = (
            graph.checkpointer if isinstance(graph.checkpointer, BaseCheckpointSaver) else checkpointer_of(run.config)
        )
        store = graph.store if graph.store is not None or runtime is None else runtime.store
        if saver is None:
            raise CallerError(
                run.caller.tool,
                "there is no checkpointer that could keep its conversation.",
                "Give one to the machine, compile_fsm(…, checkpointer=…), or to the agent that calls it.",
            )
        if saver is graph.checkpointer and store is graph.store:
            return graph, saver
        if self._lent is None or self._lent[0] is not saver or self._lent[1] is not store:
            lent = graph.copy({"checkpointer": saver, "store": store})
            lent.keeps_all_messages = False  # no front end shows the thread of a tool's conversation
            self._lent = (saver, store, lent)
        return self._lent[2], saver


def _hold(graph: Graph, saver: BaseCheckpointSaver[Any], run: ToolRun) -> Hold:
    """Return what holds the caller's conversations: which of them is the newest, and the turn in that.

    No call is refused because another one of its step runs, whatever turns of the graph do.
    """
    patience = graph.builder.busy_rules.patience
    return Hold(saver, run.caller.key, patience=patience, around=hold_in(running_config()))


def _streaming(run: ToolRun) -> dict[str, Any]:
    context = run.runtime.context if run.runtime is not None else None
    # With its subgraphs: its model calls stream as those of a subgraph of the graph around.
    return {"context": context, "stream_mode": "messages", "subgraphs": True}


def _tell(run: ToolRun, look: Look, part: Any) -> None:
    _, (chunk, _) = part
    if isinstance(chunk, AIMessageChunk) and chunk.text:
        run.tell(look.thread_id, str(chunk.id), str(chunk.text))


def _thread(look: Look) -> RunnableConfig:
    return {"configurable": {"thread_id": look.thread_id}}
