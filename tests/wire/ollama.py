"""Ollama's chat: a line of JSON for each piece, calls whole and without ids."""

from __future__ import annotations

import json
from collections.abc import Iterator

from wire.answers import Answer, Body, Event, Fault, Format, count, cut


class Ollama(Format):
    """The format."""

    content_type = "application/x-ndjson"

    def is_streamed(self, path: str, body: Body) -> bool:  # noqa: ARG002 - the body tells it
        return bool(body.get("stream", True))

    def functions(self, body: Body) -> list[str]:
        return [tool["function"]["name"] for tool in body.get("tools") or ()]

    def schema(self, body: Body) -> Body | None:
        asked = body.get("format")
        return asked if isinstance(asked, dict) else None

    def events(self, body: Body, answer: Answer, piece_size: int) -> Iterator[Event]:
        if answer.reasoning:
            yield Event(_line(body, content="", thinking=answer.reasoning), "piece")
        for piece in cut(self.text(body, answer), piece_size):
            yield Event(_line(body, content=piece), "piece")
        if calls := self._calls(body, answer):
            yield Event(_line(body, content="", tool_calls=calls), "piece")
        yield Event({**_line(body, content=""), **_end(body, answer)}, "closing")

    def whole(self, body: Body, answer: Answer, piece_size: int) -> Body:  # noqa: ARG002 - it is not cut
        said: Body = {"content": self.text(body, answer)}
        if answer.reasoning:
            said["thinking"] = answer.reasoning
        if calls := self._calls(body, answer):
            said["tool_calls"] = calls
        return {**_line(body, **said), **_end(body, answer)}

    def fault(self, fault: Fault) -> Body:
        return {"error": fault.message}

    def frame(self, data: str, name: str = "") -> bytes:  # noqa: ARG002 - its lines have no names
        return f"{data}\n".encode()

    def _calls(self, body: Body, answer: Answer) -> list[Body]:
        calls = self.calls(body, answer)
        return [{"function": {"name": name, "arguments": json.loads(arguments)}} for name, arguments in calls]


def _line(body: Body, **said: object) -> Body:
    message = {"role": "assistant", **said}
    return {"model": body["model"], "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False}


def _end(body: Body, answer: Answer) -> Body:
    return {
        "done": True,
        "done_reason": answer.finish_reason,
        "prompt_eval_count": count(str(body)),
        "eval_count": count(answer.text),
    }
