"""A model behind HTTP, which speaks OpenAI's `/v1/chat/completions` on 127.0.0.1 in a process of its own.

    with ModelServer() as server:
        server.script("form", ["Hello!", [("find", '{"id": 7}')]], first_delay=0.3, delay=0.02)
        model = server.chat_model("form")  # or any client, told that OpenAI is at server.url("form")
        ...
        sum(request.tokens for request in server.log("form"))

So it shares no interpreter lock with what is measured, and all who are measured talk to the same model. Its streams are
of pieces of four characters, which count as a token; calls and tokens are counted here, in the same way for everyone.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from benchmarks.model_process import Reply, Request

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI


class ModelServer:
    """The server; a context manager."""

    def __enter__(self) -> Self:
        command = [sys.executable, str(Path(__file__).with_name("model_process.py"))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None, "the output is a pipe"
        self._port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # it ends when its input does

    def url(self, name: str) -> str:
        """Say where a script is played: the base URL for a client of OpenAI's API."""
        return f"http://127.0.0.1:{self._port}/{name}/v1"

    def script(
        self,
        name: str,
        replies: Sequence[Reply] | Mapping[str, Sequence[Reply]],
        *,
        first_delay: float = 0.0,
        delay: float = 0.0,
        repeat: bool = False,
        keep: bool = False,
    ) -> None:
        """Set what is said under a name, and forget what was asked for there before.

        Args:
            name: A word; each has a URL of its own.
            replies: What to say, one reply for each request. Or such lists by texts: the first text that is found in
                a request's body, as it is sent, says which list; the empty text is found in all.
            first_delay: Seconds from a request to the first piece of its reply.
            delay: Seconds from each piece to the next.
            repeat: Whether a list begins anew at its end; otherwise a further request is an error.
            keep: Whether to keep all that is sent, for `bodies`.
        """
        lists = replies if isinstance(replies, Mapping) else {"": replies}
        script = {"replies": dict(lists), "first_delay": first_delay, "delay": delay, "repeat": repeat, "keep": keep}
        self._ask("PUT", name, json.dumps(script))

    def log(self, name: str) -> list[Request]:
        """Tell which requests were answered under a name."""
        return [Request(**told) for told in self._ask("GET", name)["log"]]

    def body(self, name: str) -> dict[str, Any]:
        """Return the last request under a name, as it was sent; empty where there was none."""
        return (self.bodies(name) or [{}])[-1]

    def bodies(self, name: str) -> list[dict[str, Any]]:
        """Return all requests under a name, as they were sent; only the last one where they were not to be kept."""
        sent: list[dict[str, Any]] = self._ask("GET", name)["bodies"]
        return sent

    def chat_model(self, name: str, **options: Any) -> ChatOpenAI:
        """Make the chat model of LangChain's that talks to a script; no proxy of the user's comes between."""
        from langchain_openai import ChatOpenAI
        from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
        from pydantic import SecretStr

        return ChatOpenAI(
            **{"model": "scripted", "stream_usage": True, "max_retries": 0, **options},
            base_url=self.url(name),
            api_key=SecretStr("none"),
            http_client=DefaultHttpxClient(trust_env=False),
            http_async_client=DefaultAsyncHttpxClient(trust_env=False),
        )

    def _ask(self, method: str, name: str, body: str | None = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port)
        try:
            connection.request(method, f"/{name}", body)
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise LookupError(answer["error"]["message"])
        return answer
