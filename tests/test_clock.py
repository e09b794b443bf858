"""The time of a turn (`_now`) is that at which it first began, in every run of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from handling import handling, plain
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, interrupt
from machines import CONFIG, DRIVERS, Drive, Json, Talk, machine, reply, state, to

from fsm_langgraph import HandlerError, ModelError, ScriptedModel, build_graph
from fsm_langgraph.data.formats import has_format
from fsm_langgraph.turn import beginning
from fsm_langgraph.turn.clock import stopped_at, time_now

OPEN = machine(
    state("ask", to("late", "go", logic={">": [{"var": "_now"}, "2020-01-01"]}), required_context_keys=["go"]),
    state("late", to("ask", "never"), instructions="It is {{_now}}."),
)


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The times that the clock shows, one after the other."""
    shown = [f"2026-11-26T17:00:0{number}Z" for number in range(9)]
    clock: Iterator[str] = iter(shown)
    monkeypatch.setattr(beginning, "time_now", lambda: next(clock))
    return shown


def test_it_is_written_as_keys_of_the_format_are() -> None:
    assert has_format(time_now(), "date-time")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(time_now())).total_seconds() < 60


@pytest.mark.parametrize("drive", DRIVERS)
def test_it_stands_still_for_all_turns_of_a_trial_and_goes_on_after(drive: Drive) -> None:
    talk = Talk(OPEN, ["?", reply("ask", "Hm.")], drive)
    with stopped_at("2026-11-26T18:00:00+01:00"):
        talk.say()
    assert talk.record["machine_keys"] == {"_now": "2026-11-26T17:00:00Z"}
    talk.say("hm")
    assert talk.record["machine_keys"] != {"_now": "2026-11-26T17:00:00Z"}


@pytest.mark.parametrize("drive", DRIVERS)
def test_guards_and_texts_read_it(drive: Drive, times: list[str]) -> None:
    talk = Talk(OPEN, ["?", reply("late", "Late.", go=1), reply("late")], drive)
    talk.say()
    talk.say("go")
    assert (talk.record["landing"], talk.record["machine_keys"]) == ("late", {"_now": times[1]})
    assert talk.values["context"] == {"go": 1}
    talk.say("and?")
    assert f"It is {times[2]}." in talk.prompts[-1]
    assert talk.record["news"] == {}


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_turn_that_waits_for_somebody_keeps_its_time(drive: Drive, times: list[str]) -> None:
    asking = handling(plain, lambda _: {"ok": interrupt("ok?")}, "POST_TRANSITION", state="late")
    talk = Talk(OPEN, ["?", reply("late", "Late.", go=1), "Late."], drive, handlers=asking)
    talk.say()
    talk.drive(talk.graph, {"messages": [("user", "go")]}, CONFIG)
    talk.drive(talk.graph, Command(resume="yes"), CONFIG)
    assert talk.record["machine_keys"] == {"_now": times[1]}


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_message_that_is_sent_again_keeps_the_time_of_what_was_done(drive: Drive, times: list[str]) -> None:
    failures: list[Any] = [ValueError("no"), None]

    def check(_: Any) -> None:
        if (failure := failures.pop(0)) is not None:
            raise failure

    handlers = handling(plain, lambda _: {"booked": 1}, "POST_PROCESSING", name="book")
    handlers.on("POST_TRANSITION", state="late", errors="raise")(check)
    talk = Talk(OPEN, ["?", reply("late", "Late.", go=1), "Late."], drive, handlers=handlers)
    talk.say()
    with pytest.raises(HandlerError):
        talk.say("go")
    talk.say("go")
    assert talk.record["machine_keys"] == {"_now": times[1]}


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_second_turn_of_a_run_has_a_time_of_its_own_and_keeps_it(drive: Drive, times: list[str]) -> None:
    handlers = handling(plain, lambda _: {"booked": 1}, "PRE_PROCESSING", state="ask")
    model = ScriptedModel(replies=["It is late.", ModelError("ask", OSError("down"), transient=False), reply("ask")])
    late = machine(OPEN["states"]["late"], OPEN["states"]["ask"])
    builder = build_graph(late, model, handlers=handlers)
    builder.add_node("crm", lambda _: {"messages": [("user", "hm")]})
    builder.add_sequence(["late", "crm", "ask"])
    graph = builder.compile(InMemorySaver())
    with pytest.raises(ModelError):
        drive(graph, {"messages": []}, CONFIG)

    assert drive(graph, None, CONFIG)["last_turn"]["machine_keys"] == {"_now": times[1]}


INSIDE = machine(state("in", to("out", "z"), instructions="It is {{_now}}.", required_context_keys=["z"]), state("out"))


@pytest.mark.parametrize(
    "late",
    [
        state("late", instructions="It is {{_now}}."),
        state("late", instructions="It is {{_now}}.", visible_context_keys=["go"]),
        state("late", to("end"), subflow="inside"),
    ],
    ids=["a state", "one that is shown little", "a sub-machine"],
)
def test_the_text_of_a_state_ahead_reads_it(late: Json, times: list[str]) -> None:
    asks = state("ask", to("late", "go"), required_context_keys=["go"])
    talk = Talk(machine(asks, late, state("end"), subflows={"inside": INSIDE}), ["?", reply("late", "Late.", go=1)])
    talk.say()
    assert talk.say("go") == "Late."
    assert f"It is {times[1]}." in talk.prompts[-1]


def test_a_machine_that_does_not_read_it_looks_at_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginning, "time_now", lambda: pytest.fail("somebody looked"))
    talk = Talk(machine(state("a", to("b", "x")), state("b")), ["?", reply("a")])
    talk.say()
    talk.say("hm")
