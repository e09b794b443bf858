"""The gate before the chat models: it shows a reply's message and nothing else, and that only once the decision stands.

LangGraph streams every model call made inside a node, so a structured reply called plainly would show its JSON to the
user. `GatedModel` pulls the provider's stream, hands the decision over the moment it is complete, and shows the
message's text, or nothing. To LangChain it is one model run like any other (`model_run.py`): `messages` streams and
`astream_events` see exactly what the user sees, tracers the reply too (`traced_reply.py`), and usage is counted once.

    provider's chunks ──> ReplyReader ──> head ──> decide(head) ──> shown?  yes: HiddenText ──> piece by piece
                                                                            no:  the stream is closed

The provider's own `_stream` is called, as its public methods would open a second run. Its rate limiter is honoured. A
cache is not, since a remembered answer would pass by the decision.
"""

from __future__ import annotations

from asyncio import CancelledError, current_task
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from typing import TypeVar

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import RunnableConfig

from fsm_langgraph.effects import Outside, adrive, drive
from fsm_langgraph.effects.outside import hidden
from fsm_langgraph.models.attempt_end import fail, finish
from fsm_langgraph.models.gated_call import GatedCall
from fsm_langgraph.models.langchain_internals import as_providers_read
from fsm_langgraph.models.model_run import ShownMessage
from fsm_langgraph.models.provider_stream import aopen_stream, open_stream
from fsm_langgraph.models.request import Decide, ModelAnswer, ModelRequest
from fsm_langgraph.models.structured import StructuredOutput
from fsm_langgraph.models.succession import attempts
from fsm_langgraph.models.token_count import UntoldTokens
from fsm_langgraph.models.told_model import ToldModel
from fsm_langgraph.models.traced_reply import REFUSED_TAG

DecidedT = TypeVar("DecidedT")


@dataclass(frozen=True, slots=True)
class GatedModel:
    """Shows the validated message of chat models' replies.

    Made in `gate_setup.py`, once for each model that a run may choose; `ask` and `aask` run one call through it.
    """

    outputs: Sequence[StructuredOutput] = ()
    """The models that are asked in turn."""
    speaker: str | None = None
    """The name that its messages carry."""
    told: ToldModel = field(default_factory=ToldModel)
    """The model as its runs tell it."""
    traces_replies: bool = True
    """Whether traces tell the replies as they were written."""

    def ask(
        self,
        request: ModelRequest,
        messages: list[BaseMessage],
        config: RunnableConfig,
        outside: Outside,
        decide: Decide[DecidedT] | None = None,
    ) -> ModelAnswer[DecidedT]:
        """Run one call.

        Args:
            request: The request.
            messages: The prompt.
            config: The call's config.
            outside: Where the effects of the decision are carried out.
            decide: Decides on a structured reply.

        Raises:
            ModelError: The provider failed, or was late.
            ModelRefusal: The model or its provider refused to answer, before anything was shown.
        """
        call = GatedCall(request, outside, decide)
        return call.answer(self._run(call, messages, _told(request, config)))

    async def aask(
        self,
        request: ModelRequest,
        messages: list[BaseMessage],
        config: RunnableConfig,
        outside: Outside,
        decide: Decide[DecidedT] | None = None,
    ) -> ModelAnswer[DecidedT]:
        """Run one call; the twin of `ask`."""
        call = GatedCall(request, outside, decide)
        return call.answer(await self._arun(call, messages, _told(request, config)))

    def show(
        self, text: str, message_id: str, config: RunnableConfig, outside: Outside, untold: UntoldTokens | None = None
    ) -> None:
        """Show a message that is written already.

        Args:
            text: The message.
            message_id: Its id.
            config: The config of the run that shows it.
            outside: Where effects are carried out.
            untold: Tokens that its run is to tell.
        """
        self._run(self._written(text, message_id, outside, untold), [], config)

    async def ashow(
        self, text: str, message_id: str, config: RunnableConfig, outside: Outside, untold: UntoldTokens | None = None
    ) -> None:
        """Show a message that is written already; the twin of `show`."""
        await self._arun(self._written(text, message_id, outside, untold), [], config)

    def _written(self, text: str, message_id: str, outside: Outside, untold: UntoldTokens | None) -> GatedCall:
        return GatedCall(ModelRequest("", message_id, speaker=self.speaker, untold=untold), outside, written=text)

    def _run(self, call: GatedCall, messages: list[BaseMessage], config: RunnableConfig) -> AIMessage | None:
        """Run a call; return the message that was shown, if one was."""
        run = self.told.begin(messages, config, ShownMessage(call.request.message_id, call.request.speaker))
        call.is_traced = self.traces_replies and run.is_traced
        try:
            with closing(self._texts(call, as_providers_read(messages))) as texts:
                for text in texts:
                    run.show(text)
            if (message := call.shown()) is not None:
                run.close(message)
        except BaseException as error:
            run.fail(error, facts=call.facts_at(error))
            raise
        if (refusal := call.refusal()) is not None:
            run.fail(refusal, REFUSED_TAG)
        else:
            run.end(call.outcome(message), call.facts())
        return message

    async def _arun(self, call: GatedCall, messages: list[BaseMessage], config: RunnableConfig) -> AIMessage | None:
        """Run a call; the twin of `_run`."""
        run = await self.told.abegin(messages, config, ShownMessage(call.request.message_id, call.request.speaker))
        call.is_traced = self.traces_replies and run.is_traced
        try:
            async with aclosing(self._atexts(call, as_providers_read(messages))) as texts:
                async for text in texts:
                    if (told := run.show(text)) is not None:
                        await told
            _end_if_cancelled()
            if (message := call.shown()) is not None and (told := run.close(message)) is not None:
                await told
        except (Exception, CancelledError) as error:
            if (told := run.fail(error, facts=call.facts_at(error))) is not None:
                await told
            raise
        if (refusal := call.refusal()) is not None:
            told = run.fail(refusal, REFUSED_TAG)
        else:
            told = run.end(call.outcome(message), call.facts())
        if told is not None:
            await told
        return message

    def _texts(self, call: GatedCall, messages: list[BaseMessage]) -> Generator[str]:
        """Yield the message as it comes, in pieces."""
        if call.written:
            yield call.written
            return
        for attempt in attempts(self.outputs, call.request, messages, call.decide):
            call.begin(attempt)
            try:
                # Closed as soon as the rest is of no interest, so that the provider stops writing.
                with closing(open_stream(attempt, call.outside.time)) as stream:
                    for chunk in stream:
                        call.outside.end_if_superseded()
                        text = attempt.take(chunk)
                        if attempt.is_undecided:
                            text = drive(attempt.judge(), call.outside)
                        if text:
                            yield text
                        if attempt.is_over:
                            break
                    else:
                        attempt.is_read = True
            except Exception as error:  # noqa: BLE001 - any provider, any error: it is sorted and chained there
                fail(attempt, error)
            else:
                text = finish(attempt)
                if attempt.is_undecided:
                    text = drive(attempt.judge(), call.outside)
                if text:
                    yield text

    async def _atexts(self, call: GatedCall, messages: list[BaseMessage]) -> AsyncGenerator[str]:
        """Yield the message as it comes; the twin of `_texts`."""
        if call.written:
            yield call.written
            return
        for attempt in attempts(self.outputs, call.request, messages, call.decide):
            call.begin(attempt)
            try:
                async with aclosing(aopen_stream(attempt, call.outside.time)) as stream:
                    async for chunk in stream:
                        _end_if_cancelled()
                        call.outside.end_if_superseded()
                        text = attempt.take(chunk)
                        if attempt.is_undecided:
                            text = await adrive(attempt.judge(), call.outside)
                        if text:
                            yield text
                        if attempt.is_over:
                            break
                    else:
                        attempt.is_read = True
            except Exception as error:  # noqa: BLE001 - any provider, any error: it is sorted and chained there
                fail(attempt, error)
            else:
                text = finish(attempt)
                if attempt.is_undecided:
                    text = await adrive(attempt.judge(), call.outside)
                if text:
                    yield text


def _end_if_cancelled() -> None:
    """End a call whose task was cancelled, though a provider's client went on.

    On Python 3.11 `asyncio.wait_for`, by which some read their streams, loses a cancellation that meets a piece.

    Raises:
        CancelledError: It was.
    """
    task = current_task()
    if task is not None and task.cancelling():
        raise CancelledError


def _told(request: ModelRequest, config: RunnableConfig) -> RunnableConfig:
    """Return the config of a call, which is hidden from clients where its message is not for the user."""
    return hidden(config) if request.is_silent else config
