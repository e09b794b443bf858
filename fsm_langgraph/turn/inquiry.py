"""One step of a turn in which the model is asked, and asked again after a bad reply or after tool calls.

    ask ──┬── a reply that cannot be used: ask again, with what was wrong; in the end, ask the next fallback model
          ├── one that was cut off at its length limit, as the next would be: the turn fails
          ├── a reply: the step goes on
          └── tool calls: use_tools, then ask again, with what they answered

After tools were used the prompt is written anew, as they may have changed the context. The exchange of model and tools
lasts for the step. Later steps of the turn are told the results alone.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from langchain_core.messages import BaseMessage

from fsm_langgraph.context.secret_tokens import Secrets
from fsm_langgraph.data.in_part import in_part
from fsm_langgraph.errors import ReplyError, TemplateLimit
from fsm_langgraph.models.asking import AskModel
from fsm_langgraph.models.caching import cache_key
from fsm_langgraph.models.request import Decide, ModelAnswer, ModelRequest
from fsm_langgraph.prompts.asked_again import asked_again
from fsm_langgraph.prompts.lookups import Live
from fsm_langgraph.prompts.prompt import Mode
from fsm_langgraph.templates.filling import OverfullError
from fsm_langgraph.turn.part import Part
from fsm_langgraph.turn.record import ModelCall
from fsm_langgraph.turn.tool_uses import calls_left, note_late_tools, tool_results, use_tools

DecidedT = TypeVar("DecidedT")


class Inquiry:
    """One step in which the model is asked.

    Args:
        part: The state that asks.
        mode: The purpose of the calls.
    """

    def __init__(self, part: Part, mode: Mode) -> None:
        self._part = part
        self._mode: Mode = mode
        self._cache_key = cache_key(*part.machine.traced.values(), part.path)
        self._exchange: list[BaseMessage] = []
        # What was found before this step is told as facts; in the step itself the exchange tells it.
        self._known_results = len(part.turn.tool_uses)
        self._reasons: list[str] = []
        self._retries = 0
        self._first_model = 0

    async def ask(
        self, live: Live, *, decide: Decide[DecidedT] | None = None, this_turn: Mapping[str, Any] | None = None
    ) -> ModelAnswer[DecidedT]:
        """Ask until there is an answer that can be used, or tools are called; note each call in the turn.

        Args:
            live: What the store holds for the prompt.
            decide: Decides on a structured reply.
            this_turn: What happened in the turn so far, for the model to speak fittingly.

        Raises:
            ReplyError: No reply could be used.
        """
        part, turn, machine = self._part, self._part.turn, self._part.machine
        tools = machine.toolbox.offer(part.state) if calls_left(part.state, part.path, turn) > 0 else ()
        schema = None if decide is None else machine.schemas[part.state.id, self._mode]
        known = part.shown_of(part.scope.context) if decide is None else {}
        secrets = None if decide is None else _told_secrets(part)
        tag_roots = machine.tag_roots | live.tag_roots if live.instructions else machine.tag_roots
        request = ModelRequest(
            part.path,
            turn.answer_id,
            schema,
            tools,
            self._cache_key,
            tag_roots=tag_roots,
            known=known,
            speaker=part.model.speaker,
            has_tools=machine.toolbox.node is not None,
            first_model=self._first_model,
            secret_keys=secrets.keys if secrets is not None else frozenset(),
            longest=machine.limits.model_message or sys.maxsize,
        )
        first_prompt = prompt = self._prompt(live, this_turn, may_call=bool(tools))
        while True:
            key = turn.key(part.path, self._mode, len(turn.tool_uses))
            if turn.untold is not None:
                request = replace(request, untold=turn.untold)
            answer = await AskModel(part.model, request, prompt, self._mode, key, decide, secrets)
            turn.untold = turn.untold if answer.is_replayed else answer.untold
            error = answer.error
            if decide is not None and answer.decided is None and answer.tool_calls is None:
                error = error or "it decides nothing"
            turn.model_calls = [*turn.model_calls, _noted(part.path, answer, self._mode, error)]
            if not error:
                note_late_tools(part, answer)
                _note_reasoning(part, answer)
                return _plain(answer)
            self._reasons.append(error)
            if not answer.is_cut_off and self._retries < machine.reply_retries:
                self._retries += 1
                prompt = asked_again(prompt, error)
            elif answer.next_model is not None and not answer.is_cut_off:
                self._retries, self._first_model = 0, answer.next_model
                request, prompt = replace(request, first_model=answer.next_model), first_prompt
            else:
                raise ReplyError(part.path, self._reasons, is_cut_off=answer.is_cut_off)

    async def use_tools(self, answer: ModelAnswer[Any]) -> None:
        """Make the tool calls that an answer came to, so that the model can be asked again."""
        part = self._part
        history = [*part.conversation, *part.turn.said[part.turn.said_early :], *self._exchange]
        self._exchange += await use_tools(self._part, answer, history)

    def _prompt(self, live: Live, this_turn: Mapping[str, Any] | None, *, may_call: bool) -> list[BaseMessage]:
        part, machine = self._part, self._part.machine
        # Some providers refuse a history of tool calls without the tools: then their results are told as facts.
        results = tool_results(part.turn, self._known_results if may_call else None)
        try:
            prompt = machine.prompts[part.state.id].build(
                self._mode,
                part.scope.context,
                part.conversation,
                history_limit=machine.history_limit + part.turn.said_early,
                said=part.turn.said[part.turn.said_early :],
                this_turn={**(this_turn or {}), "tool_results": results} if results else this_turn,
                live=live,
                machine_keys=part.turn.machine_keys,
                speaker=part.model.speaker,
            )
        except OverfullError as error:
            raise TemplateLimit(part.path, error.place) from error
        return [*prompt, *self._exchange] if may_call else prompt


def _told_secrets(part: Part) -> Secrets | None:
    """Return the secrets that a reply may tell, those of the machines around included."""
    secrets, machine = part.scope.secrets, part.machine
    if secrets is None:
        return None
    around = (key for key, definition in machine.outside_keys.items() if key in definition.secret_keys)
    keys = secrets.keys.union(around)
    return secrets.of(keys) if keys else None


def _note_reasoning(part: Part, answer: ModelAnswer[Any]) -> None:
    """Keep the reasons that an answer gave, and what was hidden of its text where reasons are asked for."""
    turn, thoughts = part.turn, answer.thoughts if part.machine.keeps_reasoning else ""
    reasons = answer.reasoning or turn.reasoning
    told = "\n".join(filter(None, (reasons, thoughts))) if thoughts else reasons
    turn.reasoning = in_part(told, part.machine.limits.model_message)


def _plain(answer: ModelAnswer[DecidedT]) -> ModelAnswer[DecidedT]:
    """Keep the message as plain text: some consumers make a list of blocks of its content."""
    if isinstance(answer.message.content, str):
        return answer
    return replace(answer, message=answer.message.model_copy(update={"content": answer.message.text}))


def _noted(state: str, answer: ModelAnswer[Any], mode: Mode, error: str) -> ModelCall:
    tokens = answer.tokens
    call = ModelCall(
        state=state,
        mode=mode,
        input_tokens=tokens.read,
        output_tokens=tokens.written,
        error=error or answer.cut or answer.unfilled,
        replayed=answer.is_replayed,
    )
    if not tokens.is_all:
        call["at_least"] = True
    return call
