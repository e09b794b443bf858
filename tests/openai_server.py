"""A server on 127.0.0.1 that speaks `/v1/chat/completions` as OpenAI's does, for tests with real clients.

    with OpenAIServer(["Hello!", Fault(429, "slow down")]) as server:
        model = server.chat_model()

It streams one piece after the other, sends usage when asked, refuses the schemas that strict mode refuses, in
the provider's words, and can be told to know no structured output at all. `Answer` and `Fault` say what goes
wrong and when; `hold_after` lets a test see that a piece arrived before the next one was written.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from strict_schema import strict_schema_fault

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

Body = dict[str, Any]
Feature = Literal["json_schema", "json_object", "tools", "tools with a format"]

WAIT = 10.0
"""Seconds after which a held stream gives up, so that a failing test ends."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer, and the course of its stream."""

    text: str
    hold_after: int | None = None
    """The number of pieces after which the stream waits for `OpenAIServer.go_on`."""
    cut_after: int | None = None
    """The number of pieces after which the connection is closed."""
    finish_reason: str = "stop"
    refusal: str | None = None
    """The text in its stead, where the model refuses to answer."""
    reasoning: str | None = None
    """The reasoning that a model behind a compatible server writes first."""
    calls: tuple[tuple[str, str], ...] = ()
    """The tools that it calls after the text, each with its arguments as JSON."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error response."""

    status: int
    message: str = "something went wrong"
    code: str | None = None
    param: str | None = None
    kind: str = "invalid_request_error"
    headers: dict[str, str] = field(default_factory=dict)


class Hang:
    """No response, until the server is closed."""


Reaction = str | Answer | Fault | Hang
Script = Iterable[Reaction] | Callable[[Body], Reaction]


class OpenAIServer:
    """The server; a context manager.

    Args:
        script: What to say, one for each request that is not refused; or a function of the request's body.
            The last one of a list is said again and again.
        refuses: The features that the model does not have.
        piece_size: How many characters a streamed piece has.
    """

    def __init__(self, script: Script = ("Hello!",), *, refuses: Collection[Feature] = (), piece_size: int = 4) -> None:
        self.requests: list[Body] = []
        """The bodies received, those that were refused included."""
        self.refuses = frozenset(refuses)
        self.piece_size = piece_size
        self.gave_up = False
        """Whether a held stream went on by itself, since nobody let it."""
        self.closed = threading.Event()
        self._react = script if callable(script) else _in_turn(script)
        self._go_on = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        self._go_on.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def go_on(self) -> None:
        """Let held streams go on."""
        self._go_on.set()

    def hold(self) -> None:
        """Hold streams again, after they were let go on."""
        self._go_on.clear()

    def wait(self) -> None:
        """Wait, in a stream, until it may go on."""
        if not self._go_on.wait(WAIT):
            self.gave_up = True

    def chat_model(self, **options: Any) -> ChatOpenAI:
        """Make a chat model that talks to this server, with clients of its own for `close` or `aclose`."""
        from langchain_openai import ChatOpenAI
        from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
        from pydantic import SecretStr

        chosen = {"model": "gpt-4o-mini", "max_retries": 0, "timeout": WAIT, "stream_usage": True, **options}
        return ChatOpenAI(
            base_url=self.base_url,
            api_key=SecretStr("sk-test"),
            http_client=DefaultHttpxClient(trust_env=False),
            http_async_client=DefaultAsyncHttpxClient(trust_env=False),
            **chosen,
        )

    def receive(self, body: Body) -> Reaction:
        """Record a request and say what comes of it."""
        with self._lock:
            self.requests.append(body)
            return self._refusal(body) or self._react(body)

    def _refusal(self, body: Body) -> Fault | None:
        kind = body.get("response_format", {}).get("type")
        if kind in self.refuses:
            return Fault(
                400,
                f"Invalid parameter: 'response_format' of type '{kind}' is not supported with this model."
                " Learn more about supported models at the Structured Outputs guide:"
                " https://platform.openai.com/docs/guides/structured-outputs",
            )
        if "tools" in body and "tools" in self.refuses:
            return Fault(400, "tools is not supported in this model.", "unsupported_parameter", "tools")
        if "tools" in body and kind is not None and "tools with a format" in self.refuses:
            return Fault(400, "json mode cannot be combined with tool/function calling")
        if kind == "json_object" and "json" not in json.dumps(body["messages"]).lower():
            return Fault(
                400,
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
                param="messages",
            )
        if kind == "json_schema":
            named = body["response_format"]["json_schema"]
            if named.get("strict") and (fault := strict_schema_fault(named["schema"])):
                where = f"Invalid schema for response_format '{named['name']}': {fault}"
                return Fault(400, where, param="response_format")
        for index, tool in enumerate(body.get("tools", [])):
            function = tool["function"]
            if function.get("strict") and (fault := strict_schema_fault(function["parameters"])):
                where = f"Invalid schema for function '{function['name']}': {fault}"
                return Fault(400, where, "invalid_function_parameters", f"tools[{index}].function.parameters")
        return _unanswered_call(body)


def close(model: ChatOpenAI) -> None:
    """Close what a model of `chat_model` holds open, where only its sync methods were used."""
    model.root_client.close()


async def aclose(model: ChatOpenAI) -> None:
    """Close what a model of `chat_model` holds open."""
    model.root_client.close()
    await model.root_async_client.close()


def _unanswered_call(body: Body) -> Fault | None:
    """Refuse tool calls without their answers, and answers without their calls."""
    waiting: list[str] = []
    for message in [*body["messages"], {"role": "end"}]:
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                wrong = "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
                return Fault(400, f"Invalid parameter: {wrong}", param="messages")
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            wrong = "An assistant message with 'tool_calls' must be followed by tool messages responding to each"
            return Fault(400, f"{wrong} 'tool_call_id': {waiting}", param="messages")
        waiting = [call["id"] for call in message.get("tool_calls") or ()]
    return None


def _in_turn(script: Iterable[Reaction]) -> Callable[[Body], Reaction]:
    reactions = list(script)

    def react(_: Body) -> Reaction:
        return reactions.pop(0) if len(reactions) > 1 else reactions[0]

    return react


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, owner: OpenAIServer) -> None:
        self.owner = owner
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self._connections):
            self.shutdown_request(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away mid-stream is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    _HEADERS: ClassVar[dict[str, str]] = {"x-request-id": "req_test"}

    def do_POST(self) -> None:
        owner = self.server.owner
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        match owner.receive(body):
            case Hang():
                owner.closed.wait(WAIT)
                self.close_connection = True
            case Fault() as fault:
                self._send_fault(fault)
            case Answer() | str() as said:
                answer = Answer(said) if isinstance(said, str) else said
                if body.get("stream"):
                    self._send_stream(body, answer)
                else:
                    self._send_json(200, _completion(body, answer, owner.piece_size), {})

    def log_message(self, *_: object) -> None:
        """Keep the output of tests clean."""

    def _send_fault(self, fault: Fault) -> None:
        error = {"message": fault.message, "type": fault.kind, "param": fault.param, "code": fault.code}
        self._send_json(fault.status, {"error": error}, fault.headers)

    def _send_json(self, status: int, content: Body, headers: dict[str, str]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        sent = {
            **self._HEADERS,
            "content-type": "application/json",
            "content-length": str(len(data)),
            **headers,
        }
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _send_stream(self, body: Body, answer: Answer) -> None:
        self.send_response(200)
        sent = {**self._HEADERS, "content-type": "text/event-stream", "transfer-encoding": "chunked"}
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        for count, event in enumerate(_events(body, answer, self.server.owner.piece_size)):
            # The first event brings the role alone, so `count` pieces of text have gone out here.
            if count and count - 1 == answer.cut_after:
                self.close_connection = True
                return
            if count and count - 1 == answer.hold_after:
                self.server.owner.wait()
            self._send_event(json.dumps(event))
        self._send_event("[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def _send_event(self, data: str) -> None:
        event = f"data: {data}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
        self.wfile.flush()


def _events(body: Body, answer: Answer, piece_size: int) -> Iterator[Body]:
    wants_usage = (body.get("stream_options") or {}).get("include_usage", False)

    def event(choices: list[Body], usage: Body | None = None) -> Body:
        return {**_frame(body, "chat.completion.chunk"), "choices": choices} | ({"usage": usage} if wants_usage else {})

    def choice(delta: Body, finish_reason: str | None = None) -> list[Body]:
        return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}]

    name = _reply_function(body) if not answer.calls else None
    opening: Body = {"role": "assistant", "content": None if name else ""}
    if name:
        opening["tool_calls"] = [_tool_call(name, "")]
    yield event(choice(opening))
    if answer.reasoning:
        yield event(choice({"reasoning_content": answer.reasoning}))
    for piece in _pieces(answer.refusal or answer.text, piece_size):
        if answer.refusal:
            yield event(choice({"refusal": piece}))
        elif name:
            yield event(choice({"tool_calls": [_more(0, piece)]}))
        else:
            yield event(choice({"content": piece}))
    for index, (tool, arguments) in enumerate(answer.calls):
        yield event(choice({"tool_calls": [_tool_call(tool, "", index)]}))
        for piece in _pieces(arguments, piece_size):
            yield event(choice({"tool_calls": [_more(index, piece)]}))
    has_calls = name is not None or answer.calls
    yield event(choice({}, "tool_calls" if has_calls and answer.finish_reason == "stop" else answer.finish_reason))
    if wants_usage:
        yield event([], _usage(body, answer, piece_size))


def _completion(body: Body, answer: Answer, piece_size: int) -> Body:
    name = _reply_function(body) if not answer.calls else None
    message: Body = {"role": "assistant", "content": None if name else answer.text, "refusal": answer.refusal}
    calls = ((name, answer.text),) if name else answer.calls
    if calls:
        message["tool_calls"] = [_tool_call(tool, arguments, index) for index, (tool, arguments) in enumerate(calls)]
    return {
        **_frame(body, "chat.completion"),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish_reason}],
        "usage": _usage(body, answer, piece_size),
    }


def _frame(body: Body, kind: str) -> Body:
    return {"id": "chatcmpl-test", "object": kind, "created": 1700000000, "model": body["model"]}


def _reply_function(body: Body) -> str | None:
    """Return the function that is the reply: the one that strict mode holds to its schema."""
    functions = (tool["function"] for tool in body.get("tools", ()))
    return next((function["name"] for function in functions if function.get("strict")), None)


def _tool_call(name: str, arguments: str, index: int = 0) -> Body:
    function = {"name": name, "arguments": arguments}
    return {"index": index, "id": f"call_test_{index}", "type": "function", "function": function}


def _more(index: int, arguments: str) -> Body:
    return {"index": index, "function": {"arguments": arguments}}


def _pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def _usage(body: Body, answer: Answer, piece_size: int) -> Body:
    read = len(_pieces(json.dumps(body["messages"]), piece_size))
    written = len(_pieces(answer.text, piece_size))
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": 0},
    }
