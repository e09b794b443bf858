"""The process of a `ModelServer`: a small HTTP server upon asyncio's streams.

It tells its port in its output, and serves until its input ends. `PUT /NAME` sets a script, `GET /NAME` tells what was
asked for, and `POST /NAME/v1/chat/completions` plays it. It takes 0.2 ms to the first piece and 20 µs for each further
one, as uvicorn does, but is ready at once, and any interpreter can run it. Pieces have absolute deadlines, so that
pauses that take a little too long do not add up.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

Text = str | Sequence[str]
"""A text; or its pieces, where they are to be others."""
Reply = Text | Sequence[tuple[str, Text]]
"""The model's text; or the tools that it calls, each a name and its arguments as JSON."""

PIECE = 4
"""How many characters a piece has; it stands for a token wherever tokens are counted."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was answered; sizes are in characters."""

    messages: int
    """All texts in its messages: contents, roles, tool calls."""
    schema: int
    """Its response format and tools, as compact JSON."""
    reply: int
    """The length of the reply, in tokens of four characters."""
    streamed: bool
    """Whether the reply went out in pieces."""

    @property
    def tokens(self) -> int:
        """The length of the request, in tokens of four characters."""
        return (self.messages + self.schema) // PIECE


async def serve() -> None:
    """Tell the port, and serve until the input ends."""
    server = await asyncio.start_server(_Server().converse, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)  # whatever streams are under way: nobody reads them any more


class _Server:
    """The data that all connections share."""

    def __init__(self) -> None:
        self.scripts: dict[str, _Script] = {}
        self.numbers = itertools.count(1)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request after the other, until the client hangs up."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                method, path, _ = head.decode().split(" ", 2)
                await self._answer(writer, method, path, body.decode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, method: str, path: str, text: str) -> None:
        name, _, rest = path.strip("/").partition("/")
        if method == "PUT":
            self.scripts[name] = _Script(name, **json.loads(text))
            _send(writer, 200, {})
        elif name not in self.scripts:
            _fail(writer, 404, f"there is no script {name!r}; there are: {', '.join(map(repr, self.scripts))}")
        elif method == "GET" and not rest:
            _send(writer, 200, {"log": self.scripts[name].log, "bodies": self.scripts[name].bodies})
        elif (method, rest) != ("POST", "v1/chat/completions"):
            _fail(writer, 404, f"there is no {method} {path}, only POST /{name}/v1/chat/completions")
        else:
            script = self.scripts[name]
            try:
                reply = script.next_reply(text)
            except LookupError as error:
                return _fail(writer, 500, str(error))
            await self._complete(writer, script, json.loads(text), reply)
        return None

    async def _complete(
        self, writer: asyncio.StreamWriter, script: _Script, body: dict[str, Any], reply: Reply
    ) -> None:
        began, number = asyncio.get_running_loop().time(), next(self.numbers)
        request = _request(body, reply)
        script.log.append(asdict(request))
        script.bodies = [*(script.bodies if script.keep else ()), body]
        pieces = -(-request.reply // PIECE)
        tokens = {"prompt_tokens": request.tokens, "completion_tokens": pieces}
        usage = {**tokens, "total_tokens": sum(tokens.values())}
        frame = {"id": f"chatcmpl-{number}", "created": 1700000000, "model": body.get("model")}
        if not request.streamed:
            await asyncio.sleep(script.first_delay + script.delay * pieces)
            choice = {"index": 0, "message": _message(reply, number), "finish_reason": _reason(reply)}
            return _send(writer, 200, {**frame, "object": "chat.completion", "choices": [choice], "usage": usage})

        writer.write(_STREAM_HEAD)
        begin = _compact({**frame, "object": "chat.completion.chunk"})[:-1]
        for index, choice in enumerate(_choices(reply, number)):
            # The first one brings the role, along with the first piece.
            due = began + script.first_delay + script.delay * max(0, index - 1)
            await _until(due)
            if writer.is_closing():  # the client has read enough
                return None
            _write_event(writer, f'{begin},"choices":[{_compact(choice)}]}}')
        if (body.get("stream_options") or {}).get("include_usage"):
            _write_event(writer, f'{begin},"choices":[],"usage":{_compact(usage)}}}')
        _write_event(writer, "[DONE]")
        writer.write(b"0\r\n\r\n")
        return None


@dataclass(slots=True)
class _Script:
    name: str
    replies: dict[str, list[Reply]]
    first_delay: float
    delay: float
    repeat: bool
    keep: bool
    log: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    """The requests: all of them where they are to be kept, else the last one."""
    said: Counter[str] = field(default_factory=Counter)
    """How many replies of each list were given."""

    def next_reply(self, body: str) -> Reply:
        key = next((key for key in self.replies if key in body), None)
        if key is None:
            keys = ", ".join(map(repr, self.replies))
            raise LookupError(f"script {self.name!r} has no reply to this request, in which is none of: {keys}")
        replies, said = self.replies[key], self.said[key]
        if not replies or (said >= len(replies) and not self.repeat):
            of_key = f" for {key!r}" if key else ""
            raise LookupError(
                f"script {self.name!r}{of_key} has {len(replies)} replies, and this is request {said + 1}"
            )
        self.said[key] += 1
        return replies[said % len(replies)]


async def _until(due: float) -> None:
    if (left := due - asyncio.get_running_loop().time()) > 0:
        await asyncio.sleep(left)


def _request(body: dict[str, Any], reply: Reply) -> Request:
    asked = [body[part] for part in ("response_format", "tools", "functions") if body.get(part)]
    return Request(
        messages=_characters(body["messages"]),
        schema=sum(len(_compact(part)) for part in asked),
        reply=_characters(reply),
        streamed=bool(body.get("stream")),
    )


def _characters(data: Any) -> int:
    """Count the characters of all texts in some data."""
    match data:
        case str():
            return len(data)
        case list():
            return sum(map(_characters, data))
        case dict():
            return sum(map(_characters, data.values()))
        case _:
            return 0


def _choices(reply: Reply, number: int) -> Iterator[dict[str, Any]]:
    """Yield the choice of each event: the role, the pieces, and the reason of the end."""
    calls = _calls(reply)
    yield _choice({"role": "assistant", "content": None if calls else ""})
    for piece in () if calls else _pieces(reply):
        yield _choice({"content": piece})
    for index, (name, arguments) in enumerate(calls):
        yield _choice({"tool_calls": [{"index": index, **_call(index, number, name, "")}]})
        for piece in arguments:
            yield _choice({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield _choice({}, _reason(reply))


def _choice(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _message(reply: Reply, number: int) -> dict[str, Any]:
    if calls := _calls(reply):
        asked = [_call(index, number, name, "".join(arguments)) for index, (name, arguments) in enumerate(calls)]
        return {"role": "assistant", "content": None, "tool_calls": asked}
    return {"role": "assistant", "content": "".join(_pieces(reply))}


def _calls(reply: Reply) -> list[tuple[str, list[str]]]:
    return (
        [] if isinstance(reply, str) else [(part[0], _pieces(part[1])) for part in reply if not isinstance(part, str)]
    )


def _call(index: int, number: int, name: str, arguments: str) -> dict[str, Any]:
    return {"id": f"call_{number}_{index}", "type": "function", "function": {"name": name, "arguments": arguments}}


def _reason(reply: Reply) -> str:
    return "tool_calls" if _calls(reply) else "stop"


def _pieces(reply: Reply) -> list[str]:
    if isinstance(reply, str):
        return [reply[at : at + PIECE] for at in range(0, len(reply), PIECE)]
    return [part for part in reply if isinstance(part, str)]


def _write_event(writer: asyncio.StreamWriter, data: str) -> None:
    event = f"data: {data}\n\n".encode()
    writer.write(b"%x\r\n%s\r\n" % (len(event), event))


def _send(writer: asyncio.StreamWriter, status: int, content: Any) -> None:
    data = _compact(content).encode()
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
    writer.write(f"{head}content-length: {len(data)}\r\n\r\n".encode() + data)


def _fail(writer: asyncio.StreamWriter, status: int, message: str) -> None:
    _send(writer, status, {"error": {"message": message, "type": "script", "param": None, "code": None}})


def _compact(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

if __name__ == "__main__":
    asyncio.run(serve())
