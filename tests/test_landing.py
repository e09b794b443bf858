"""The end of a turn: how often in a row the user has written and nothing came of it (`_stays`)."""

from __future__ import annotations

from typing import Any

import pytest
from handling import handling, plain
from machines import CONFIG, DRIVERS, Drive, Json, Talk, machine, reply, state, to

from fsm_langgraph import Event, HandlerError

STUCK: Json = {"logic": {">=": [{"var": "_stays"}, 2]}}
LOST = machine(
    state("ask", to("done", "x"), required_context_keys=["x"], optional_context_keys=["y"]),
    state("done", to("ask", "more")),
    state("human"),
    state("aside"),
    global_transitions=[to("human", **STUCK), {**to("aside"), "return": True}],
)


def held(drive: Drive, *replies: Any, definition: Json = LOST, **options: Any) -> Talk:
    """Begin a conversation, to be held with these replies."""
    talk = Talk(definition, ["?", *replies, "…"], drive, **options)
    talk.say()
    return talk


def counts(talk: Talk, *texts: str, **more: Any) -> list[int]:
    """Send messages; return the value of `_stays` in each of the turns."""
    found = []
    for text in texts:
        talk.say(text, **more)
        found.append(talk.record["machine_keys"]["_stays"])
    return found


@pytest.mark.parametrize("drive", DRIVERS)
def test_who_is_stuck_is_led_elsewhere(drive: Drive) -> None:
    talk = held(drive, reply("ask"), reply("ask"), reply("ask"))
    assert counts(talk, "a", "b", "c") == [0, 1, 2]
    assert (talk.record["landing"], talk.record["why"]) == ("human", "fired")
    assert talk.record["news"] == {"_stays": "machine"}
    assert "_stays" not in talk.values["context"]
    assert "_stays" not in "".join(talk.prompts)


@pytest.mark.parametrize(
    ("progress", "then"),
    [(reply("ask", y=1), "ask"), (reply("done", x=1), "done"), (reply("ask", also={"other": 1}), "ask")],
    ids=["a key", "a transition", "any key"],
)
def test_progress_begins_the_count_anew(progress: Json, then: str) -> None:
    talk = held(DRIVERS[0], reply("ask"), progress, reply(then), reply(then))
    counted = counts(talk, "a", "b", "c", "d")
    assert counted == [0, 1, 0, 1]


def test_a_value_that_is_told_again_is_no_progress() -> None:
    talk = held(DRIVERS[0], reply("ask", y=1), reply("ask", y=1), reply("ask", y=1), reply("ask"))
    assert counts(talk, "a", "b", "c", "d") == [0, 0, 1, 2]


def test_digressions_do_not_count() -> None:
    talk = held(DRIVERS[0], reply("ask"), reply("aside"), reply("ask"), reply("ask"))
    assert counts(talk, "a", "aside", "b", "c") == [0, 1, 1, 2]
    assert talk.record["landing"] == "human"


def test_a_turn_without_a_message_does_not_count() -> None:
    talk = held(DRIVERS[0], reply("ask"), "…", reply("ask"))
    assert counts(talk, "a", "", "b") == [0, 1, 1]


AT_ONE = {
    **LOST,
    "global_transitions": [to("human", logic={"==": [{"var": "_stays"}, 1]}), *LOST["global_transitions"][1:]],
}


@pytest.mark.parametrize(
    ("between", "said"),
    [("", ["…"]), ("when are you open?", [reply("aside")]), ("fails", [])],
    ids=["a turn without a message", "a digression", "a turn that failed and was answered"],
)
def test_what_does_not_count_takes_no_news_away(between: str, said: Any) -> None:
    answering = handling(plain, lambda _: "Sorry.", "ERROR")

    @answering.on("PRE_PROCESSING", errors="raise")
    def fail(event: Event) -> None:
        if event.message == "fails":
            raise ValueError

    replies = [reply("ask"), *said, reply("ask")]
    talk = held(DRIVERS[0], *replies, definition=AT_ONE, handlers=answering)
    assert counts(talk, "a", between) == [0, 1]
    assert talk.record["landing"] != "human"
    assert counts(talk, "b") == [1]
    assert talk.record["landing"] == "human"


def test_a_turn_that_failed_does_not_count() -> None:
    fails: list[int] = [0, 1, 0, 0]
    failing = handling(plain, lambda _: {"h": 1 // (1 - fails.pop(0))}, "PRE_PROCESSING", errors="raise")
    talk = held(DRIVERS[0], reply("ask"), reply("ask"), reply("ask"), handlers=failing)
    assert counts(talk, "a") == [0]
    with pytest.raises(HandlerError):
        talk.say("b")
    assert counts(talk, "b", "c") == [1, 2]


def test_what_handlers_note_is_no_progress() -> None:
    numbers = iter(range(9))
    counting = handling(plain, lambda _: {"turns": next(numbers)}, "PRE_PROCESSING")
    talk = held(DRIVERS[0], reply("ask"), reply("ask"), reply("ask"), handlers=counting)
    assert counts(talk, "a", "b", "c") == [0, 1, 2]
    assert talk.record["landing"] == "human"


def test_a_proposal_of_the_same_rank_goes_first() -> None:
    talk = held(DRIVERS[0], reply("ask"), reply("ask"), reply("done", "Done.", x=1))
    counts(talk, "a", "b", "c")
    assert talk.record["landing"] == "done"


@pytest.mark.parametrize("drive", DRIVERS)
def test_it_is_the_outermost_machines_count_in_a_sub_machine(drive: Drive) -> None:
    inner = machine(state("in", to("out", "z"), required_context_keys=["z"]), state("out"))
    outer = machine(
        state("sub", to("human"), subflow="inner"),
        state("human"),
        global_transitions=[to("human", **STUCK)],
        subflows={"inner": inner},
    )
    talk = held(drive, reply("in"), reply("in"), reply("in"), definition=outer)
    assert counts(talk, "a", "b", "c") == [0, 1, 2]
    assert talk.record["landing"] == "human"


def test_a_sub_machine_may_read_it() -> None:
    inner = machine(state("in", to("out", **STUCK), required_context_keys=["z"]), state("out"))
    outer = machine(state("sub", to("human"), subflow="inner"), state("human"), subflows={"inner": inner})
    talk = held(DRIVERS[0], reply("in"), reply("in"), reply("in"), definition=outer)
    assert counts(talk, "a", "b", "c") == [0, 1, 2]
    assert talk.record["landing"] == "human"


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_text_may_read_it(drive: Drive) -> None:
    patient = state("ask", to("done", "x"), required_context_keys=["x"], instructions="{{_stays}} in vain.")
    talk = held(drive, reply("ask"), reply("ask"), definition=machine(patient, state("done")))
    assert counts(talk, "a", "b") == [0, 1]
    assert "1 in vain." in talk.prompts[-1]


def test_a_machine_that_does_not_read_it_counts_nothing() -> None:
    talk = held(DRIVERS[0], reply("a"), definition=machine(state("a", to("b", "x")), state("b")))
    talk.say("a")
    assert "machine_keys" not in talk.record
    assert talk.values["turn"].keys() == {"version", "definition", "id", "after", "base", "at", "read", "turns"}


@pytest.mark.parametrize("drive", DRIVERS)
def test_turns_are_counted_and_those_that_failed_are_not(drive: Drive) -> None:
    failing = handling(plain, fail_once(), "CONTEXT_UPDATE")
    talk = held(drive, reply("ask", y=1), reply("ask", y=2), reply("ask", y=3), handlers=failing)
    assert talk.values["turn"]["turns"] == 1
    with pytest.raises(HandlerError):
        talk.say("a")
    talk.say("b")
    assert talk.values["turn"]["turns"] == 2


def fail_once() -> Any:
    """Make a handler that fails the first time."""
    times = iter([True])

    def handler(_: Event) -> None:
        if next(times, False):
            raise ValueError("not now")

    return handler


def test_turns_that_an_earlier_release_did_not_count_stay_uncounted() -> None:
    talk = held(DRIVERS[0], reply("ask"))
    older = {name: value for name, value in talk.values["turn"].items() if name != "turns"}
    talk.graph.update_state(CONFIG, {"turn": older}, as_node="ask")
    talk.say("a")
    assert "turns" not in talk.values["turn"]
