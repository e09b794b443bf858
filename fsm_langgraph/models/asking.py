"""The model's effects: to be asked, and to have a message shown that is written already, by a model or by the author.

    AskModel ── in the journal? ── yes: the reply of an earlier run is decided on again, and no model is called
                                └─ no: the model is called; while it streams, the turn decides on its reply

A reply is noted in the journal as it is decided on. It is stored with the first handler or tool that runs after it,
even states later. So a turn that is run again meets the same decisions. The reply's message is not noted: it is lost
with the run, and the landing state writes its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import RunnableConfig

from fsm_langgraph.context.secret_tokens import Secrets
from fsm_langgraph.data.composition import composed
from fsm_langgraph.effects import Composite, Effect, Entry, IdempotencyKey, Journal, Outside
from fsm_langgraph.models.gate import GatedModel
from fsm_langgraph.models.request import Decide, Decision, ModelAnswer, ModelRequest
from fsm_langgraph.models.token_count import UntoldTokens
from fsm_langgraph.replies.reply import BadReply, with_values

DecidedT = TypeVar("DecidedT")


@dataclass(frozen=True, slots=True)
class AskModel(Composite[ModelAnswer[DecidedT]], Generic[DecidedT]):
    """A model call that a turn waits for.

    Raises:
        ModelError: The provider failed, or was late.
        ModelRefusal: The model or its provider refused to answer, before anything was shown.
    """

    model: GatedModel
    request: ModelRequest
    messages: list[BaseMessage]
    purpose: str
    """The purpose of the call, for traces: `understand`, `think` or `speak`."""
    key: IdempotencyKey
    decide: Decide[DecidedT] | None = None
    """Decides on a structured reply, the moment all but its message is there."""
    secrets: Secrets | None = None
    """The secrets that a reply may tell, for which the journal has tokens; `None` where there are none."""

    async def steps(self, outside: Outside) -> ModelAnswer[DecidedT]:
        """Call the model, unless the journal has its reply."""
        journal = outside.journal
        # A plain message decides nothing, so that another one does as well when the turn is run again.
        if not journal.is_needed or (self.decide is None and not self.request.tools):
            return await _CallModel(self, self.decide)
        name = journal.name(self.key)
        entry = await journal.find(name, self.key)
        if entry is not None:
            return await self._replay(entry)
        decide = self.decide
        answer = await _CallModel(self, _Noting(journal, name, decide, self.secrets) if decide is not None else None)
        if answer.tool_calls is not None:
            message = answer.tool_calls.model_dump(include={"content", "tool_calls", "invalid_tool_calls", "id"})
            journal.note(name, {"tool_calls": message, "unreadable": sorted(answer.unreadable)})
        return answer

    async def _replay(self, entry: Entry) -> ModelAnswer[DecidedT]:
        """Answer as an earlier run of the turn was answered; its message is lost."""
        nothing = AIMessage("")
        if self.decide is None or "tool_calls" in entry:  # a plain message is noted where it calls tools alone
            calls, unreadable = AIMessage(**entry["tool_calls"]), frozenset[str](entry.get("unreadable", ()))
            return ModelAnswer(nothing, tool_calls=calls, unreadable=unreadable, is_replayed=True)
        _, decided = await self.decide(_read(entry["reply"], self.secrets))
        return ModelAnswer(nothing, decided, is_replayed=True)


@dataclass(frozen=True, slots=True)
class ShowMessage(Effect[None]):
    """A message that is shown to the user as a model's own, streamed and traced like one, though no model is called."""

    model: GatedModel
    text: str
    message_id: str
    untold: UntoldTokens | None = None
    """Tokens that were used for it."""

    def run(self, outside: Outside) -> None:
        """Show it."""
        self.model.show(self.text, self.message_id, _config(outside, "written"), outside, self.untold)

    async def arun(self, outside: Outside) -> None:
        """Show it; the twin of `run`."""
        await self.model.ashow(self.text, self.message_id, _config(outside, "written"), outside, self.untold)


@dataclass(frozen=True, slots=True)
class SayWords(Composite[AIMessage]):
    """Words of the machine's own, shown as a message of their own; the answer is that message.

    Its id is the same in every run of the turn. What an earlier attempt at this run has shown is not shown again.
    """

    model: GatedModel
    text: str
    key: IdempotencyKey
    untold: UntoldTokens | None = None
    """Tokens that were used for what led to them."""

    async def steps(self, outside: Outside) -> AIMessage:
        """Show them, if they are not shown yet."""
        journal = outside.journal
        message_id = f"fsm-{journal.name(self.key)}"
        if message_id not in journal.shown:
            await ShowMessage(self.model, self.text, message_id, self.untold)
            journal.shown.add(message_id)
        return AIMessage(self.text, id=message_id, name=self.model.speaker)


@dataclass(frozen=True, slots=True)
class _CallModel(Effect[ModelAnswer[DecidedT]], Generic[DecidedT]):
    """The call itself."""

    ask: AskModel[DecidedT]
    decide: Decide[DecidedT] | None

    def run(self, outside: Outside) -> ModelAnswer[DecidedT]:
        outside.end_if_superseded()
        ask = self.ask
        config = _config(outside, ask.purpose)
        return ask.model.ask(ask.request, ask.messages, config, outside, self.decide)

    async def arun(self, outside: Outside) -> ModelAnswer[DecidedT]:
        outside.end_if_superseded()
        ask = self.ask
        config = _config(outside, ask.purpose)
        return await ask.model.aask(ask.request, ask.messages, config, outside, self.decide)


@dataclass(frozen=True, slots=True)
class _Noting(Generic[DecidedT]):
    """Decides on a reply, and notes it for when a handler or a tool is to run."""

    journal: Journal
    name: str
    decide: Decide[DecidedT]
    secrets: Secrets | None

    async def __call__(self, members: dict[str, Any]) -> tuple[Decision, DecidedT]:
        self.journal.note(self.name, {"reply": _hidden(members, self.secrets)})
        try:
            return await self.decide(members)
        except BadReply:
            self.journal.drop(self.name)  # the model is asked once more
            raise


def _hidden(members: dict[str, Any], secrets: Secrets | None) -> dict[str, Any]:
    """Return a reply with tokens in the places of secrets."""
    if secrets is None:
        return members
    return with_values(members, lambda key, value: secrets.hide_value(composed(key), value))


def _read(members: dict[str, Any], secrets: Secrets | None) -> dict[str, Any]:
    """Return a reply with the values of its tokens."""
    if secrets is None:
        return members
    return with_values(members, lambda key, value: secrets.read_value(composed(key), value))


def _config(outside: Outside, purpose: str) -> RunnableConfig:
    config = outside.make_model_config()
    return {**config, "metadata": {**config.get("metadata", {}), "fsm_mode": purpose}}
