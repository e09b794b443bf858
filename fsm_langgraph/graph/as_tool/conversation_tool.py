"""A machine as a tool of an agent: the agent passes on what the user says, and is told what to answer.

    "A latte, please" ──> the tool ──> the caller's conversation ──> "Latte, got it. How many cups?"
                                                                     and whether it is finished

`Graph.tool` makes it. The agent's model reads the message and what to do next; the artifact of the ToolMessage, a
`ToolArtifact`, tells programs how the conversation stands. While the machine speaks, the text goes out piece by piece
on the `custom` stream of the graph around as `{"tool_progress": ToolProgress}`, and on its `tools` stream.

A turn that failed has changed nothing. The agent's model is told so and may try again. Errors that no repetition would
mend are raised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from langchain_core.runnables import RunnableConfig
from langchain_core.tools import InjectedToolArg, StructuredTool, ToolException
from langgraph.prebuilt import ToolRuntime
from langgraph.runtime import Runtime, get_runtime
from pydantic import BaseModel, Field
from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12

from fsm_langgraph.errors import GraphToolError, RunContextError, SizeError, StateError, TurnConflict, TurnError
from fsm_langgraph.graph.as_tool.tool_caller import read_call, read_caller
from fsm_langgraph.graph.as_tool.tool_conversations import ToolConversations
from fsm_langgraph.graph.as_tool.tool_names import is_tool_name, tool_name_of
from fsm_langgraph.graph.as_tool.tool_turn import ToolArtifact, ToolRun
from fsm_langgraph.graph.options import Rule, options_checked

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph import Graph

_USE = (
    "This holds a conversation with the user. Call it with what the user says, word for word, and give the user its "
    "answer. Go on calling it with all that the user says until it tells that the conversation is finished."
)
_GOES_ON = "(Not finished: pass on what the user says to this with the same tool.)"
_FINISHED = "(Finished. Another call begins a new conversation.)"


class ToolProgress(TypedDict):
    """A piece of what a machine says to a tool's caller, on the `custom` stream of the graph around."""

    tool: str
    """The tool's name."""
    tool_call_id: str | None
    """The call that it answers."""
    thread_id: str
    """The thread of the conversation."""
    message_id: str
    """The message that it is a piece of."""
    text: str


class Utterance(BaseModel):
    """The arguments of the tool, as the agent's model is told of them."""

    message: str = Field(description="What the user says, word for word.")


class ConversationTool(StructuredTool):
    """A machine as a tool; made by `Graph.tool`."""

    def run(self, tool_input: Any, *args: Any, tool_call_id: str | None = None, **options: Any) -> Any:
        """Run it; a loop that is written by hand gives the id of the call, but no runtime that has it."""
        return super().run(_with_id(tool_input, tool_call_id), *args, tool_call_id=tool_call_id, **options)

    async def arun(self, tool_input: Any, *args: Any, tool_call_id: str | None = None, **options: Any) -> Any:
        """Run it; the twin of `run`."""
        return await super().arun(_with_id(tool_input, tool_call_id), *args, tool_call_id=tool_call_id, **options)


@options_checked(
    description=Rule(lambda value: value is None or isinstance(value, str), "a text"),
    return_direct=Rule(lambda value: isinstance(value, bool), "True or False"),
    handle_tool_error=Rule(
        lambda value: isinstance(value, bool | str) or callable(value), "True, False, a text or a function"
    ),
)
def make_tool(
    graph: Graph,
    name: str | None,
    description: str | None,
    *,
    return_direct: bool,
    handle_tool_error: bool | str | Callable[[ToolException], str],
) -> ConversationTool:
    """Make a tool of a graph; the arguments are those of `Graph.tool`."""
    definition = graph.builder.definition
    named = _named(name, definition.name)
    if graph.checkpointer is False:
        raise GraphToolError(
            named,
            "its graph was compiled with checkpointer=False, and a tool has a conversation to keep.",
            "Leave that out, for the checkpointer of the agent that calls it, or give one.",
        )
    conversations = ToolConversations(graph)

    def pass_on(
        message: str,
        config: RunnableConfig,
        runtime: Annotated[ToolRuntime | None, InjectedToolArg] = None,
        call_id: Annotated[str | None, InjectedToolArg] = None,
    ) -> tuple[str, ToolArtifact]:
        try:
            answer = conversations.hold(_run_of(named, message, config, runtime, call_id))
        except (TurnError, TurnConflict, SizeError) as error:
            raise _as_told(named, error) from error
        return _told(answer, return_direct=return_direct), answer

    async def apass_on(
        message: str,
        config: RunnableConfig,
        runtime: Annotated[ToolRuntime | None, InjectedToolArg] = None,
        call_id: Annotated[str | None, InjectedToolArg] = None,
    ) -> tuple[str, ToolArtifact]:
        try:
            answer = await conversations.ahold(_run_of(named, message, config, runtime, call_id))
        except (TurnError, TurnConflict, SizeError) as error:
            raise _as_told(named, error) from error
        return _told(answer, return_direct=return_direct), answer

    return ConversationTool(
        name=named,
        description=description if description is not None else f"{definition.description}\n\n{_USE}",
        args_schema=Utterance,
        func=pass_on,
        coroutine=apass_on,
        response_format="content_and_artifact",
        return_direct=return_direct,
        handle_tool_error=handle_tool_error,
    )


def _run_of(tool: str, text: str, config: RunnableConfig, given: ToolRuntime | None, call_id: str | None) -> ToolRun:
    """Gather what a call runs with."""
    caller, runtime = read_caller(tool, config), _runtime()
    message = read_call(tool, text, call_id, given.state if given is not None else None)

    def tell(thread_id: str, message_id: str, piece: str) -> None:
        if runtime is not None:
            progress = ToolProgress(
                tool=tool, tool_call_id=call_id, thread_id=thread_id, message_id=message_id, text=piece
            )
            runtime.stream_writer({"tool_progress": progress})
        if given is not None:
            given.emit_output_delta(piece)

    return ToolRun(caller, message, config, runtime, tell)


def _runtime() -> Runtime[Any] | None:
    """Return the runtime of the graph around; nothing where a tool is called outside of one."""
    try:
        return get_runtime()
    except RuntimeError:
        return None


def _told(answer: ToolArtifact, *, return_direct: bool) -> str:
    """Write what the agent's model reads, or the user, to whom the answer goes as it is."""
    if return_direct:
        return answer["message"]
    return "\n\n".join(filter(None, (answer["message"], _FINISHED if answer["finished"] else _GOES_ON)))


def _as_told(tool: str, error: TurnError | TurnConflict | SizeError) -> Exception:
    """Return an error as the agent's model is told of it; as it is, where no model could do anything about it.

    Its own sentence is for developers: it quotes what a provider or a handler has raised.
    """
    if isinstance(error, StateError | RunContextError):
        return error
    if isinstance(error, TurnConflict):
        return ToolException(f"{tool} is still busy with an earlier message. Call it again with the same one, later.")
    if isinstance(error, SizeError):
        found = f"{tool} takes {error.limit:,} bytes, and the message has {error.size:,}."
        return ToolException(f"{found} Call it again with what matters of it.")
    shown = f" The user has been shown: {' '.join(map(repr, error.shown))}." if error.shown else ""
    return ToolException(
        f"{tool} has failed, and nothing has changed.{shown} Call it once more with the same message. "
        "If it fails again, tell the user that it does not work at the moment."
    )


def _with_id(tool_input: Any, tool_call_id: str | None) -> Any:
    return {**tool_input, "call_id": tool_call_id} if isinstance(tool_input, dict) else tool_input


def _named(given: str | None, definition: str) -> str:
    """Return the tool's name: the one that is given, else one that is made of the definition's."""
    name = given if given is not None else tool_name_of(definition)
    if is_tool_name(name):
        return name
    found = (
        "no provider takes it."
        if given is not None
        else f"no name for a tool can be made of the definition's, {definition!r}."
    )
    raise GraphToolError(name, found, "Give it a name of letters, digits, '_' and '-', at most 64: tool(name).")
