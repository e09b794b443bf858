"""A conversation with everything in it that is stored: handlers, an interrupt, a sub-machine, errors, older messages.

Each text in it, of the user, the model, a handler or the caller, has the word ZEBRA.
"""

from __future__ import annotations

import base64
import operator
from collections.abc import Iterable
from typing import Annotated, Any

import pytest
from langgraph.types import Command, interrupt
from machines import machine, reply, state, to
from typing_extensions import TypedDict

from fsm_langgraph import LLM_FSM, Event, HandlerError, Handlers, ScriptedModel

WORD = "ZEBRA"
CONFIG: Any = {"configurable": {"thread_id": "c"}}
TALK = machine(
    state("ask", to("check", "thing"), required_context_keys=["thing"]),
    state("check", to("pay", "approved"), silent=True),
    state("pay", to("end", "number"), subflow="payment", outputs={"number": "number"}),
    state("end"),
    subflows={
        "payment": machine(state("card", to("paid", "number"), required_context_keys=["number"]), state("paid")),
    },
)
REPLIES = [
    "ZEBRA hi",
    reply("check", thing="ZEBRA lamp"),
    "ZEBRA card?",
    reply("paid", number="ZEBRA 1234"),
    *["ZEBRA bye"] * 5,
]


class Notes(TypedDict):
    """Channels of one's own: a text, which a database may keep as it is, and others."""

    note: str
    notes: Annotated[list[str], operator.add]


def talker(db: Any, key: Any = None, **options: Any) -> LLM_FSM:
    """Hold the conversation's machine."""
    handlers = Handlers()
    failures = iter((True,))

    @handlers.on("POST_TRANSITION", state="check")
    def approve(_: Event) -> Any:
        return {"approved": interrupt({"question": "ZEBRA question"})}

    @handlers.on("PRE_PROCESSING", state="pay/card")
    def look(_: Event) -> Any:
        if next(failures, False):
            raise ValueError("ZEBRA error")
        return {"seen": "ZEBRA seen"}

    model = ScriptedModel(replies=REPLIES)
    made = {"messages_limit": 2, "history_limit": 1, "state_schema": Notes, "handlers": handlers, **options}
    return LLM_FSM(TALK, model, db=db, encryption_key=key, **made)


def hold(fsm: LLM_FSM) -> None:
    """Hold the conversation to its end, and beyond."""
    fsm.converse("", "c", {"given": "ZEBRA given"})
    fsm.graph.update_state(CONFIG, {"note": "ZEBRA note", "notes": ["ZEBRA list"]}, as_node="ask")
    fsm.converse("a ZEBRA lamp", "c", message_id="m-1")
    fsm.graph.invoke(Command(resume="ZEBRA yes"), CONFIG)
    with pytest.raises(HandlerError, match="ZEBRA error"):
        fsm.converse("ZEBRA number", "c")
    for said in ("ZEBRA number", "ZEBRA 1", "ZEBRA 2", "ZEBRA 3"):
        fsm.converse(said, "c")


def found_in(stored: bytes, word: str = WORD) -> list[str]:
    """Name the forms in which a word stands in what is stored."""
    raw = word.encode()
    # At each of the three places in a group of three bytes: the characters that hang on the word alone.
    encoded = {base64.b64encode(bytes(n) + raw)[-(-8 * n // 6) : 8 * (n + len(raw)) // 6] for n in range(3)}
    forms: dict[str, Iterable[bytes]] = {
        "plain": [raw],
        "reversed": [raw[::-1]],
        "hex": [raw.hex().encode(), raw.hex().upper().encode()],
        "UTF-16": [word.encode("utf-16-le")],
        "base64": encoded,
    }
    return [form for form, texts in forms.items() if any(text in stored for text in texts)]
