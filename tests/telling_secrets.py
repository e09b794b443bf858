"""A bank with secrets of every kind, and all that a conversation with it emits: where a secret is looked for."""

from __future__ import annotations

import base64
import json
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from typing import Annotated, Any
from urllib.parse import quote

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import ToolMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import InjectedToolCallId, tool
from langchain_core.tracers.base import BaseTracer
from langchain_core.tracers.schemas import Run
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.prebuilt import InjectedState
from langgraph.types import Command, interrupt
from machines import AT_ONCE, Json, accepted, machine, reply, state, to
from orders import calling

from fsm_langgraph import ContextError, Event, Graph, HandlerError, Handlers, compile_fsm
from fsm_langgraph.models.scripted import ScriptedModel

Way = Callable[[Graph, Any, RunnableConfig], Iterable[Any]]
"""A way to run a turn, and what it gives."""
PIN, IBAN, OTP, RECEIPT, NOTE, OTHER = (
    'Qx7/Ünï "secret"+4711~aa',
    "Wz8/Ünï 'secret'+4712~bb",
    "Ev9/Ünï secret+4713~cc",
    "Rk6/Ünï secret+4714~dd",
    "Ty5/Ünï secret+4715~ee",
    "Up4/Ünï secret+4716~ff",
)
"""The values: the caller's, a handler's, the model's, a sub-machine's, a tool's, and one that replaces the first."""
SECRETS = (PIN, IBAN, OTP, RECEIPT, NOTE, OTHER)

CARD = {
    **machine(
        state("enter", to("paid", "ok", "code"), required_context_keys=["ok"]),
        state("paid"),
        name="card",
        check={"accept": [accepted("one-way-answer", "Nobody who pays says no.")]},
    ),
    "context": {
        "ok": {"type": "boolean"},
        "code": {"type": "string", "secret": True, "written_by": "caller"},
        "number": {"type": "string", "secret": True, "written_by": "handler"},
    },
}
BANK = {
    **machine(
        state(
            "ask",
            to("pay", "name", "pin", logic={">": [{"var": "account.balance"}, 100]}),
            required_context_keys=["name"],
            optional_context_keys=["otp"],
            tools=["balance"],
        ),
        state("pay", to("more", "receipt"), subflow="card", inputs={"code": "pin"}, outputs={"number": "receipt"}),
        state("more", to("end", "thanks"), required_context_keys=["thanks"]),
        state("end"),
        name="bank",
        check={"accept": [accepted("typed-secret", "A secret of the model is one of every kind.")]},
    ),
    "context": {
        "name": {"type": "string"},
        "thanks": {"type": "string"},
        "pin": {"type": "string", "pattern": "^[^\t]+$", "secret": True, "written_by": "caller"},
        "account": {"type": "object", "secret": True, "written_by": "handler"},
        "note": {"type": "string", "secret": True, "written_by": "handler"},
        "otp": {"type": "string", "secret": True},
        "receipt": {"type": "string", "secret": True, "written_by": "handler"},
    },
    "subflows": {"card": CARD},
}
"""A machine with a sub-machine, which writes secrets in every way that there is."""

REPLIES = [
    calling("balance"),
    f'No JSON, and a secret: {{"otp": "{OTP}"',
    reply("pay", "REFUSED", name="Ann", otp=OTP),
    "Is it ok?",
    reply("paid", "REFUSED", ok=True),
    "Anything else?",
    reply("end", "Bye.", thanks="yes"),
]


@tool
def balance(
    tool_call_id: Annotated[str, InjectedToolCallId], state: Annotated[dict[str, Any], InjectedState]
) -> Command[Any]:
    """Look the balance up."""
    assert state["context"]["pin"] == PIN
    return Command(update={"context": {"note": NOTE}, "messages": [ToolMessage("500", tool_call_id=tool_call_id)]})


class Code:
    """The bank's own code, which notes what it is given; a handler fails the first time, and asks a person then."""

    def __init__(self) -> None:
        self.seen: list[Json] = []
        self.has_failed = False

    @property
    def handlers(self) -> Handlers:
        """The handlers."""
        handlers = Handlers()
        handlers.on("PRE_PROCESSING", state="ask")(self.look_up)
        handlers.on("PRE_PROCESSING", state="pay/enter")(self.print_receipt)
        return handlers

    def look_up(self, event: Event) -> Json:
        """Write a secret."""
        self.seen.append({**event.context})
        return {"account": {"iban": IBAN, "balance": 500}}

    def print_receipt(self, event: Event) -> Json:
        """Write a secret of the sub-machine."""
        self.seen.append({**event.context})
        if not self.has_failed:
            self.has_failed = True
            raise RuntimeError("the printer is broken")
        assert interrupt("May it be paid?") == "yes"
        return {"number": RECEIPT}


def bank(saver: BaseCheckpointSaver[Any] | None, code: Code) -> Graph:
    """Compile the bank."""
    model = ScriptedModel(replies=REPLIES)
    options: Json = {"checkpointer": saver, "retry_policy": AT_ONCE, "reasoning": True}
    return compile_fsm(BANK, model, handlers=code.handlers, tools=[balance], **options)


TURNS: list[tuple[Any, type[Exception] | None]] = [
    ({"messages": [("user", "Ann")], "context": {"pin": f"{PIN}\t{PIN}"}}, ContextError),
    ({"messages": [("user", "Ann")], "context": {"pin": PIN}}, None),
    ({"messages": [("user", "it is ok")], "context": {"pin": PIN}}, HandlerError),
    ({"messages": [("user", "it is ok")]}, None),
    (Command(resume="yes", update={"context": {"pin": OTHER}}), None),
    ({"messages": [("user", "thanks")]}, None),
]
"""The inputs of a conversation, and the errors that they come to."""


def hold(graph: Graph, way: Way, config: RunnableConfig) -> Iterator[Any]:
    """Hold the conversation in one way; yield all that it gives, errors included."""
    for given, error in TURNS:
        with pytest.raises(error) if error is not None else nullcontext() as failed:
            yield from way(graph, given, config)
        if failed is not None:
            yield traceback.format_exception(failed.value)


def forms_of(secret: str) -> Iterator[str]:
    """Yield the forms in which a text may be found out."""
    data = secret.encode()
    yield from (secret, secret[::-1], quote(secret), quote(secret, safe=""), data.hex(), data.hex().upper())
    yield json.dumps(secret)[1:-1]
    yield json.dumps(json.dumps(secret))[3:-3]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield repr(data)[2:-1]
    for offset in range(3):
        whole = base64.b64encode(b"x" * offset + data).decode()
        yield whole[4 if offset else 0 : len(whole) - 4]
        yield base64.urlsafe_b64encode(b"x" * offset + data).decode()[4 if offset else 0 : len(whole) - 4]


def found_in(told: str) -> list[str]:
    """Return the secrets that a text tells, in whatever form."""
    return [secret for secret in SECRETS if any(form in told for form in forms_of(secret))]


class Watcher(BaseCallbackHandler):
    """Writes down all that callbacks are told."""

    def __init__(self) -> None:
        self.told: list[str] = []


def _noting(name: str) -> Callable[..., None]:
    def note(self: Watcher, *given: Any, **named: Any) -> None:
        self.told.append(f"{name} {given!r} {named!r} {json.dumps([given, named], default=str)}")

    return note


for _name in [name for name in dir(BaseCallbackHandler) if name.startswith("on_")]:
    setattr(Watcher, _name, _noting(_name))


class Tracer(BaseTracer):
    """Writes down the runs that a tracer would send away, as one for LangSmith does."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def _persist_run(self, run: Run) -> None:
        self.told += [repr(run), run.model_dump_json(fallback=str)]
