"""Deadlines are read from what people give, and hold for everything that a turn wants from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, interrupt
from machines import CARD, CONFIG, DRIVERS, FORM, Drive, Talk, given, machine, reply, state, to
from orders import ORDERS, calling, with_tool

from fsm_langgraph import DeadlineError, Deadlines, Event, Handlers
from fsm_langgraph.effects import TurnTime, deadlines
from fsm_langgraph.effects.deadlines import are_deadlines, read_deadlines
from fsm_langgraph.graph.turn_times import TurnTimes

TIME = 60.0
ANN = reply("ask_email", "Your e-mail?", name="Ann")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (None, None),
        (20, Deadlines(turn=20)),
        (0.5, Deadlines(turn=0.5)),
        ({"first_token": 10, "turn": None}, Deadlines(first_token=10)),
        (Deadlines(between_tokens=3), Deadlines(between_tokens=3)),
        ({}, None),
        (Deadlines(), None),
    ],
    ids=str,
)
def test_deadlines_are_read(given: Any, meant: Deadlines | None) -> None:
    assert are_deadlines(given)
    assert read_deadlines(given) == meant


@pytest.mark.parametrize(
    "given", [0, -1, True, "20", float("nan"), float("inf"), {"trun": 3}, {"turn": 0}, Deadlines(turn=-1), [3]], ids=str
)
def test_what_makes_no_sense_is_none(given: Any) -> None:
    assert not are_deadlines(given)


Pass = Callable[[float], None]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Pass:
    """Lets the turn's time pass; by itself it stands still."""
    passed = [0.0]
    monkeypatch.setattr(deadlines, "monotonic", lambda: sum(passed))
    return passed.append


def test_the_time_of_a_turn_runs_from_where_it_is_made(wait: Pass) -> None:
    over, unbounded = TurnTime(Deadlines(turn=TIME)), TurnTime(Deadlines(first_token=TIME))
    over.check("ask")
    wait(TIME)
    with pytest.raises(DeadlineError) as caught:
        over.check("ask")
    assert (caught.value.state, caught.value.deadline) == ("ask", "turn")
    assert unbounded.left is None
    unbounded.check("ask")
    over.stop()
    over.check("ask")


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_handler_that_is_late_comes_to_its_end_and_nothing_follows_it(wait: Pass, drive: Drive) -> None:
    ran: list[str] = []
    handlers, saver = Handlers(), InMemorySaver()

    @handlers.on("PRE_PROCESSING", priority=1)
    def late(_: Event) -> None:
        wait(TIME)
        ran.append("late")

    @handlers.on("PRE_PROCESSING", priority=2)
    def following(_: Event) -> None:
        ran.append("next")

    talk = Talk(FORM, [ANN], drive, handlers=handlers, deadlines=TIME, saver=saver)
    with pytest.raises(DeadlineError):
        talk.say("Ann")
    assert (ran, talk.model.calls) == (["late"], [])
    again = Talk(FORM, [ANN], drive, handlers=handlers, saver=saver)
    assert again.say("Ann") == "Your e-mail?"
    assert ran == ["late", "next"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_no_tool_is_called_when_the_time_is_over(wait: Pass, drive: Drive) -> None:
    called: list[str] = []

    def find(order: str) -> str:
        called.append(order)
        wait(TIME)
        return "found"

    calls = calling(("find", {"order": "7"}), ("find", {"order": "8"}))
    talk = Talk(ORDERS, [calls], drive, tools=with_tool("find", find), deadlines=TIME)
    with pytest.raises(DeadlineError):
        talk.say("where are 7 and 8?")
    assert called == ["7"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_an_error_handler_has_the_time_that_it_takes(wait: Pass, drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("PRE_PROCESSING")(lambda _: wait(TIME))
    handlers.on("ERROR")(lambda event: f"Sorry: {type(event.error).__name__}.")
    talk = Talk(FORM, drive=drive, handlers=handlers, deadlines=TIME)
    assert talk.say("Ann") == "Sorry: DeadlineError."


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_time_is_one_for_all_states_of_a_turn(wait: Pass, drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("POST_TRANSITION")(lambda _: wait(TIME * 0.4))
    states = [state(name, to(then), silent=True) for name, then in ("ab", "bc", "cd")]
    passing = machine(*states, state("d", to("end", "x")), state("end"))
    with pytest.raises(DeadlineError):
        Talk(passing, ["Which x?"], drive, handlers=handlers, deadlines=TIME).say()


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_time_holds_in_a_sub_machine(wait: Pass, drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("PRE_PROCESSING", state="pay/card")(lambda _: wait(TIME))
    paying = machine(state("pay", to("end"), subflow="pay"), state("end"), subflows={"pay": CARD})
    told = {**paying, "fallback_message": "Later."}
    assert Talk(told, drive=drive, handlers=handlers, deadlines=TIME).say("hello") == "Later."


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_turn_that_was_paused_has_all_of_its_time(drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("PRE_PROCESSING")(lambda _: interrupt("May I?") and None)
    talk = Talk(FORM, [ANN], drive, handlers=handlers, deadlines=TIME)
    drive(talk.graph, given("Ann"), CONFIG)
    [node] = {id(times): times for times in map(_times, talk.graph.builder.nodes.values()) if times}.values()
    assert node._times == {}
    drive(talk.graph, Command(resume="a@b.org"), CONFIG)
    assert talk.said[-1] == "Your e-mail?"
    assert node._times == {}


def _times(node: Any) -> TurnTimes | None:
    times: TurnTimes | None = getattr(node.runnable, "_times", None)
    return times
