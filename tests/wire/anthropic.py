"""Anthropic's Messages: named events, and a block of content for each thing said, thought or called."""

from __future__ import annotations

import json
from collections.abc import Iterator

from wire.answers import Answer, Body, Event, Fault, Format, Part, count, cut

_STOPS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
_KINDS = {400: "invalid_request_error", 429: "rate_limit_error", 500: "api_error", 529: "overloaded_error"}


class Anthropic(Format):
    """The format."""

    def functions(self, body: Body) -> list[str]:
        return [tool["name"] for tool in body.get("tools") or ()]

    def schema(self, body: Body) -> Body | None:
        schema: Body | None = ((body.get("output_config") or {}).get("format") or {}).get("schema")
        return schema

    def events(self, body: Body, answer: Answer, piece_size: int) -> Iterator[Event]:
        message = {**self._message(body, answer), "content": [], "stop_reason": None}
        yield Event({"type": "message_start", "message": message}, "opening", "message_start")
        for index, block in enumerate(self._blocks(body, answer)):
            empty = {"thinking": "", "text": "", "input": {}}
            start = {name: empty.get(name, value) for name, value in block.items() if name != "signature"}
            yield _event("content_block_start", "opening", index=index, content_block=start)
            for piece in cut(_written(block), piece_size):
                yield _event("content_block_delta", "piece", index=index, delta=_delta(block, piece))
            if block["type"] == "thinking":
                signed = {"type": "signature_delta", "signature": block["signature"]}
                yield _event("content_block_delta", "opening", index=index, delta=signed)
            yield _event("content_block_stop", "opening", index=index)
        told = self._message(body, answer)
        delta = {name: told[name] for name in ("stop_reason", "stop_sequence", "stop_details")}
        yield _event("message_delta", "closing", delta=delta, usage=told["usage"])
        yield _event("message_stop", "closing")

    def empty(self, body: Body) -> bytes:  # noqa: ARG002 - it names nothing
        return self.frame('{"type": "ping"}', "ping")

    def whole(self, body: Body, answer: Answer, piece_size: int) -> Body:  # noqa: ARG002 - it is not cut
        blocks = self._blocks(body, answer)
        content = [block | ({"input": json.loads(block["input"])} if "input" in block else {}) for block in blocks]
        return {**self._message(body, answer), "content": content}

    def fault(self, fault: Fault) -> Body:
        kind = _KINDS.get(fault.status, fault.kind)
        return {"type": "error", "error": {"type": kind, "message": fault.message}, "request_id": "req_test"}

    def _message(self, body: Body, answer: Answer) -> Body:
        reason = "refusal" if answer.refusal else _STOPS[answer.finish_reason]
        if reason == "end_turn" and self.calls(body, answer):
            reason = "tool_use"
        why = {"type": "refusal", "category": "cyber", "explanation": answer.refusal} if answer.refusal else None
        return {
            "id": "msg_test",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "stop_reason": reason,
            "stop_sequence": None,
            "stop_details": why,
            "usage": {"input_tokens": count(str(body)), "output_tokens": count(answer.text)},
        }

    def _blocks(self, body: Body, answer: Answer) -> list[Body]:
        blocks: list[Body] = []
        if answer.reasoning:
            blocks.append({"type": "thinking", "thinking": answer.reasoning, "signature": "c2lnbmVk"})
        if text := self.text(body, answer):
            blocks.append({"type": "text", "text": text})
        for index, (name, arguments) in enumerate(self.calls(body, answer)):
            blocks.append({"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": arguments})
        return blocks


def _event(name: str, part: Part, **members: object) -> Event:
    return Event({"type": name, **members}, part, name)


def _written(block: Body) -> str:
    kinds = {"thinking": "thinking", "text": "text", "tool_use": "input"}
    return str(block[kinds[block["type"]]])


def _delta(block: Body, piece: str) -> Body:
    match block["type"]:
        case "thinking":
            return {"type": "thinking_delta", "thinking": piece}
        case "text":
            return {"type": "text_delta", "text": piece}
    return {"type": "input_json_delta", "partial_json": piece}
