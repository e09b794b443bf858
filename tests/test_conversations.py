"""Conversations as people hold them: what is said, what the model replies, and what comes out.

The table is `data/conversations.yaml`; its machines are written here.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, RemoveMessage, ToolMessage
from machines import CONFIG, DRIVERS, Drive, Json, Talk, machine, reply, state, to
from tables import read_table

from fsm_langgraph import FSMError


def asking(key: str, *transitions: Json, **options: Any) -> Json:
    """Write a state that asks for a key, under the key's name."""
    return state(f"ask_{key}", *transitions, required_context_keys=[key], **options)


EMERGENCY = {**to("help", "pain", priority=1), "description": "The user is in pain"}
HOURS = {**to("hours"), "description": "The user asks when you are open", "return": True}
CONFIRMED = to("paid", "yes")
CONFIRMED["conditions"][0]["confirms"] = ["sum"]
CARD = machine(
    state("card", to("code", "card"), required_context_keys=["card"]),
    state("code", to("paid", "code"), required_context_keys=["code"]),
    state("paid"),
)
MACHINES: dict[str, Json] = {
    "TABLE": machine(
        state("welcome", to("ask_name")),
        asking("name", to("ask_day", "name"), ask="missing"),
        asking("day", to("ask_guests", "day"), to("ask_name"), ask="missing"),
        asking("guests", to("summary", "guests"), ask="missing"),
        state(
            "summary",
            to("booked", "confirmed"),
            to("change"),
            required_context_keys=["confirmed"],
            forget=["confirmed"],
        ),
        state("change", to("summary")),
        state("booked"),
        state("hours"),
        global_transitions=[HOURS],
    ),
    "CLINIC": machine(
        state("welcome", to("ask_name")),
        asking("name", to("menu", "name")),
        state("menu", to("ask_complaint"), to("bill"), to("goodbye")),
        asking("complaint", to("judge", "complaint"), to("menu")),
        state("judge", to("visit", "serious"), to("rest", "harmless"), listens=False),
        state("visit", to("booked"), silent=True),
        state("bill", to("menu", "card"), subflow="card", outputs=["card"]),
        state("rest", to("menu")),
        state("booked"),
        state("goodbye"),
        state("help", to("goodbye", "safe")),
        state("hours"),
        global_transitions=[EMERGENCY, HOURS],
        subflows={"card": CARD},
    ),
    "BASKET": machine(
        state("add", to("add"), to("paid"), required_context_keys=["item"]),
        state("paid"),
    ),
    "QUIZ": machine(
        state("question", to("mark", "answer"), required_context_keys=["answer"], forget=["answer"]),
        state(
            "mark",
            to("won", logic={"==": [{"var": "answer"}, "Paris"]}),
            to("question", priority=200),
            silent=True,
        ),
        state("won"),
    ),
    "DRILL": machine(
        state("card", to("turn", "word"), to("end"), required_context_keys=["word"], forget=["word"]),
        state("turn", to("card"), silent=True),
        state("end"),
    ),
    "HOTELS": machine(
        state("collect", to("search", "city"), required_context_keys=["city"], decision="logic"),
        state("search", to("results"), silent=True),
        state("results", to("collect")),
    ),
    "ROUTES": machine(
        asking("origin", to("ask_goal", "origin")),
        asking("goal", to("offer", "goal")),
        state("offer", to("sell", "date", fires=False), required_context_keys=["date"]),
        state("sell", to("sold"), silent=True),
        state("sold"),
    ),
    "DONOR": machine(
        asking("amount", to("pay", "amount")),
        state("pay", to("thanks"), silent=True),
        state("thanks"),
    ),
    "SURVEY": machine(
        asking("age", to("ask_town", "age")),
        asking("town", to("done", "town")),
        state("done"),
    ),
    "PROFILE": machine(
        state("start", to("ask_mail"), to("ask_phone", ask="missing"), to("done")),
        asking("mail", to("check", "mail"), ask="missing"),
        asking("phone", to("check", "phone")),
        state("check", to("start", "more"), to("done", "sure")),
        state("done"),
    ),
    "STUCK": machine(
        asking("city", to("search", "city")),
        state("search", to("results", "found"), silent=True),
        state("results"),
    ),
    "ESSAY": machine(
        asking("essay", to("mark", "essay"), forget=["essay"]),
        state("mark", to("passed", "good"), to("ask_essay", priority=200), listens=False),
        state("passed"),
    ),
    "SHOUT": machine(
        asking("word", to("end", "word", fires=True)),
        state("end"),
    ),
    "WARD": machine(
        state("menu", to("bill"), to("end")),
        state("bill", to("end", "card"), subflow="card", outputs=["card"]),
        state("help", to("menu")),
        state("end"),
        global_transitions=[EMERGENCY],
        subflows={"card": CARD},
    ),
    "NAMESAKE": machine(
        state("menu", to("sub"), global_transitions=False),
        state("sub", to("menu"), subflow="inner"),
        state("help", to("menu")),
        global_transitions=[to("help", "alarm", fires=False)],
        subflows={"inner": machine(state("in", to("help", "x")), state("help", to("out", "y")), state("out"))},
    ),
    "PARCEL": machine(
        asking("address", to("ask_size", "address"), ask="missing"),
        asking("size", to("sent", "size")),
        state("sent"),
        global_transitions=[{"target_state": "ask_address", "description": "The user wants another address"}],
    ),
    "TRANSFER": machine(
        state("menu", to("pay")),
        state("pay", to("menu"), subflow="order"),
        state("hours"),
        global_transitions=[HOURS],
        subflows={
            "order": machine(
                asking("sum", to("sure", "sum")),
                state("sure", CONFIRMED, required_context_keys=["yes"]),
                state("paid"),
            )
        },
    ),
    "GUESTS": machine(
        state("start", to("ask_day", "day"), to("ask_room", "room", fires=True)),
        asking("day", to("booked", "guest"), ask="missing"),
        asking("room", to("booked", "guest"), ask="missing"),
        state("booked"),
    ),
    "SORTED": machine(
        state(
            "ask_age",
            to("adult", logic={">=": [{"var": "age"}, 18]}),
            to("child", "age"),
            required_context_keys=["age"],
            decision="logic",
        ),
        state("adult", to("ask_age")),
        state("child", to("ask_age")),
    ),
}


@dataclass(frozen=True)
class Turn:
    """One turn of a conversation: what comes in, and what must come out."""

    replies: list[Any]
    says: Any = None
    """One message, a list of several, or none; one of somebody else's names its kind."""
    context: Json | None = None
    """What the caller writes with it."""
    removes: int = 0
    """How many of the messages at the end somebody removes before it."""
    fails: bool = False
    outcome: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One conversation of the table."""

    fact: str
    machine: str
    turns: list[Turn]

    def __str__(self) -> str:
        return self.fact


def turn_of(row: Json) -> Turn:
    """Read one turn of a row; what is no input is what must come out."""
    given = {name: row[name] for name in ("says", "context", "removes", "fails") if name in row}
    outcome = {name: part for name, part in row.items() if name not in (*given, "replies")}
    return Turn([written(each) for each in row.get("replies", ())], outcome=outcome, **given)


def written(short: Any) -> Any:
    """Write out a reply of the table."""
    match short:
        case {"to": target}:
            told = {name: part for name, part in short.items() if name not in ("to", "say")}
            return reply(target, short.get("say", "…"), also=told)
    return short


def message(written: Any) -> AnyMessage:
    """Write out a message of the table."""
    match written:
        case {"calls": tool}:
            return AIMessage("", tool_calls=[{"name": tool, "args": {}, "id": "1"}])
        case {"tool": answer}:
            return ToolMessage(answer, tool_call_id="1")
        case {"remark": text}:
            return AIMessage(text)
    return HumanMessage(written)


def messages(says: Any) -> list[AnyMessage]:
    """Write out what is said in a turn."""
    said = says if isinstance(says, list) else [] if says is None else [says]
    return [message(each) for each in said]


def remove_last(talk: Talk, number: int) -> None:
    """Remove messages at the end of a conversation, as a front end does that lets people take something back."""
    if number:
        removed = [RemoveMessage(str(each.id)) for each in talk.values["messages"][-number:]]
        talk.graph.update_state(CONFIG, {"messages": removed})


def unanswered(told: list[Any]) -> list[str]:
    """Return the user's messages at the end of a prompt."""
    answers = [at for at, each in enumerate(told) if each.type == "ai" and not each.tool_calls]
    return [each.text for each in told[max(answers, default=0) :] if each.type == "human"]


def outcome(talk: Talk, first: int) -> Json:
    """Tell what a turn has come to.

    Args:
        talk: The conversation.
        first: The number of the turn's first call.
    """
    calls = talk.model.calls[first:]
    return {
        **talk.record,
        "data": talk.values["context"],
        "shown": talk.said[-1],
        "calls": [call["mode"] for call in talk.record["model_calls"]],
        "heard": unanswered(calls[0].messages) if calls else [],
    }


ROWS = [
    Row(row["fact"], row["machine"], [turn_of(each) for each in row["turns"]])
    for row in read_table(Path(__file__).parent / "data" / "conversations.yaml")
]


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_conversation_comes_to(row: Row, drive: Drive) -> None:
    talk = Talk(MACHINES[row.machine], [reply for turn in row.turns for reply in turn.replies], drive)
    for turn in row.turns:
        first = len(talk.model.calls)
        with pytest.raises(FSMError) if turn.fails else nullcontext():
            drive(talk.graph, {"messages": messages(turn.says), "context": turn.context or {}}, CONFIG)
        assert len(talk.model.calls) == first + len(turn.replies)
        found = outcome(talk, first) if turn.outcome else {}
        assert {name: found[name] for name in turn.outcome} == turn.outcome
