"""One call through the gate: what is asked for, how it comes out, and how its model run ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration
from langgraph.errors import GraphBubbleUp

from fsm_langgraph.data.model_copies import copied_with
from fsm_langgraph.effects import Outside
from fsm_langgraph.errors import RefusedReply
from fsm_langgraph.models.attempt import Attempt
from fsm_langgraph.models.attempt_end import answer_of, metadata_of
from fsm_langgraph.models.fresh_messages import fresh_message, generation_of
from fsm_langgraph.models.request import Decide, ModelAnswer, ModelRequest
from fsm_langgraph.models.token_count import UntoldTokens, with_untold
from fsm_langgraph.models.traced_reply import UnshownGeneration, facts_of_reply, refusal_of


@dataclass(slots=True)
class GatedCall:
    """One call through the gate: what is asked for, and how it comes out."""

    request: ModelRequest
    outside: Outside
    decide: Decide[Any] | None = None
    written: str = ""
    """A message that is written already; no model is called for it."""
    attempt: Attempt | None = None
    """The last attempt."""
    is_traced: bool = False
    """Whether the reply is kept as it comes, for traces."""

    def begin(self, attempt: Attempt) -> None:
        """Take the next attempt."""
        self.attempt = attempt
        if self.is_traced:
            attempt.pieces = []

    def refusal(self) -> RefusedReply | None:
        """Return the error by which the run ends where the reply is refused; `None` where it is not."""
        attempt = self.attempt
        return refusal_of(attempt) if attempt is not None and not attempt.text else None

    def shown(self) -> AIMessage | None:
        """Return the message that was shown, with what its run tells of the tokens; `None` where none was."""
        text = self.written + (self.attempt.text if self.attempt is not None else "")
        return self._message(text, **self._facts()) if text else None

    def outcome(self, message: AIMessage | None) -> ChatGeneration | UnshownGeneration:
        """Return the outcome of the run, with the message that was shown, if one was."""
        if message is not None:
            return generation_of(message)
        if self.request.is_silent:  # a run that is hidden makes no message in streams anyway
            return generation_of(self._message("", **self._facts()))
        pieces = self.attempt.pieces if self.attempt is not None else None
        return UnshownGeneration(text="".join(pieces or ()), message=AIMessage("", id=self.request.message_id))

    def answer(self, message: AIMessage | None) -> ModelAnswer[Any]:
        """Say how the call came out, now that its run has ended with the message that was shown, if one was."""
        attempt = self.attempt
        if attempt is None:
            return ModelAnswer(message or self._message(""))
        is_told = message is not None or (self.request.is_silent and not attempt.is_refused)
        usage = with_untold(self.request.untold, attempt.usage) if not is_told else None
        untold = UntoldTokens(usage=usage, model_name=self._model_name) if usage is not None else None
        if message is None:
            message = self._message("")
        elif self.request.untold is not None:  # the message is stored with what it has cost itself
            message = copied_with(message, usage_metadata=attempt.usage)
        return answer_of(attempt, message, untold)

    def facts(self) -> dict[str, Any] | None:
        """Tell the reply for traces; nothing where it is not kept, or there is none."""
        if self.attempt is None or self.attempt.pieces is None:
            return None
        return {"fsm_reply": facts_of_reply(self.attempt)}

    def facts_at(self, error: BaseException) -> dict[str, Any] | None:
        """Tell the reply on which a turn pauses, as far as it was read; nothing where the call fails."""
        return self.facts() if isinstance(error, GraphBubbleUp) else None

    @property
    def _model_name(self) -> str:
        name = self.attempt.model_name if self.attempt is not None else ""
        return name or (self.request.untold["model_name"] if self.request.untold is not None else "")

    def _message(self, text: str, **facts: Any) -> AIMessage:
        return fresh_message(AIMessage, text, self.request.message_id, self.request.speaker, **facts)

    def _facts(self) -> dict[str, Any]:
        usage = self.attempt.usage if self.attempt is not None else None
        return {
            "usage_metadata": with_untold(self.request.untold, usage),
            "response_metadata": self._metadata(),
        }

    def _metadata(self) -> dict[str, Any]:
        named = {"model_name": self._model_name} if self._model_name else {}
        return {**named, **(metadata_of(self.attempt) if self.attempt is not None else {})}
