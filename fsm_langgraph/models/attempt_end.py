"""How an attempt ends: by the end of its stream or by the provider's error, and what its answer is then.

the stream ends       `finish`   what was still held may be shown; a reply without an end is a bad one
the provider fails    `fail`     a refusal, a bad reply, a message that broke off, or a failure
either way            `answer_of`, `tokens_of`
"""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage
from langgraph.errors import GraphBubbleUp

from fsm_langgraph.data.reply_members import REASONING
from fsm_langgraph.data.surrogates import mended
from fsm_langgraph.errors import FSMError, ModelRefusal, Refused, TurnError, refused_by
from fsm_langgraph.models.attempt import MAX_WORDS, Attempt
from fsm_langgraph.models.failures import NO_END, BrokenStream, bad_reply, end_told_by, is_free, refuses_answer
from fsm_langgraph.models.request import ModelAnswer
from fsm_langgraph.models.stop_reasons import length_limit
from fsm_langgraph.models.token_count import TokenCount, UntoldTokens, counted
from fsm_langgraph.prompts.own_sentences import REPEATED


def finish(attempt: Attempt) -> str:
    """Take note that the stream has ended; return what may still be shown."""
    if attempt.failure is not None:  # the message has become too long
        return ""
    # A whole message that was kept back, or is not wanted, was written before the provider had its doubts.
    is_whole = attempt.fate is not None and (
        attempt.fate == "refuse" or attempt.parser is None or attempt.parser.is_complete
    )
    if (refused := attempt.ending.refused) is not None and not attempt.text and not is_whole:
        _refuse(attempt, refused, attempt.ending.words or _own_words(attempt) or attempt.ending.reason)
        return ""
    if attempt.calls is not None and attempt.calls_tools:
        if attempt.ending.stop == "length" and attempt.calls.read()[1]:
            attempt.error = _broken_off(attempt)
        return ""
    if attempt.parser is None:
        if not attempt.is_over and (attempt.ending.is_broken or (attempt.tells_end and not attempt.ending.is_told)):
            attempt.failure = BrokenStream(NO_END)
            return ""
        text = attempt.to_show(attempt.last_meant(attempt.waiting + mended(attempt.half)), is_whole=True)
        if not attempt.text.strip():
            attempt.error = attempt.error or _broken_off(attempt) or "it is empty"
        else:
            attempt.cut = attempt.cut or _broken_off(attempt)
        return text
    if attempt.parser.head is None and attempt.ending.stop == "length":
        # What stands there may be a draft in thoughts that would have gone on.
        attempt.error = _broken_off(attempt)
        return ""
    attempt.has_ended, was_readable = True, attempt.parser.error is None
    text = attempt.pass_on(attempt.parser, attempt.parser.finish())
    # A refused message breaks off because its stream was closed, which is no fault of the reply's.
    if attempt.parser.error is not None and attempt.fate is None and not attempt.is_undecided:
        attempt.error = _broken_off(attempt) or attempt.parser.error
        attempt.is_no_json = not attempt.parser.has_begun
    elif attempt.parser.error is not None and attempt.fate != "refuse":
        attempt.cut = _broken_off(attempt) or attempt.parser.error
        if was_readable and _has_died(attempt):
            attempt.failure = BrokenStream(NO_END)
    return text


def fail(attempt: Attempt, error: Exception) -> None:
    """Take the provider's error: a failure, unless the reply is decided on and nothing that was shown is lost."""
    if isinstance(error, TurnError) and attempt.text and not error.shown:  # the turn ends in the midst of a message
        error.shown, error.shown_ids = (attempt.text,), (attempt.asked.message_id,)
    if error is attempt.fault or isinstance(error, FSMError | GraphBubbleUp):
        raise error
    attempt.ending.read(end_told_by(error))
    told = refuses_answer(error)
    if told is None and _has_died(attempt):
        attempt.failure = error
    elif attempt.fate is not None or attempt.text:
        failed = f"{refused_by(told[0])}: {told[1]}" if told is not None else f"the provider failed: {error}"
        attempt.cut = _broken_off(attempt) or failed
    elif told is not None and told[0] == "refusal":
        _refuse(attempt, *told, error)
    elif (refused := attempt.ending.refused) is not None:
        _refuse(attempt, refused, attempt.ending.words or attempt.ending.reason, error)
    elif (reason := bad_reply(error)) is not None:
        attempt.error, attempt.is_no_json = reason, attempt.parser is not None
    elif reason := _broken_off(attempt):
        attempt.error = reason
    else:
        attempt.failure = error


def answer_of(attempt: Attempt, message: AIMessage, untold: UntoldTokens | None = None) -> ModelAnswer[Any]:
    """Say how the call came out.

    Args:
        attempt: The last attempt of it.
        message: The message of its run.
        untold: The tokens that the run could not tell.
    """
    late = dict(attempt.parser.late) if attempt.parser is not None else {}
    reasoning = late.pop(REASONING, "")
    calls = attempt.calls.read() if attempt.calls is not None and attempt.calls_tools and not attempt.error else None
    return ModelAnswer(
        message,
        attempt.decided,
        held=attempt.without_echo(attempt.held, is_whole=True) if attempt.held else "",
        error=attempt.error,
        cut=attempt.cut,
        unfilled=_gap(attempt) if not attempt.error else "",
        late=tuple(late),
        tool_calls=calls[0] if calls is not None else None,
        unreadable=calls[1] if calls is not None else frozenset(),
        is_cut_off=bool(attempt.error) and attempt.ending.stop == "length",
        next_model=attempt.next_model,
        late_tools=tuple(attempt.calls.names) if attempt.calls is not None and not attempt.calls_tools else (),
        reasoning=reasoning if isinstance(reasoning, str) else "",
        thoughts=_thoughts(attempt),
        tokens=tokens_of(attempt),
        untold=untold,
    )


def tokens_of(attempt: Attempt) -> TokenCount:
    """Return the tokens that the call has used, as far as they were told."""
    return counted(attempt.usage, is_all=is_counted(attempt))


def is_counted(attempt: Attempt) -> bool:
    """Say whether this attempt and each before it told all their tokens."""
    told = attempt.has_told_all or (attempt.has_told and attempt.is_read)
    return attempt.were_counted and (
        told or (attempt.failure is not None and not attempt.length and is_free(attempt.failure))
    )


def metadata_of(attempt: Attempt) -> dict[str, Any]:
    """Return what goes with the message: the model, and the provider's word for its end where it is not whole."""
    told = {"model_name": attempt.model_name, "finish_reason": attempt.ending.reason if attempt.cut else ""}
    return {name: value for name, value in told.items() if value}


def _has_died(attempt: Attempt) -> bool:
    """Say whether the stream has ended in the middle of a message of which the user has read a part."""
    is_whole = attempt.parser is not None and attempt.parser.has_whole_message
    return bool(attempt.text) and not is_whole and not attempt.ending.is_told


def _refuse(attempt: Attempt, reason: Refused, words: str, cause: Exception | None = None) -> None:
    attempt.refusal = ModelRefusal(attempt.asked.state, reason, words)
    attempt.refusal.__cause__ = cause


def _broken_off(attempt: Attempt) -> str:
    """Say why the provider broke the text off; nothing where it did not."""
    if (refused := attempt.ending.refused) is not None:
        return ": ".join(filter(None, (refused_by(refused), attempt.ending.words or attempt.ending.reason)))
    return length_limit(attempt.model, attempt.request.kwargs) if attempt.ending.stop == "length" else ""


def _own_words(attempt: Attempt) -> str:
    """Return the refusal as the text itself has it, without what is not meant for the user."""
    if attempt.fate is not None:
        return ""
    words = attempt.hidden.feed(attempt.prose or attempt.waiting) + attempt.hidden.break_off()
    return words.strip()[:MAX_WORDS]


def _thoughts(attempt: Attempt) -> str:
    around = attempt.parser.thoughts.text if attempt.parser is not None else ""
    return "\n".join(filter(None, (around, attempt.hidden.thoughts.text)))


def _gap(attempt: Attempt) -> str:
    """Say why the message was not shown, or has a gap."""
    if attempt.echo.is_found or attempt.gap:
        return attempt.gap or REPEATED
    return attempt.tags.fault if attempt.tags is not None else ""
