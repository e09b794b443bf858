"""What the model is asked in one step of a turn; asked again where its reply is bad, or where it calls tools.

    ask ──┬── a reply that cannot be used: ask again, with what was wrong
          ├── a reply: the step goes on
          └── tool calls: use_tools, then ask again, with what they answered

The prompt is written anew after tools were used, as they may have changed the context. What the model and the tools
say to each other lasts for the step; what later steps of the turn get to know of it is the results.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage

from fsm_langgraph.definition import State
from fsm_langgraph.effects.idempotency_key import UNNAMED, Deed
from fsm_langgraph.errors import ReplyError
from fsm_langgraph.graph.putting_away import PutAway
from fsm_langgraph.handlers import Handle, Outcome
from fsm_langgraph.machine import Machine
from fsm_langgraph.models.caching import cache_key
from fsm_langgraph.models.call import Call, Decide
from fsm_langgraph.prompts.lookups import Fetch, Found, Live
from fsm_langgraph.prompts.prompt import Mode
from fsm_langgraph.tools.toolbox import ToolResult, UseTool
from fsm_langgraph.turn.record import ModelCall
from fsm_langgraph.turn.tooling import calls_left, note_late_tools, tool_results, use_tools
from fsm_langgraph.turn.turn import Turn


@dataclass(frozen=True, slots=True)
class Ask:
    """A model call that the turn waits for; what came of it is in `call` when the answer is sent."""

    call: Call
    messages: list[BaseMessage]
    mode: Mode | None = None
    """What the call is for; `None` where a message is written already."""
    deed: Deed = UNNAMED
    """What the answer is written down as."""


@dataclass(frozen=True, slots=True)
class Descend:
    """A sub-machine that the turn goes on in; what is sent is the turn as it comes back, packed."""

    turn: dict[str, Any]
    history: list[AnyMessage]


Effect = Ask | Handle | UseTool | Fetch | Descend | PutAway
"""What a turn wants from the outside."""
Result = AIMessage | Outcome | ToolResult | Found | dict[str, Any]
"""What it is sent for it."""
Answered = tuple[Call, AIMessage]
"""The call that was answered, the last where there were several, and the message that was shown."""


class Inquiry:
    """One step in which the model is asked.

    Args:
        machine: The machine that is played.
        state: The state that asks.
        turn: The turn that it asks in.
        history: The conversation.
        mode: What the calls are for.
    """

    def __init__(
        self,
        machine: Machine,
        state: State,
        turn: Turn,
        history: Sequence[AnyMessage],
        mode: Mode,
    ) -> None:
        self._machine = machine
        self._state = state
        self._turn = turn
        self._history = history
        self._mode = mode
        self._path = machine.path(state.id)
        self._cache_key = cache_key(*machine.traced.values(), self._path)
        self._exchange: list[BaseMessage] = []
        self._known_results = len(turn.tool_uses)
        self._reasons: list[str] = []

    def ask(
        self, live: Live, *, decide: Decide | None = None, this_turn: Mapping[str, Any] | None = None
    ) -> Generator[Effect, Result, Answered]:
        """Ask until there is a reply that can be used, or tools are called; note each call in the turn.

        Args:
            live: What the store holds for the prompt.
            decide: Judges a structured reply.
            this_turn: What happened in the turn so far, for the model to speak fittingly.

        Raises:
            ReplyError: No reply could be used.
        """
        turn, state = self._turn, self._state
        tools = self._machine.toolbox.offer(state) if calls_left(state, self._path, turn) > 0 else ()
        prompt = self._prompt(live, this_turn, may_call=bool(tools))
        schema = self._machine.schemas.get((state.id, self._mode))
        while True:
            call = Call(self._path, turn.message_id, schema, decide, tools, cache_key=self._cache_key)
            message = yield Ask(call, prompt, self._mode, turn.deed(self._path, self._mode, len(turn.tool_uses)))
            assert isinstance(message, AIMessage)  # noqa: S101 - what answers an Ask; generators cannot say so
            turn.model_calls.append(_noted(call, self._mode))
            if not call.error:
                note_late_tools(turn, call)
                # Some consumers make a list of blocks of the content; the conversation keeps plain text.
                is_plain = isinstance(message.content, str)
                return call, message if is_plain else message.model_copy(update={"content": message.text})
            self._reasons.append(call.error)
            if len(self._reasons) > self._machine.reply_retries:
                raise ReplyError(self._path, self._reasons)
            complaint = f"(Your last reply was refused: {call.error}. Reply once more, exactly in the form asked for.)"
            prompt = [*prompt, HumanMessage(complaint)]

    def use_tools(self, call: Call) -> Generator[Effect, Result, None]:
        """Make the tool calls that a call came to, so that the model can be asked again."""
        history = [*self._history, *self._exchange]
        self._exchange += yield from use_tools(self._machine, self._state, self._turn, call, history)

    def _prompt(self, live: Live, this_turn: Mapping[str, Any] | None, *, may_call: bool) -> list[BaseMessage]:
        # Some providers refuse a history of tool calls without the tools: then their results are told as facts.
        results = tool_results(self._turn, self._known_results if may_call else None)
        facts = {**(this_turn or {}), "tool_results": results} if results else this_turn
        prompts = self._machine.prompts[self._state.id]
        limit = self._machine.history_limit
        prompt = prompts.build(
            self._mode, self._turn.context, self._history, history_limit=limit, this_turn=facts, live=live
        )
        return [*prompt, *self._exchange] if may_call else prompt


def _noted(call: Call, mode: Mode) -> ModelCall:
    usage = call.usage or {"input_tokens": 0, "output_tokens": 0}
    return ModelCall(
        state=call.state,
        mode=mode,
        input_tokens=usage["input_tokens"],
        output_tokens=usage["output_tokens"],
        error=call.error or call.cut,
        replayed=call.is_replayed,
    )
