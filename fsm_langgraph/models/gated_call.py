"""One call through the gate: what is asked for, how it comes out, and how its model run ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk

from fsm_langgraph.effects import Outside
from fsm_langgraph.errors import RefusedReply
from fsm_langgraph.models.attempt import Attempt
from fsm_langgraph.models.attempt_end import answer_of, metadata_of
from fsm_langgraph.models.request import Decide, ModelAnswer, ModelRequest
from fsm_langgraph.models.token_count import UntoldTokens, with_untold
from fsm_langgraph.models.traced_reply import NothingShown, UnshownGeneration, facts_of_reply, refusal_of


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
    refusal: RefusedReply | None = None
    """The error by which the run ends where the reply is refused."""

    def begin(self, attempt: Attempt) -> None:
        """Take the next attempt."""
        self.attempt = attempt
        if self.is_traced:
            attempt.pieces = []

    def last(self) -> ChatGenerationChunk:
        """Close the message, and tell the tokens; a run that has shown nothing has no message.

        Raises:
            RefusedReply: The reply is refused.
            NothingShown: It is not, but nothing of it was shown.
        """
        attempt = self.attempt
        if attempt is not None and not attempt.text and (refusal := refusal_of(attempt)) is not None:
            self.refusal = refusal
            raise refusal
        if not (self.written or (attempt is not None and attempt.text)):
            raise NothingShown
        facts: dict[str, Any] = {**self._facts(), "chunk_position": "last"}
        if attempt is None:
            return ChatGenerationChunk(message=AIMessageChunk(content="", **self._named(), **facts))
        return attempt.piece(**facts)

    def whole(self) -> AIMessage:
        """Return the message that was shown, with what the last piece of its stream tells."""
        shown = self.written + (self.attempt.text if self.attempt is not None else "")
        return AIMessage(shown, **self._named(), **self._facts())

    def unshown(self) -> ChatGeneration | UnshownGeneration:
        """Return the outcome of a run that has shown nothing; one that is hidden is no message of a stream's anyway."""
        if self.request.is_silent:
            return ChatGeneration(message=AIMessage("", **self._named(), **self._facts()))
        pieces = self.attempt.pieces if self.attempt is not None else None
        return UnshownGeneration(text="".join(pieces or ()), message=AIMessage("", id=self.request.message_id))

    def answer(self, message: AIMessage) -> ModelAnswer[Any]:
        """Say how the call came out, whose run has ended with this message; it is empty where nothing was shown."""
        message.name = self.request.speaker  # LangChain loses it where it puts the pieces together itself
        attempt = self.attempt
        if attempt is None:
            return ModelAnswer(message)
        # The message is stored with what it has cost itself.
        message.usage_metadata = attempt.usage if attempt.text else None
        is_told = bool(attempt.text) or (self.request.is_silent and self.refusal is None)
        usage = with_untold(self.request.untold, attempt.usage) if not is_told else None
        untold = UntoldTokens(usage=usage, model_name=self._model_name) if usage is not None else None
        return answer_of(attempt, message, untold)

    def facts(self) -> dict[str, Any] | None:
        """Tell the reply for traces; nothing where it is not kept, or there is none."""
        if self.attempt is None or self.attempt.pieces is None:
            return None
        return {"fsm_reply": facts_of_reply(self.attempt)}

    @property
    def _model_name(self) -> str:
        name = self.attempt.model_name if self.attempt is not None else ""
        return name or (self.request.untold["model_name"] if self.request.untold is not None else "")

    def _named(self) -> dict[str, Any]:
        return {"id": self.request.message_id, "name": self.request.speaker}

    def _facts(self) -> dict[str, Any]:
        request, attempt = self.request, self.attempt
        named = {"model_name": self._model_name} if self._model_name else {}
        return {
            "usage_metadata": with_untold(request.untold, attempt.usage if attempt is not None else None),
            "response_metadata": {**named, **(metadata_of(attempt) if attempt is not None else {})},
        }
