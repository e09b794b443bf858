"""A server on 127.0.0.1 that answers by a script, in any of the wire formats.

    with WireServer(Anthropic(), ["Hello!", Fault(429, "slow down")]) as server:
        model = ChatAnthropic(base_url=server.root, …)

`Answer` and `Fault` say what goes wrong and when; `hold_after` lets a test see that a piece arrived before the next one
was written.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self

from wire.answers import Answer, Body, Fault, Format, Hang, Reaction, Script

WAIT = 60.0
"""Seconds after which a held stream gives up, so that a failing test ends."""


class WireServer:
    """The server; a context manager.

    Args:
        format: The format that it speaks.
        script: What to say, one for each request; or a function of the request's body. The last one of a list is said
            again and again.
        piece_size: How many characters a streamed piece has.
        keeps_connections: Whether a connection outlives its response.
        holds_to_schema: Whether a model that is given a schema can do nothing but fill it, as with llama.cpp: it then
            calls no tool.
    """

    def __init__(
        self,
        format: Format,  # noqa: A002 - the word for it
        script: Script = ("Hello!",),
        *,
        piece_size: int = 4,
        keeps_connections: bool = True,
        holds_to_schema: bool = False,
    ) -> None:
        self.format = format
        self.requests: list[Body] = []
        """The bodies received, those that were refused included."""
        self.piece_size = piece_size
        self.keeps_connections = keeps_connections
        self.holds_to_schema = holds_to_schema
        self.gave_up = False
        """Whether a held stream went on by itself, since nobody let it."""
        self.closed = threading.Event()
        self._go_on = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.play(script)

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
    def root(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def play(self, script: Script) -> None:
        """Say something else from now on, and forget the requests."""
        self._react = script if callable(script) else _in_turn(script)
        self.requests.clear()

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

    def receive(self, body: Body) -> Reaction:
        """Record a request and say what comes of it."""
        with self._lock:
            self.requests.append(body)
            return self.refusal(body) or self._bound(body, self._react(body))

    def refusal(self, body: Body) -> Fault | None:  # noqa: ARG002 - a server that refuses some looks at it
        """Refuse a request, whatever the script says."""
        return None

    def _bound(self, body: Body, reaction: Reaction) -> Reaction:
        schema = self.format.schema(body) if self.holds_to_schema else None
        is_call = isinstance(reaction, Answer) and reaction.calls
        return Answer(json.dumps(_filled(schema))) if schema is not None and is_call else reaction


def _in_turn(script: Iterable[Reaction]) -> Callable[[Body], Reaction]:
    reactions = list(script)

    def react(_: Body) -> Reaction:
        return reactions.pop(0) if len(reactions) > 1 else reactions[0]

    return react


def _filled(schema: Body) -> Any:
    """Fill a schema with the first thing that fits, as a model does that can do nothing else."""
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _filled(schema["anyOf"][0])
    if schema.get("type") == "object":
        return {name: _filled(inner) for name, inner in schema.get("properties", {}).items()}
    return {"array": [], "string": "Made up."}.get(schema.get("type", ""))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, owner: WireServer) -> None:
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
                self._send_json(fault.status, owner.format.fault(fault), fault.headers)
            case Answer() | str() as said:
                answer = Answer(said) if isinstance(said, str) else said
                if owner.format.is_streamed(self.path, body):
                    self._send_stream(body, answer)
                else:
                    self._send_json(200, owner.format.whole(body, answer, owner.piece_size), {})

    def log_message(self, *_: object) -> None:
        """Keep the output of tests clean."""

    def _send_json(self, status: int, content: Body, headers: dict[str, str]) -> None:
        data = json.dumps(content).encode()
        length = {"content-length": str(len(data))}
        self._send_head(status, {"content-type": "application/json", **length, **headers})
        self.wfile.write(data)

    def _send_head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        kept = {} if self.server.owner.keeps_connections else {"connection": "close"}
        for name, value in {**self._HEADERS, **headers, **kept}.items():
            self.send_header(name, value)
        self.end_headers()

    def _send_stream(self, body: Body, answer: Answer) -> None:
        owner = self.server.owner
        self._send_head(200, {"content-type": owner.format.content_type, "transfer-encoding": "chunked"})
        sent = 0
        for event in owner.format.events(body, answer, owner.piece_size):
            if event.part != "opening" and sent == answer.cut_after:
                self.close_connection = True
                return
            if event.part != "opening" and sent == answer.hold_after:
                while answer.idles and not owner.closed.wait(0.01):
                    self._send_chunk(owner.format.empty(body) if answer.idles == "empty" else b": alive\n\n")
                owner.wait()
            if event.part == "piece":
                owner.closed.wait(answer.pause)
            self._send_chunk(owner.format.frame(json.dumps(event.data), event.name))
            sent += event.part == "piece"
        if owner.format.last_data:
            self._send_chunk(owner.format.frame(owner.format.last_data))
        self.wfile.write(b"0\r\n\r\n")

    def _send_chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()
