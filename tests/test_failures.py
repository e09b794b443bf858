"""Providers' errors are understood by what they carry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from langchain_core.exceptions import ModelConnectionError, ModelInvalidRequestError, ModelRateLimitError

from fsm_langgraph.models.failures import (
    StreamRefusal,
    bad_reply,
    is_transient,
    refuses_answer,
    refuses_method,
    refuses_schema,
    retry_after,
    status_code,
)


class ProviderError(Exception):
    """An error with whatever attributes a provider gives it."""

    def __init__(self, message: str = "", **attributes: Any) -> None:
        super().__init__(message)
        vars(self).update(attributes)


class RemoteProtocolError(Exception):
    """Named as HTTP clients name a connection that was closed early."""


class ModelRefusalError(Exception):
    """Named as LangChain names a refusal."""


class _Response:
    status_code = 503

    def __init__(self, **headers: str) -> None:
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def caused_by(cause: Exception, error: Exception | None = None) -> Exception:
    """Make an error that a package raises from another, as Google's does."""
    error = error or ProviderError(f"Error calling the model: {cause}")
    error.__cause__ = cause
    return error


def groq(code: str) -> ProviderError:
    """Make an error as Groq's client does; the model's reply is in its text and in its body."""
    body = {"error": {"message": "Failed to generate JSON.", "code": code, "failed_generation": "My PIN is 1234"}}
    return ProviderError(f"Error code: 400 - {body}", status_code=400, body=body)


BOTO = {"ResponseMetadata": {"HTTPStatusCode": 503}}


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (ProviderError(status_code=408), True),
        (ProviderError(status_code=429, code="rate_limit_exceeded"), True),
        (ProviderError(status_code=429, code="insufficient_quota"), False),
        (ProviderError(status_code=500), True),
        (ProviderError(status_code=529), True),
        (ProviderError(status_code=400), False),
        (ProviderError(status_code=401), False),
        (ProviderError(code=503), True),
        (ProviderError(response=_Response()), True),
        (ProviderError(response=BOTO), True),
        (ProviderError(code="server_error"), True),
        (ProviderError(type="overloaded_error"), True),
        (ProviderError(code="invalid_prompt"), False),
        (caused_by(ProviderError(code=503)), True),
        (caused_by(ProviderError(code=400)), False),
        (caused_by(ConnectionResetError()), True),
        (ProviderError(status_code=200, body={"error": {"type": "overloaded_error"}}), True),
        (ProviderError(status_code=429, body={"code": "insufficient_quota"}), False),
        (ModelRateLimitError(), True),
        (ModelConnectionError(), True),
        (ModelInvalidRequestError(), False),
        (RemoteProtocolError(), True),
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (ValueError("a timeout, they say"), False),
        (KeyError("status"), False),
    ],
    ids=repr,
)
def test_a_failure_that_may_pass_is_transient(error: Exception, transient: bool) -> None:
    assert is_transient(error) is transient


@pytest.mark.parametrize(
    ("error", "refuses"),
    [
        (ProviderError("This response_format type is unavailable now", status_code=400), True),
        (ProviderError("This model does not support response format `json_schema`", status_code=400), True),
        (ProviderError("registry/model:latest does not support tools", status_code=400), True),
        (ProviderError("'tool_choice' is not supported for this model", status_code=400), True),
        (ProviderError("[{'loc': ['body', 'response_format', 'type']}]", status_code=422), True),
        (ProviderError("output_format: Extra inputs are not permitted", status_code=400), True),
        (ProviderError("No endpoints found that support tool use", status_code=404), True),
        (ProviderError("structured output is not implemented", status_code=501), True),
        (ProviderError("unsupported", status_code=400, param="response_format"), True),
        (ProviderError("unsupported", status_code=400, param="tools[0].function.parameters"), True),
        (caused_by(ProviderError("the response schema is not supported", code=400)), True),
        (
            caused_by(
                ProviderError('Unknown name "additionalProperties" at "generation_config.response_schema"', code=400)
            ),
            True,
        ),
        (caused_by(ProviderError("unsupported", status_code=400, param="response_format")), True),
        (caused_by(ProviderError("the tools are broken", code=500)), False),
        (NotImplementedError("with_structured_output is not implemented for this model."), True),
        (TypeError("create() got an unexpected keyword argument 'response_format'"), True),
        (ProviderError("tools are broken today", status_code=500), False),
        (ProviderError("too many requests to tools", status_code=429), False),
        (ProviderError("invalid tool_choice or key", status_code=401), False),
        (ProviderError("the function-model does not exist", status_code=404), False),
        (
            ProviderError("messages[3]: a tool message has no call", status_code=400, param="messages"),
            False,
        ),
        (ProviderError("tools and messages exceed the context length", status_code=400), False),
        (ProviderError("Bad request", status_code=400), False),
        (ValueError("Expecting value: line 1 column 1 (char 0)"), False),
        (TimeoutError("no response_format in time"), False),
    ],
    ids=str,
)
def test_a_refusal_of_the_method_is_told_from_other_failures(error: Exception, refuses: bool) -> None:
    assert refuses_method(error) is refuses


def test_a_warning_raised_in_place_of_a_refusal_is_one() -> None:
    with pytest.raises(UserWarning) as caught:
        _warn_while_handling(ProviderError("'json_schema' is not supported", status_code=400))
    assert refuses_method(caught.value)


@pytest.mark.parametrize(
    ("text", "refuses"),
    [
        ("Invalid schema for response_format 'reply': 'minLength' is not permitted.", True),
        ("output_config.format.schema: Schema is too complex.", True),
        ("The specified schema produces a constraint that has too many states for serving.", True),
        ("A schema in GenerationConfig in the request exceeds the maximum allowed nesting depth.", True),
        ("Schemas contains too many optional parameters (40)", True),
        ("The compiled grammar is too large.", True),
        ("Expected at most 1000 enum values in total within a schema, but received 1001.", True),
        ("Unknown name at 'generation_config.response_schema'. {'status': 'INVALID_ARGUMENT'}", False),
        ("'response_format' of type 'json_schema' is not supported with this model", False),
    ],
)
def test_a_refusal_of_one_schema_is_told_from_one_of_the_method(text: str, refuses: bool) -> None:
    assert refuses_schema(ProviderError(text, status_code=400)) is refuses


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (StreamRefusal("I can't help."), ("refusal", "I can't help.")),
        (ModelRefusalError("I can't help."), ("refusal", "I can't help.")),
        (caused_by(StreamRefusal("I can't help.")), ("refusal", "I can't help.")),
        (
            ProviderError("Error code: 400", status_code=400, body={"code": "content_filter", "message": "Filtered."}),
            ("content filter", "Filtered."),
        ),
        (
            ProviderError("Output blocked by content filtering policy", status_code=400),
            ("content filter", "Output blocked by content filtering policy"),
        ),
        (ProviderError("The schema is not supported", status_code=400), None),
        (ProviderError("Too many requests", status_code=429), None),
    ],
    ids=str,
)
def test_an_error_that_refuses_to_answer_is_told_from_others(error: Exception, told: tuple[str, str] | None) -> None:
    assert refuses_answer(error) == told


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (groq("json_validate_failed"), "it is no valid JSON, says the provider (json_validate_failed)"),
        (groq("tool_use_failed"), "its function call is not valid, says the provider (tool_use_failed)"),
        (
            ProviderError("An error", body={"code": "tool_use_failed"}),
            "its function call is not valid, says the provider (tool_use_failed)",
        ),
        (groq("invalid_api_key"), None),
        (ProviderError("the tool use failed", status_code=400), None),
    ],
    ids=["JSON", "a call", "in the middle of a stream", "another code", "no code"],
)
def test_a_bad_reply_that_a_provider_tells_of_is_one_and_is_not_quoted(error: Exception, reason: str | None) -> None:
    assert bad_reply(error) == reason


def test_causes_that_go_round_have_an_end() -> None:
    error = ProviderError()
    caused_by(caused_by(error), error)
    assert status_code(error) is None


def test_a_number_that_is_no_status_is_none() -> None:
    assert status_code(ProviderError(code=7, status=True)) is None


def _warn_while_handling(error: Exception) -> None:
    try:
        raise error
    except ProviderError:
        raise UserWarning("use another method")  # noqa: B904  as warnings.warn does where warnings are errors


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (ProviderError(response=_Response(retry_after="30")), 30),
        (ProviderError(response=_Response(retry_after="0.5")), 0.5),
        (ProviderError(response=_Response(retry_after="Thu, 01 Jan 1970 00:00:00 GMT")), 0),
        (caused_by(ProviderError(response=_Response(retry_after="2"))), 2),
        (ProviderError(response=_Response(retry_after="soon")), None),
        (ProviderError(response=_Response(retry_after="nan")), None),
        (ProviderError(response=_Response()), None),
        (ProviderError(response={"ResponseMetadata": {}}), None),
        (TimeoutError(), None),
    ],
    ids=str,
)
def test_how_long_a_provider_wants_to_be_left_alone_is_read(error: Exception, seconds: float | None) -> None:
    assert retry_after(error) == seconds


def test_a_date_to_come_is_read_as_the_seconds_until_then() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 60 < (retry_after(ProviderError(response=_Response(retry_after=soon))) or 0) <= 90
