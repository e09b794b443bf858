"""The meaning of a provider's error: what may work later, and what was refused, the method, the schema or the answer.

No provider's package is imported for that. An error is read by what it carries: a status code, a code or a parameter in
the body, and the names of its classes. Words that one provider alone uses are added to the tables here. Google's
package raises an error of its own, with the one that carries all that as its cause; so the chain of causes is read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from math import isfinite
from time import time
from typing import Any

from fsm_langgraph.errors import Refused
from fsm_langgraph.portable import Portable

_TRANSIENT_STATUS = frozenset({408, 409, 425, 429})
_TRANSIENT_CODES = frozenset({"server_error", "rate_limit_exceeded", "overloaded_error", "api_error", "timeout"})
_LASTING_CODES = frozenset({"insufficient_quota", "billing_not_active", "billing_hard_limit_reached"})
_TRANSIENT_CLASSES = frozenset(
    {
        *("APIConnectionError", "APITimeoutError", "ModelConnectionError", "ModelTimeoutError"),
        *("NetworkError", "TimeoutException", "RemoteProtocolError"),  # httpx
        *("ChunkedEncodingError", "ClientConnectionError", "ClientPayloadError", "IncompleteRead"),
        *("ServiceUnavailable", "ResourceExhausted", "DeadlineExceeded", "TooManyRequests"),
    }
)

_BAD_REPLIES = {
    # Groq reads what its models write, and tells in this way that it could not.
    "json_validate_failed": "it is no valid JSON, says the provider",
    "tool_use_failed": "its function call is not valid, says the provider",
}

_END_CLASSES = {"LengthFinishReasonError": "length", "ContentFilterFinishReasonError": "content_filter"}

_FILTER_CODES = frozenset({"content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"})
_FILTER_WORDS = re.compile(
    r"content.?(management|filter(ing)?|usage).?polic|blocked by (the )?content.?filter", re.IGNORECASE
)

_REFUSAL_STATUS = frozenset({400, 404, 422, 501})
_METHOD_PARAMETER = re.compile(r"response_format|text\.format|output_(config|format)|tools?\b|tool_|function|parallel_")
_METHOD_WORDS = re.compile(
    r"response.?format|json.?(schema|object|mode)|structured.?output|output.?(config|format)|\bschema\b"
    r"|response.?(json.?)?schema|response.?mime"
    r"|\btools?\b|tool.?(choice|call|config|use)|\bfunctions?\b|function.?(call|decl)|parallel_tool_calls"
    r"|grammar|guided|\bstrict\b",
    re.IGNORECASE,
)
_SCHEMA_WORDS = re.compile(
    r"invalid.(json.)?schema|invalid_function_parameters"
    r"|schema.{1,40}(invalid(?!.argument)|too (large|complex|deep|many))"
    r"|schema.{1,60}(exceed|nesting)|grammar.{1,40}too (large|complex)|too many (optional|states|enum)|enum values",
    re.IGNORECASE,
)
_OTHER_REASONS = re.compile(
    r"context.?(length|window)|maximum context|too (long|many tokens)|content.?(filter|management|policy)"
    r"|moderation|safety|api.?key|billing|quota",
    re.IGNORECASE,
)


def is_transient(error: BaseException) -> bool:
    """Say whether the same call is worth making again: no connection, a timeout, a limit, a server fault."""
    # An exhausted quota comes with the status of a rate limit, 429, but waiting does not help.
    if _codes(error) & _LASTING_CODES:
        return False
    status = status_code(error)
    if status is not None:
        return status in _TRANSIENT_STATUS or status >= 500
    for each in _chain(error):
        if isinstance(each, ConnectionError | TimeoutError) or getattr(each, "is_retryable", False) is True:
            return True
        if any(base.__name__ in _TRANSIENT_CLASSES for base in type(each).__mro__):
            return True
    return bool(_codes(error) & _TRANSIENT_CODES)


def retry_after(error: BaseException) -> float | None:
    """Return the seconds after which a provider wants to be asked again, where its answer tells."""
    for each in _chain(error):
        headers = getattr(getattr(each, "response", None), "headers", None)
        if isinstance(headers, Mapping) and (told := headers.get("retry-after")):
            return _seconds(str(told))
    return None


def _seconds(told: str) -> float | None:
    """Read a Retry-After, which is a number of seconds or a date."""
    try:
        seconds = float(told)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(told).timestamp() - time()
        except ValueError:
            return None
    return max(seconds, 0.0) if isfinite(seconds) else None


def refuses_method(error: BaseException) -> bool:
    """Say whether a provider, or its LangChain class, refuses how structured output was asked for."""
    error = _caught(error)
    if isinstance(error, NotImplementedError):
        return True
    text = _text(error)
    status = status_code(error)
    if status is None:
        return isinstance(error, TypeError | ValueError) and bool(_METHOD_WORDS.search(text))
    if status not in _REFUSAL_STATUS or _OTHER_REASONS.search(text):
        return False
    # OpenRouter answers 404 where no endpoint supports a parameter; everywhere else it is an unknown model or address.
    if status == 404 and "support" not in text.lower():
        return False
    parameters = (getattr(each, "param", None) for each in _chain(error))
    parameter = next((named for named in parameters if isinstance(named, str) and named), None)
    if parameter is not None:
        return bool(_METHOD_PARAMETER.match(parameter))
    return bool(_METHOD_WORDS.search(text))


def is_free(error: BaseException) -> bool:
    """Say whether an error comes instead of an answer, so that no tokens were used."""
    return status_code(error) is not None or refuses_method(error)


def refuses_schema(error: BaseException) -> bool:
    """Say whether a refusal is about the one schema that was sent, and other schemas may still be taken."""
    error = _caught(error)
    return bool(_SCHEMA_WORDS.search(" ".join([_text(error), *_codes(error)])))


class BrokenStream(Portable):
    """A stream that has ended without an error in the middle of a message."""

    is_retryable = True


NO_END = "the stream ended in the middle of the message"
"""The words for it."""


class EndlessMessage(Portable):
    """A message that was still being shown when it became longer than it may be."""

    def __init__(self, longest: int) -> None:
        super().__init__(f"{longer_than(longest)}, as limits={{'model_message': …}} has it")


def longer_than(longest: int) -> str:
    """Say of a reply that its message is too long."""
    return f"its message is longer than {longest:,} characters"


class StreamRefusal(Portable):
    """A refusal that a provider's package loses while it streams; the text is the provider's words."""


def refuses_answer(error: BaseException) -> tuple[Refused, str] | None:
    """Say in which way a provider refuses to answer at all, and in which words, if that is what its error means."""
    for each in _chain(error):
        # LangChain's own is recognised by its name, as not every release has it.
        if isinstance(each, StreamRefusal) or any(base.__name__ == "ModelRefusalError" for base in type(each).__mro__):
            return "refusal", str(each)
    if _codes(error) & _FILTER_CODES or _FILTER_WORDS.search(_text(error)):
        return "content filter", _message(error)
    return None


def end_told_by(error: BaseException) -> dict[str, str]:
    """Return the finish reason that an error stands for, in its field: OpenAI's streaming helper raises one instead."""
    reason = _END_CLASSES.get(type(error).__name__)
    return {"finish_reason": reason} if reason is not None else {}


def bad_reply(error: BaseException) -> str | None:
    """Say what is wrong with the model's reply, where that is all that an error tells of."""
    # The error's text is not told: it has the reply in it, and is kept in the turn record.
    return next((f"{_BAD_REPLIES[code]} ({code})" for code in _codes(error) & _BAD_REPLIES.keys()), None)


def status_code(error: BaseException) -> int | None:
    """Return the HTTP status that an error or one of its causes carries, wherever its provider puts it."""
    return next((status for each in _chain(error) if (status := _own_status(each)) is not None), None)


def _own_status(error: BaseException) -> int | None:
    response = getattr(error, "response", None)
    found: list[Any] = [getattr(error, name, None) for name in ("status_code", "http_status", "status", "code")]
    found.append(getattr(response, "status_code", None))
    if isinstance(response, dict):  # as boto3 has it, for Bedrock
        found.append(response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    for status in found:
        # An error that comes in the middle of a stream has the stream's own status, 200.
        if isinstance(status, int) and not isinstance(status, bool) and 400 <= status <= 599:
            return int(status)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Go through an error and its causes."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__


def _text(error: BaseException) -> str:
    return " ".join(map(str, _chain(error)))


def _caught(error: BaseException) -> BaseException:
    """Return the error that was being handled where a warning arrives in its stead.

    langchain-openai warns as it handles a refusal; where warnings are errors, the warning is what is raised.
    """
    return error.__context__ if isinstance(error, Warning) and error.__context__ else error


def _codes(error: BaseException) -> set[str]:
    """Collect the codes and types that an error tells by itself, or in the body of the response that it keeps."""
    told = [value for each in _chain(error) for name in ("code", "type") for value in _told(each, name)]
    return {value for value in told if isinstance(value, str)}


def _message(error: BaseException) -> str:
    """Return the provider's sentence, without what its client puts around it."""
    told = (value for each in _chain(error) for value in _told(each, "message") if isinstance(value, str) and value)
    return next(reversed([*told]), str(error))


def _told(error: BaseException, name: str) -> Iterator[Any]:
    """Find a fact in an error, in its body, and in what that has under `error`."""
    body = getattr(error, "body", None)
    yield getattr(error, name, None)
    if isinstance(body, Mapping):
        yield body.get(name)
        if isinstance(inner := body.get("error"), Mapping):
            yield inner.get(name)
