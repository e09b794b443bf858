"""OpenAI's Chat Completions, and the dialects of those who speak nearly the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import ClassVar

from wire.answers import Answer, Body, Event, Fault, Format, Part, count, cut


class ChatCompletions(Format):
    """The format as OpenAI has it."""

    last_data = "[DONE]"
    reasoning: ClassVar[str] = "reasoning_content"
    """The member of a delta that has the reasoning; OpenAI has none, many compatible servers have this one."""

    def functions(self, body: Body) -> list[str]:
        return [tool["function"]["name"] for tool in body.get("tools") or ()]

    def schema(self, body: Body) -> Body | None:
        schema: Body | None = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
        return schema

    def events(self, body: Body, answer: Answer, piece_size: int) -> Iterator[Event]:
        frame = _frame(body, "chat.completion.chunk")

        def choice(delta: Body, part: Part = "piece", finish_reason: str | None = None) -> Event:
            one = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
            return Event({**frame, "choices": [one]}, part)

        calls = self.calls(body, answer)
        yield choice({"role": "assistant", "content": ""}, "opening")
        if answer.reasoning:
            yield choice(self.thought(answer.reasoning))
        for piece in cut(answer.refusal or self.text(body, answer), piece_size):
            yield choice({"refusal" if answer.refusal else "content": piece})
        for index, (name, arguments) in enumerate(calls):
            # The reply begins with its name alone, which is no piece of it yet.
            begun = self.begun_call(name, arguments, index)
            yield choice({"tool_calls": [begun]}, "piece" if answer.calls else "opening")
            for piece in cut(arguments.removeprefix(begun["function"]["arguments"]), piece_size):
                yield choice({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
        yield from self.closing(body, answer, choice({}, "closing", self.stop(body, answer)))

    def empty(self, body: Body) -> bytes:
        one = {"index": 0, "delta": {"content": ""}, "logprobs": None, "finish_reason": None}
        return self.frame(json.dumps({**_frame(body, "chat.completion.chunk"), "choices": [one]}))

    def closing(self, body: Body, answer: Answer, last: Event) -> Iterator[Event]:
        """Close a stream: its last choice, and the usage in its place."""
        yield last
        if (body.get("stream_options") or {}).get("include_usage"):
            yield Event({**last.data, "choices": [], "usage": _usage(body, answer)}, "closing")

    def stop(self, body: Body, answer: Answer) -> str:
        """Return the reason why the answer ends."""
        has_calls = bool(self.calls(body, answer))
        return "tool_calls" if has_calls and answer.finish_reason == "stop" else answer.finish_reason

    def begun_call(self, name: str, arguments: str, index: int) -> Body:  # noqa: ARG002 - one dialect sends them at once
        """Write the first piece of a call."""
        return _call(name, "", index)

    def thought(self, reasoning: str) -> Body:
        """Write the delta that brings the reasoning."""
        return {self.reasoning: reasoning}

    def whole(self, body: Body, answer: Answer, piece_size: int) -> Body:  # noqa: ARG002 - it is not cut
        message: Body = {"role": "assistant", "content": self.text(body, answer) or None, "refusal": answer.refusal}
        if answer.reasoning:
            message |= self.thought(answer.reasoning)
        if calls := self.calls(body, answer):
            message["tool_calls"] = [_call(name, arguments, index) for index, (name, arguments) in enumerate(calls)]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.stop(body, answer)}
        return {**_frame(body, "chat.completion"), "choices": [choice], "usage": _usage(body, answer)}

    def fault(self, fault: Fault) -> Body:
        return {"error": {"message": fault.message, "type": fault.kind, "param": fault.param, "code": fault.code}}


class DeepSeek(ChatCompletions):
    """DeepSeek's: its reasoning models bring `reasoning_content`."""


class Groq(ChatCompletions):
    """Groq's: usage comes with the last choice, in a member of its own."""

    reasoning = "reasoning"

    def closing(self, body: Body, answer: Answer, last: Event) -> Iterator[Event]:
        yield Event({**last.data, "x_groq": {"id": "req_test", "usage": _usage(body, answer)}}, "closing")


class Mistral(ChatCompletions):
    """Mistral's: usage comes with the last choice, thoughts are blocks of the content, and calls come whole."""

    def begun_call(self, name: str, arguments: str, index: int) -> Body:
        return _call(name, arguments, index)

    def closing(self, body: Body, answer: Answer, last: Event) -> Iterator[Event]:
        yield Event({**last.data, "usage": _usage(body, answer)}, "closing")

    def thought(self, reasoning: str) -> Body:
        return {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": reasoning}]}]}

    def fault(self, fault: Fault) -> Body:
        return {"object": "error", "message": fault.message, "type": fault.kind, "code": fault.code}


class OpenRouter(ChatCompletions):
    """OpenRouter's: an error's code is its status."""

    reasoning = "reasoning"

    def fault(self, fault: Fault) -> Body:
        return {"error": {"code": fault.status, "message": fault.message}}


def _frame(body: Body, kind: str) -> Body:
    return {"id": "chatcmpl-test", "object": kind, "created": 1700000000, "model": body["model"]}


def _call(name: str, arguments: str, index: int) -> Body:
    function = {"name": name, "arguments": arguments}
    return {"index": index, "id": f"call_test_{index}", "type": "function", "function": function}


def _usage(body: Body, answer: Answer) -> Body:
    read, written = count(str(body)), count(answer.text)
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": 0},
    }
