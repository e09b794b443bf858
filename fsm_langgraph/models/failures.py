"""The meaning of a provider's error: whether the same call may work later, and whether the method was refused.

No provider's package is imported for that. An error is read by what it carries: a status code, a code or a parameter in
the body, and the names of its classes. Words that one provider alone uses are added to the tables here.
"""

from __future__ import annotations

import re
from typing import Any

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

_REFUSAL_STATUS = frozenset({400, 404, 422, 501})
_METHOD_PARAMETER = re.compile(r"response_format|text\.format|output_(config|format)|tools?\b|tool_|function|parallel_")
_METHOD_WORDS = re.compile(
    r"response.?format|json.?(schema|object|mode)|structured.?output|output.?(config|format)|\bschema\b"
    r"|\btools?\b|tool.?(choice|call|config|use)|\bfunctions?\b|function.?call|parallel_tool_calls"
    r"|grammar|guided|\bstrict\b",
    re.IGNORECASE,
)
_SCHEMA_WORDS = re.compile(
    r"invalid.(json.)?schema|invalid_function_parameters|schema.{1,40}(invalid|too (large|complex|deep))",
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
    if isinstance(error, ConnectionError | TimeoutError) or getattr(error, "is_retryable", False) is True:
        return True
    if any(base.__name__ in _TRANSIENT_CLASSES for base in type(error).__mro__):
        return True
    return bool(_codes(error) & _TRANSIENT_CODES)


def refuses_method(error: BaseException) -> bool:
    """Say whether a provider, or its LangChain class, refuses how structured output was asked for."""
    error = _caught(error)
    if isinstance(error, NotImplementedError):
        return True
    text = str(error)
    status = status_code(error)
    if status is None:
        return isinstance(error, TypeError | ValueError) and bool(_METHOD_WORDS.search(text))
    if status not in _REFUSAL_STATUS or _OTHER_REASONS.search(text):
        return False
    # OpenRouter answers 404 where no endpoint supports a parameter; everywhere else it is an unknown model or address.
    if status == 404 and "support" not in text.lower():
        return False
    parameter = getattr(error, "param", None)
    if isinstance(parameter, str) and parameter:
        return bool(_METHOD_PARAMETER.match(parameter))
    return bool(_METHOD_WORDS.search(text))


def refuses_schema(error: BaseException) -> bool:
    """Say whether a refusal is about the one schema that was sent, and other schemas may still be taken."""
    return bool(_SCHEMA_WORDS.search(f"{_caught(error)} {getattr(error, 'code', '')}"))


def status_code(error: BaseException) -> int | None:
    """Return the HTTP status that an error carries, wherever its provider puts it."""
    response = getattr(error, "response", None)
    found: list[Any] = [getattr(error, name, None) for name in ("status_code", "http_status", "status", "code")]
    found.append(getattr(response, "status_code", None))
    if isinstance(response, dict):  # as boto3 has it, for Bedrock
        found.append(response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    for status in found:
        if isinstance(status, int) and not isinstance(status, bool) and 100 <= status <= 599:
            return int(status)
    return None


def _caught(error: BaseException) -> BaseException:
    """Return the error that was being handled where a warning arrives in its stead.

    langchain-openai warns as it handles a refusal; where warnings are errors, the warning is what is raised.
    """
    return error.__context__ if isinstance(error, Warning) and error.__context__ else error


def _codes(error: BaseException) -> set[str]:
    return {value for name in ("code", "type") if isinstance(value := getattr(error, name, None), str)}
