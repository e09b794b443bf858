"""The model of turns that have replies: it answers each call with the next of them, and notes what does not fit.

A reply is written as the model would write it for what it was asked: JSON where a decision is wanted, words where it
only speaks. One model serves all turns of all scenarios with a machine, so that the graph is compiled once.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

from fsm_langgraph.data.reply_members import MESSAGE, TARGET, UPDATES
from fsm_langgraph.models.scripted import OutOfReplies, ScriptedModel
from fsm_langgraph.scenarios.outcome import Difference
from fsm_langgraph.scenarios.scenario import ScriptedReply


class TurnScript:
    """The replies of the turn that is under way."""

    def __init__(self) -> None:
        self.model = ScriptedModel(replies=[self._answer], repeat=True, chunk_size=1_000)
        """The model that gives them."""
        self.stood_in = False
        """Whether the turn was given words of nobody's, so that it comes to its end."""
        self.gave_text = False
        """Whether a decision was answered with a text, since somebody last set this."""
        self._replies: Sequence[ScriptedReply] = ()
        self._asked = 0
        self._misfits: list[Difference] = []

    def begin(self, replies: Sequence[ScriptedReply]) -> None:
        """Begin a turn."""
        self.model.forget()
        self.stood_in = False
        self._replies, self._asked, self._misfits = replies, 0, []

    @property
    def has_left_over(self) -> bool:
        """Whether there are replies that the turn has not asked for."""
        return self._asked < len(self._replies)

    def misfits(self, *, waits: bool = False) -> list[Difference]:
        """Tell what did not fit in the turn: a call without a reply, a reply without a call, one of another kind.

        Args:
            waits: Whether the turn waits for an answer, with which it will go on.
        """
        unused = len(self._replies) - self._asked
        if unused <= 0:
            return self._misfits
        expected = f"{_count(len(self._replies), 'call')} of the model"
        advice = _TO_THE_ANSWER if waits else "Leave out the replies that nobody asked for."
        return [*self._misfits, Difference("reply", expected, _count(self._asked, "call"), advice)]

    def _answer(self, messages: list[BaseMessage], schema: dict[str, Any] | None) -> Any:
        self._asked += 1
        if self._asked > len(self._replies):
            return self._run_out(messages, schema)
        reply = self._replies[self._asked - 1]
        if reply.text is not None:
            self.gave_text = self.gave_text or schema is not None
            return reply.text
        if reply.tools:
            calls = [
                {"name": call.name, "args": call.args, "id": f"call-{self._asked}-{number}"}
                for number, call in enumerate(reply.tools, start=1)
            ]
            return AIMessage(reply.message, tool_calls=calls)
        if schema is not None:
            return _decision(reply, schema)
        if reply.target is not None or reply.updates:
            found = f"call {self._asked} of the turn, which asks for words alone"
            advice = f"Give it the words alone, as text or {{{MESSAGE}: …}}; the decision was asked for before."
            self._misfits.append(Difference("reply", "a call that decides", found, advice))
        return reply.message

    def _run_out(self, messages: list[BaseMessage], schema: dict[str, Any] | None) -> str | OutOfReplies:
        found = "a further call, which asks for words alone"
        if schema is not None:  # the last message tells why a reply before was refused, if one was
            last = textwrap.shorten(messages[-1].text, 160) if messages else ""
            found = f"a further call, which asks for a decision, after {last!r}"
        earlier = self._replies[-1] if self._replies else None
        if schema is None:
            advice = "Write the words of the state where the turn ends as a further reply: reply: [{target: …}, words]."
        elif earlier is not None and earlier.text is not None:
            advice = "The reply before it was refused. A decision is written as {target: …, updates: {…}, message: …}."
        else:
            advice = "Write its answer as a further reply: reply: [{…}, {…}]."
        expected = f"{_count(len(self._replies), 'call')} of the model"
        if not self._misfits:  # of a call that is made again once is enough
            self._misfits.append(Difference("reply", expected, found, advice))
        self.stood_in = schema is None  # with it, it can be told where the turn would have ended
        return _STAND_IN if schema is None else OutOfReplies(len(self._replies), self._asked)


_STAND_IN = "(There is no reply for this call.)"
_TO_THE_ANSWER = "The replies to the calls after the pause belong to the turn with the answer."


def _decision(reply: ScriptedReply, schema: dict[str, Any]) -> str:
    """Write a reply as the schema has it; its last target is the state's own, which is to stay."""
    properties = schema["properties"]
    written: dict[str, Any] = {TARGET: reply.target or properties[TARGET]["enum"][-1]}
    if UPDATES in properties or reply.updates:
        written[UPDATES] = [{key: value} for key, value in reply.updates.items()]
    if MESSAGE in properties:
        written[MESSAGE] = reply.message
    return json.dumps(written, ensure_ascii=False)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
