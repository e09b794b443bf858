"""The attempts of one model call, one after another until one is answered.

    weaker ways of asking, where the provider refuses one  ->  the fallback models, where the provider fails

Nothing follows on a message that broke off, of which the user has read a part, nor when the turn's time is over. A
refusal to answer ends them: it was paid for, and another request would be too. A provider that filters the prompt
beforehand answers with an error, which costs nothing; so the fallback models are asked as after any other error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.messages.ai import UsageMetadata

from fsm_langgraph.data.reply_members import REPLY
from fsm_langgraph.errors import DeadlineError, ModelError, ModelRefusal, ReplyError, TurnError
from fsm_langgraph.models.attempt import Attempt
from fsm_langgraph.models.attempt_end import is_counted
from fsm_langgraph.models.failures import is_transient, refuses_answer, retry_after
from fsm_langgraph.models.request import Decide, ModelRequest
from fsm_langgraph.models.structured import StructuredOutput
from fsm_langgraph.models.timed_stream import OutOfTime
from fsm_langgraph.models.tool_calls import ToolCallReader
from fsm_langgraph.prompts.tags import TAGS
from fsm_langgraph.replies.hidden.hidden_text import HiddenText
from fsm_langgraph.replies.reply_reader import ReplyReader
from fsm_langgraph.replies.reply_schema import expected_members


def attempts(
    outputs: Sequence[StructuredOutput], asked: ModelRequest, messages: list[BaseMessage], decide: Decide[Any] | None
) -> Iterator[Attempt]:
    """Give one attempt after another until one is answered.

    Args:
        outputs: The models, the first to be asked first.
        asked: The call.
        messages: The prompt.
        decide: Decides on a structured reply; `None` for a plain message.

    Raises:
        ModelError: The provider failed, or was late.
        ModelRefusal: The model or its provider refused to answer.
    """
    attempt: Attempt | None = None
    failure: Exception | None = None
    usage: UsageMetadata | None = None
    were_counted = True
    for position, output in enumerate(outputs[asked.first_model :], asked.first_model):
        takes_over = output.candidate.yields_to_next_on
        while True:  # with the same model, for as long as it was the way of asking that was refused
            request = output.request(messages, asked.schema, asked.tools, cache_key=asked.cache_key)
            habit = output.message_habit if asked.schema is None else None
            hidden = HiddenText(habit, tags=TAGS, has_tools=asked.has_tools)
            members = expected_members(asked.schema) if asked.schema is not None else None
            parser = ReplyReader(members, output.reply_habit) if members is not None else None
            calls = ToolCallReader(REPLY if request.method == "function_calling" else "") if asked.tools else None
            attempt = Attempt(asked, output.model, request, decide, parser, hidden, calls, usage)
            attempt.were_counted = were_counted
            attempt.tells_end = output.tells_end
            attempt.may_be_call = request.method == "function_calling"
            attempt.next_model = position + 1 if issubclass(ReplyError, takes_over) else None
            yield attempt
            usage, were_counted = attempt.usage, is_counted(attempt)
            output.tells_end = output.tells_end or attempt.ending.is_told
            if attempt.refusal is not None:
                raise attempt.refusal
            if (failure := attempt.failure) is None:
                if attempt.is_no_json or (parser is not None and parser.head is not None):
                    output.note(request, is_json=not attempt.is_no_json)
                return
            if attempt.text:  # what the user has read cannot be taken back, nor said by another model
                raise _error(attempt, failure) from failure
            if not output.downgrade(request, failure):
                break
        if not _is_taken_over(failure, takes_over):
            break
    if attempt is not None and failure is not None:
        raise _error(attempt, failure) from failure


def _is_taken_over(failure: Exception, takes_over: tuple[type[BaseException], ...]) -> bool:
    """Say whether the next model is asked after a failure; a deadline that has passed counts as a `TimeoutError`."""
    if isinstance(failure, OutOfTime):
        return failure.deadline != "turn" and issubclass(TimeoutError, takes_over)
    return isinstance(failure, takes_over)


def _error(attempt: Attempt, failure: Exception) -> TurnError:
    state, shown, shown_id = attempt.asked.state, attempt.text, attempt.asked.message_id
    if isinstance(failure, OutOfTime):
        return DeadlineError(state, failure.deadline, failure.seconds, shown=shown, shown_id=shown_id)
    if not shown and (refused := refuses_answer(failure)) is not None:
        return ModelRefusal(state, *refused)
    return ModelError(
        state,
        failure,
        transient=not shown and is_transient(failure),
        retry_after=retry_after(failure),
        shown=shown,
        shown_id=shown_id,
    )
