"""Handlers in turns: when each moment comes, what they may write, and what that changes about the turn."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from handling import KINDS, Kind, handling, noting, writing
from langgraph.store.memory import InMemoryStore
from machines import (
    AGAIN,
    BRANCH,
    DECLARED,
    DRIVERS,
    FORM,
    LOGIC,
    THOUGHT,
    TWO_CALLS,
    WELCOME,
    Drive,
    Talk,
    machine,
    reply,
    state,
    to,
)

from fsm_langgraph import Event, HandlerError, Handlers, create_handler
from fsm_langgraph.handlers import MOMENTS

pytestmark = pytest.mark.parametrize("drive", DRIVERS)
either_kind = pytest.mark.parametrize("kind", KINDS)
"""Plain and async handlers alike."""


@dataclass(frozen=True)
class Row:
    """A conversation, and the moments of its last turn."""

    fact: str
    machine: Any
    said: Sequence[str]
    replies: Sequence[Any]
    moments: Sequence[str]

    def __str__(self) -> str:
        return self.fact


ANN = reply("ask_email", "Your e-mail?", name="Ann")
MAIL = reply("done", "Bye!", email="a@b.org")
READ = ("PRE_PROCESSING", "CONTEXT_UPDATE", "POST_PROCESSING")


def reading(state_id: str) -> list[str]:
    """The moments of a message that is read and changes something."""
    return [f"{moment} {state_id}" for moment in READ]


def moving(*states: str) -> list[str]:
    """The moments of a path from state to state."""
    steps = [(f"PRE_TRANSITION {a} > {b}", f"POST_TRANSITION {b} < {a}") for a, b in itertools.pairwise(states)]
    return [moment for step in steps for moment in step]


# fmt: off
MOMENTS_OF_TURNS = [
    Row("a conversation begins without a message", FORM, [""], ["Hi!"], ["START_CONVERSATION ask_name"]),
    Row("a conversation begins with a message", FORM, ["Ann"], [ANN],
        ["START_CONVERSATION ask_name", *reading("ask_name"), *moving("ask_name", "ask_email")]),
    Row("a conversation begins with a message that leads on", WELCOME, ["Ann"], [reply("ask_name", "Your name?")],
        ["START_CONVERSATION welcome", "PRE_PROCESSING welcome", "POST_PROCESSING welcome",
         *moving("welcome", "ask_name")]),
    Row("a later turn without a message", FORM, ["", ""], ["Hi!", "Hm?"], []),
    Row("a message that changes nothing", FORM, ["", "hm"], ["?", reply("ask_name")],
        ["PRE_PROCESSING ask_name", "POST_PROCESSING ask_name"]),
    Row("a vetoed choice", FORM, ["", "hm"], ["?", reply("done"), "Your name?"],
        ["PRE_PROCESSING ask_name", "POST_PROCESSING ask_name"]),
    Row("a reply that is asked for again", FORM, ["", "Ann"], ["?", "no JSON", ANN],
        [*reading("ask_name"), *moving("ask_name", "ask_email")]),
    Row("news leads on from the state that is entered", WELCOME, ["", "Ann"],
        ["Hi!", reply("ask_name", name="Ann"), "Your e-mail?"],
        [*reading("welcome"), *moving("welcome", "ask_name", "ask_email")]),
    Row("several states in one turn", FORM, ["", "Ann, a@b.org"],
        ["?", reply("done", "…", name="Ann", also={"email": "a@b.org"}), "Bye!"],
        [*reading("ask_name"), *moving("ask_name", "ask_email", "done"), "END_CONVERSATION done"]),
    Row("a silent state", BRANCH, ["", "20"], ["?", reply("sort", age=20), "Hi!"],
        [*reading("ask_age"), *moving("ask_age", "sort", "adult")]),
    Row("a step of thought", THOUGHT, ["", "?"],
        ["?", reply("think", question="?"), reply("yes", None, good=True), "Yes!"],
        [*reading("ask"), *moving("ask", "think"), *reading("think"), *moving("think", "yes")]),
    Row("two calls", TWO_CALLS, ["", "1"], ["?", reply("thanks", x=1), "Thanks."],
        [*reading("ask"), *moving("ask", "thanks")]),
    Row("conditions that decide alone", LOGIC, ["", "10"], ["?", reply("small", x=10), "Big."],
        [*reading("ask"), *moving("ask", "big")]),
    Row("a transition to the own state", AGAIN, ["", "again"], ["?", reply("again", again=True)],
        [*reading("ask"), *moving("ask", "ask")]),
    Row("the end", FORM, ["Ann", "a@b.org"], [ANN, MAIL],
        [*reading("ask_email"), *moving("ask_email", "done"), "END_CONVERSATION done"]),
    Row("a message after the end", FORM, ["Ann", "a@b.org", "hm"], [ANN, MAIL, "It is over."], []),
]
# fmt: on


@either_kind
@pytest.mark.parametrize("row", MOMENTS_OF_TURNS, ids=str)
def test_the_moments_of(row: Row, kind: Kind, drive: Drive) -> None:
    handlers, notes = noting(kind)
    talk = Talk(row.machine, row.replies, drive, handlers=handlers)
    for text in row.said[:-1]:
        talk.say(text)
    notes.clear()
    talk.say(row.said[-1])
    assert notes == row.moments


@either_kind
def test_an_event_says_what_was_said_and_what_has_changed(kind: Kind, drive: Drive) -> None:
    seen: list[tuple[str, str, list[str]]] = []
    handlers = handling(kind, lambda e: seen.append((e.moment, e.message, sorted(e.updated))), *MOMENTS)
    Talk(FORM, [ANN], drive, handlers=handlers).say("I am Ann", context={"source": "web"})
    assert seen[1] == ("PRE_PROCESSING", "I am Ann", ["source"])
    assert seen[-1] == ("POST_TRANSITION", "I am Ann", ["name", "source"])


@either_kind
def test_an_event_gives_the_run_context_and_the_store(kind: Kind, drive: Drive) -> None:
    store = InMemoryStore()

    def remember(event: Event) -> None:
        assert event.runtime is not None
        assert event.runtime.store is not None
        event.runtime.store.put(("users",), event.moment, {"said": event.message})

    handlers = handling(kind, remember, *MOMENTS, when=lambda event: event.runtime is not None)
    Talk(FORM, [ANN], drive, handlers=handlers, store=store).say("Ann")
    assert {item.key for item in store.search(("users",))} == {
        "START_CONVERSATION", *READ, "PRE_TRANSITION", "POST_TRANSITION"
    }  # fmt: skip


@either_kind
def test_an_events_context_is_a_copy_through_and_through(kind: Kind, drive: Drive) -> None:
    def meddle(event: Event) -> None:
        event.context["tags"].append("meddled")  # type: ignore[union-attr]  # a list, as the test knows

    talk = Talk(FORM, ["?", ANN], drive, handlers=handling(kind, meddle, *MOMENTS))
    talk.say(context={"tags": ["a"]})
    talk.say("Ann")
    assert talk.values["context"] == {"tags": ["a"], "name": "Ann"}


@either_kind
def test_an_event_gives_the_conversation_so_far(kind: Kind, drive: Drive) -> None:
    seen: dict[str, list[str]] = {}
    handlers = handling(kind, lambda event: seen.update({event.moment: [m.text for m in event.history]}), *MOMENTS)
    talk = Talk(FORM, ["Your name?", ANN], drive, handlers=handlers)
    talk.say()
    talk.say("Ann")
    assert seen["START_CONVERSATION"] == []
    assert seen["PRE_PROCESSING"] == seen["POST_TRANSITION"] == ["Your name?", "Ann"]


@either_kind
def test_an_events_history_is_a_copy_through_and_through(kind: Kind, drive: Drive) -> None:
    def meddle(event: Event) -> None:
        for message in (*event.history, *event.history[:1]):
            message.content = "meddled"
            message.additional_kwargs["meddled"] = True

    talk = Talk(FORM, ["Your name?", ANN], drive, handlers=handling(kind, meddle, *MOMENTS))
    talk.say()
    talk.say("Ann")
    assert [message.text for message in talk.values["messages"]] == ["Your name?", "Ann", "Your e-mail?"]
    assert not any(message.additional_kwargs for message in talk.values["messages"])


@either_kind
def test_an_event_names_the_outermost_machine_and_its_revision(kind: Kind, drive: Drive) -> None:
    seen: set[tuple[str, str, str]] = set()
    handlers = handling(kind, lambda event: seen.add((event.machine, event.revision, event.state)), "PRE_PROCESSING")
    form = {**FORM, "name": "Form"}
    outer = machine(state("form", to("end"), subflow="form"), state("end"))
    talk = Talk({**outer, "name": "Desk", "revision": "7", "subflows": {"form": form}}, [ANN], drive, handlers=handlers)
    talk.say("Ann")
    assert seen == {("Desk", "7", "form/ask_name")}


# Writing


@either_kind
def test_each_handler_sees_what_those_before_it_wrote(kind: Kind, drive: Drive) -> None:
    at = create_handler("it").at("POST_PROCESSING")
    handlers = Handlers(
        [
            at.do(kind(lambda event: {"word": f"{event.context['word']}c"})),
            at.with_priority(1).do(kind(writing(word="a"))),
            at.with_priority(2).when_keys_updated("word").do(kind(lambda e: {"word": f"{e.context['word']}b"})),
        ]
    )
    talk = Talk(FORM, ["?", reply("ask_name")], drive, handlers=handlers)
    talk.say()
    talk.say("hm")
    assert talk.values["context"] == {"word": "abc"}
    assert talk.record["changed"] == ["word"]


@either_kind
@pytest.mark.parametrize("moment", [moment for moment in MOMENTS if moment != "ERROR"])
def test_a_handler_writes_any_declared_key_at_any_moment(moment: str, kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, writing(score=7, customer="c", age="30", plan=None), moment)
    talk = Talk(DECLARED, [ANN, MAIL], drive, handlers=handlers)
    talk.say("Ann")
    talk.say("a@b.org")
    expected = {"name": "Ann", "email": "a@b.org", "score": 7, "customer": "c", "age": 30}
    assert talk.values["context"] == expected


@either_kind
@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"scor": 7}, ["writes 'scor'; did you mean 'score'?"]),
        ({"scor": 7, "score": 7}, []),
        ({"points": 7}, []),
        ({"score": 7}, []),
    ],
    ids=["a letter missing", "both", "another word", "right"],
)
def test_a_key_that_misspells_a_declared_one_is_told_and_written(
    written: dict[str, Any], told: list[str], kind: Kind, drive: Drive, caplog: pytest.LogCaptureFixture
) -> None:
    talk = Talk(DECLARED, [ANN], drive, handlers=handling(kind, writing(**written), "POST_PROCESSING"))
    talk.say("Ann")
    assert written.items() <= talk.values["context"].items()
    place = "handler 'it' at POST_PROCESSING in state 'ask_name' "
    assert [each.removeprefix(place) for each in caplog.messages] == told


@either_kind
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"age": 5}, "ValueError: it writes 'age', but its value is below 18"),
        ({"_turn": 1}, "ValueError: it writes '_turn', but its value is under a key of the machine's"),
        ({1: 1}, "ValueError: it writes '1', but its value is under a key that is not text"),
        ({"score": object()}, "ValueError: it writes 'score', but its value is"),
        ("text", "TypeError: it returned a str, not a dict of keys to write"),
        ([("score", 1)], "TypeError: it returned a list, not a dict of keys to write"),
    ],
    ids=["unfitting", "the machine's", "no text", "no JSON", "a message", "a list"],
)
def test_an_answer_that_cannot_be_taken_fails_the_turn(answer: Any, reason: str, kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, lambda _: answer, "POST_PROCESSING")
    with pytest.raises(HandlerError) as caught:
        Talk(DECLARED, [ANN], drive, handlers=handlers).say("Ann")
    assert str(caught.value).startswith(f"state 'ask_name': handler 'it' failed at POST_PROCESSING: {reason}")


@either_kind
def test_an_answer_that_cannot_be_taken_can_be_passed_over_as_a_whole(kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, writing(score=1, age=5), "POST_PROCESSING", errors="continue")
    talk = Talk(DECLARED, [ANN], drive, handlers=handlers)
    talk.say("Ann")
    assert talk.values["context"] == {"plan": "free", "name": "Ann"}


# Edges that open and close

GATED = machine(
    state(
        "ask",
        to("gold", "vip", fires=True),
        to("done", "name", fires=True),
        to("other", "odd", fires=True),
        required_context_keys=["name"],
    ),
    state("gold"),
    state("done"),
    state("other"),
)


@either_kind
@pytest.mark.parametrize("moment", ["CONTEXT_UPDATE", "POST_PROCESSING", "PRE_TRANSITION"])
@pytest.mark.parametrize(
    ("keys", "landing"),
    [({}, "done"), ({"name": None}, "ask"), ({"name": None, "odd": 1}, "other"), ({"vip": True}, "gold")],
    ids=str,
)
def test_what_a_handler_writes_opens_and_closes_edges_in_the_same_turn(
    keys: Mapping[str, Any], landing: str, moment: str, kind: Kind, drive: Drive
) -> None:
    handlers = handling(kind, writing(**keys), moment)
    talk = Talk(GATED, ["?", reply("ask", "…", name="Ann"), "Well."], drive, handlers=handlers)
    talk.say()
    talk.say("Ann")
    assert talk.values["current_state"] == landing
