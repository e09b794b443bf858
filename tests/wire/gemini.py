"""Google's generateContent: each piece is a whole response, and calls come in one piece."""

from __future__ import annotations

import json
from collections.abc import Iterator

from wire.answers import Answer, Body, Event, Fault, Format, count, cut

_STOPS = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
_STATUSES = {400: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL"}


class Gemini(Format):
    """The format."""

    def is_streamed(self, path: str, body: Body) -> bool:  # noqa: ARG002 - the path tells it
        return "streamGenerateContent" in path

    def functions(self, body: Body) -> list[str]:
        declared = [tool.get("functionDeclarations") or () for tool in body.get("tools") or ()]
        return [function["name"] for functions in declared for function in functions]

    def schema(self, body: Body) -> Body | None:
        schema: Body | None = (body.get("generationConfig") or {}).get("responseJsonSchema")
        return schema

    def events(self, body: Body, answer: Answer, piece_size: int) -> Iterator[Event]:
        if answer.refusal:
            yield Event(_blocked(body, answer), "closing")
            return
        for part in self._parts(body, answer, piece_size):
            yield Event(_response(body, answer, [part], None), "piece")
        yield Event(_response(body, answer, [{"text": ""}], _STOPS[answer.finish_reason]), "closing")

    def whole(self, body: Body, answer: Answer, piece_size: int) -> Body:
        if answer.refusal:
            return _blocked(body, answer)
        parts = self._parts(body, answer, max(piece_size, len(answer.text)))
        return _response(body, answer, parts, _STOPS[answer.finish_reason])

    def fault(self, fault: Fault) -> Body:
        status = _STATUSES.get(fault.status, "UNAVAILABLE")
        return {"error": {"code": fault.status, "message": fault.message, "status": status}}

    def _parts(self, body: Body, answer: Answer, piece_size: int) -> list[Body]:
        parts: list[Body] = [{"text": answer.reasoning, "thought": True}] if answer.reasoning else []
        parts += [{"text": piece} for piece in cut(self.text(body, answer), piece_size)]
        for name, arguments in self.calls(body, answer):
            parts.append({"functionCall": {"name": name, "args": json.loads(arguments)}})
        return parts


def _response(body: Body, answer: Answer, parts: list[Body], reason: str | None) -> Body:
    candidate: Body = {"content": {"role": "model", "parts": parts}, "index": 0}
    if reason is not None:
        candidate["finishReason"] = reason
    return {"candidates": [candidate], **_frame(body, answer)}


def _blocked(body: Body, answer: Answer) -> Body:
    feedback = {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": answer.refusal}
    return {"promptFeedback": feedback, **_frame(body, answer)}


def _frame(body: Body, answer: Answer) -> Body:
    read, written = count(str(body)), count(answer.text)
    usage = {"promptTokenCount": read, "candidatesTokenCount": written, "totalTokenCount": read + written}
    return {"usageMetadata": usage, "modelVersion": "gemini-2.5-flash", "responseId": "resp-test"}
