"""OpenAI's Responses: numbered events about items of the output, and the whole response at the end."""

from __future__ import annotations

from collections.abc import Iterator

from wire.answers import Answer, Body, Event, Fault, Format, Part, count, cut

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


class Responses(Format):
    """The format."""

    def functions(self, body: Body) -> list[str]:
        return [tool["name"] for tool in body.get("tools") or ()]

    def schema(self, body: Body) -> Body | None:
        schema: Body | None = ((body.get("text") or {}).get("format") or {}).get("schema")
        return schema

    def events(self, body: Body, answer: Answer, piece_size: int) -> Iterator[Event]:
        for number, event in enumerate(self._unnumbered(body, answer, piece_size)):
            yield Event({**event.data, "sequence_number": number}, event.part, event.data["type"])

    def whole(self, body: Body, answer: Answer, piece_size: int) -> Body:  # noqa: ARG002 - it is not cut
        reason = _INCOMPLETE.get(answer.finish_reason)
        read, written = count(str(body)), count(answer.text)
        return {
            **_frame(body),
            "status": "incomplete" if reason else "completed",
            "incomplete_details": {"reason": reason} if reason else None,
            "output": self._items(body, answer),
            "usage": {
                "input_tokens": read,
                "output_tokens": written,
                "total_tokens": read + written,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens_details": {"reasoning_tokens": 0},
            },
        }

    def fault(self, fault: Fault) -> Body:
        return {"error": {"message": fault.message, "type": fault.kind, "param": fault.param, "code": fault.code}}

    def _unnumbered(self, body: Body, answer: Answer, piece_size: int) -> Iterator[Event]:
        yield _event("response.created", "opening", response={**_frame(body), "status": "in_progress", "output": []})
        for index, item in enumerate(self._items(body, answer)):
            empty = {"content": [], "summary": [], "arguments": "", "status": "in_progress"}
            begun = {name: empty.get(name, value) for name, value in item.items()}
            yield _event("response.output_item.added", "opening", output_index=index, item=begun)
            yield from _item_events(item, {"item_id": item["id"], "output_index": index}, piece_size)
            yield _event("response.output_item.done", "opening", output_index=index, item=item)
        whole = self.whole(body, answer, piece_size)
        yield _event(f"response.{whole['status']}", "closing", response=whole)

    def _items(self, body: Body, answer: Answer) -> list[Body]:
        items: list[Body] = []
        if answer.reasoning:
            summary = [{"type": "summary_text", "text": answer.reasoning}]
            items.append({"id": "rs_test", "type": "reasoning", "summary": summary})
        said: Body | None = None
        if answer.refusal:
            said = {"type": "refusal", "refusal": answer.refusal}
        elif text := self.text(body, answer):
            said = {"type": "output_text", "text": text, "annotations": []}
        if said is not None:
            items.append(
                {"id": "msg_test", "type": "message", "role": "assistant", "status": "completed", "content": [said]}
            )
        for index, (name, arguments) in enumerate(self.calls(body, answer)):
            call = {"call_id": f"call_{index}", "name": name, "arguments": arguments, "status": "completed"}
            items.append({"id": f"fc_{index}", "type": "function_call", **call})
        return items


def _item_events(item: Body, at: Body, piece_size: int) -> Iterator[Event]:
    match item["type"]:
        case "reasoning":
            at = {**at, "summary_index": 0}
            part = {"type": "summary_text", "text": ""}
            yield _event("response.reasoning_summary_part.added", "opening", **at, part=part)
            for piece in cut(item["summary"][0]["text"], piece_size):
                yield _event("response.reasoning_summary_text.delta", "piece", **at, delta=piece)
        case "function_call":
            for piece in cut(item["arguments"], piece_size):
                yield _event("response.function_call_arguments.delta", "piece", **at, delta=piece)
            done = {"name": item["name"], "arguments": item["arguments"]}
            yield _event("response.function_call_arguments.done", "opening", **at, **done)
        case _:
            (part,) = item["content"]
            kind, text = ("refusal", part["refusal"]) if part["type"] == "refusal" else ("output_text", part["text"])
            at, word = {**at, "content_index": 0}, "refusal" if kind == "refusal" else "text"
            yield _event("response.content_part.added", "opening", **at, part={**part, word: ""})
            for piece in cut(text, piece_size):
                yield _event(f"response.{kind}.delta", "piece", **at, delta=piece, logprobs=[])
            yield _event(f"response.{kind}.done", "opening", **at, **{word: text}, logprobs=[])


def _event(kind: str, standing: Part, /, **members: object) -> Event:
    return Event({"type": kind, **members}, standing)


def _frame(body: Body) -> Body:
    return {
        "id": "resp_test",
        "object": "response",
        "created_at": 1700000000,
        "model": body["model"],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "error": None,
    }
