"""A handoff in a turn: whatever takes the transition, the turn rests where the machine waits, and no model speaks."""

from __future__ import annotations

from typing import Any

import pytest
from machines import DRIVERS, Drive, Json, Talk, machine, reply, state, to

from fsm_langgraph import Event, Handlers
from fsm_langgraph.turn.handoff import Handoff, pack_handoff, unpack_handoff

by_each = pytest.mark.parametrize("drive", DRIVERS)

WAITS = state("waits", to("waits", "never"), required_context_keys=["more"], ask="missing")
DESK = machine(
    state("ask", to("waits", handoff="desk"), required_context_keys=["x"]),
    state("waits", to("ask", "more"), required_context_keys=["more"]),
)
BY_NEWS = machine(state("ask", to("waits", "x", handoff="desk"), required_context_keys=["x"]), WAITS)
BY_LOGIC = machine(state("ask", to("waits", "x", handoff="desk"), required_context_keys=["x"], decision="logic"), WAITS)
SILENTLY = machine(
    state("ask", to("sort", "x"), required_context_keys=["x"]),
    state("sort", to("waits", handoff="desk"), silent=True),
    WAITS,
)
GLOBALLY = machine(
    state("ask", to("waits", "never"), required_context_keys=["x"]),
    WAITS,
    global_transitions=[to("waits", handoff="desk")],
)
ASIDE = machine(
    state("ask", to("waits", "never"), required_context_keys=["x"]),
    WAITS,
    state("aside"),
    global_transitions=[to("aside", handoff="desk", **{"return": True})],
)
TO_THE_END = machine(state("ask", to("bye", handoff="desk"), required_context_keys=["x"]), state("bye"))
TO_A_SILENT_END = machine(
    state("ask", to("bye", handoff="desk"), required_context_keys=["x"]), state("bye", silent=True, say="Goodbye.")
)
INSIDE = machine(
    state("ask", to("runs", handoff="desk"), required_context_keys=["x"]),
    state("runs", to("ask"), subflow="inner"),
    subflows={"inner": machine(state("inside", to("over", "y"), required_context_keys=["y"]), state("over"))},
)
FROM_INSIDE = machine(
    state("runs", to("ask"), subflow="inner"),
    state("ask"),
    state("elsewhere", to("ask", "never")),
    global_transitions=[to("elsewhere", handoff="desk")],
    subflows={
        "inner": machine(
            state("inside", to("inner_waits", "y", handoff="desk"), required_context_keys=["y"]),
            state("inner_waits", to("inside", "never")),
        )
    },
)
FROM_ITS_END = machine(
    state("runs", to("waits", "never"), to("sort"), subflow="inner", outputs=["y"]),
    state("sort", to("waits"), silent=True),
    WAITS,
    subflows={
        "inner": machine(state("inside", to("over", "y", handoff="desk"), required_context_keys=["y"]), state("over"))
    },
)

TAKEN: dict[str, tuple[Json, list[Any], str, str]] = {
    "by the model": (DESK, [reply("waits", None, x="1")], "waits", ""),
    "by the model, with a message for where it waits": (
        DESK,
        [reply("waits", "The desk!", x="1")],
        "waits",
        "The desk!",
    ),
    "by news, with a message for elsewhere": (BY_NEWS, [reply("ask", "And y?", x="1")], "waits", ""),
    "by conditions alone": (BY_LOGIC, [reply("ask", "And y?", x="1")], "waits", ""),
    "by a silent state": (SILENTLY, [reply("sort", "So.", x="1", also={"more": "2"})], "waits", ""),
    "by a global transition": (GLOBALLY, [reply("waits", None)], "waits", ""),
    "by a digression": (ASIDE, [reply("aside", "Wait.")], "aside", "Wait."),
    "to an end": (TO_THE_END, [reply("bye", "Bye!")], "bye", "Bye!"),
    "to a silent end": (TO_A_SILENT_END, [reply("bye", "Unseen", x="1")], "bye", "Goodbye."),
    "to a sub-machine": (INSIDE, [reply("runs", None)], "runs/inside", ""),
    "in a sub-machine": (FROM_INSIDE, [reply("inner_waits", "So.", y="1")], "runs/inner_waits", "So."),
    "out of a sub-machine": (FROM_INSIDE, [reply("elsewhere", "Out.")], "elsewhere", ""),
    "to the end of a sub-machine": (FROM_ITS_END, [reply("over", "So.", y="1")], "waits", ""),
}


@by_each
@pytest.mark.parametrize(("definition", "replies", "landing", "said"), TAKEN.values(), ids=TAKEN)
def test_a_handoff_lands_where_the_machine_waits_without_another_model_call(
    definition: Json, replies: list[Any], landing: str, said: str, drive: Drive
) -> None:
    talk = Talk(definition, ["Hello!", *replies], drive)
    talk.say()
    shown = talk.watch("x is 1")
    assert (talk.record["landing"], talk.record["handoff"]) == (landing, "desk")
    assert (shown, talk.said) == (said, ["Hello!", said] if said else ["Hello!"])
    assert len(talk.model.calls) == 2


@by_each
def test_what_comes_after_a_handoff_is_a_turn_like_any_other(drive: Drive) -> None:
    talk = Talk(DESK, [reply("waits", None, x="1"), reply("ask", "Welcome back!", more="2")], drive)
    drive(talk.graph, {"messages": [("user", "the desk")]}, {"configurable": {"thread_id": "1"}})
    assert talk.say("and 2") == "Welcome back!"
    assert (talk.record["landing"], "handoff" in talk.record) == ("ask", False)


@by_each
def test_a_digression_that_hands_over_returns_with_the_next_message(drive: Drive) -> None:
    talk = Talk(ASIDE, ["X?", reply("aside", "Wait."), reply("ask", "X again?")], drive)
    talk.say()
    talk.say("the desk")
    assert talk.say("back") == "X again?"
    assert talk.record["path"] == ["aside", "ask"]


@by_each
def test_a_state_that_is_waited_in_is_entered_as_ever(drive: Drive) -> None:
    seen: list[str] = []
    handlers = Handlers()
    for moment in ("PRE_TRANSITION", "POST_TRANSITION", "END_CONVERSATION"):

        @handlers.on(moment)
        def note(event: Event) -> None:
            seen.append(f"{event.moment} {event.state}")

    definition = machine(
        state("ask", to("bye", handoff="desk"), required_context_keys=["x"]),
        state("bye", say="Goodbye, x is {{x}}.", forget=["y"]),
    )
    talk = Talk(definition, ["X?", reply("bye", "Unseen", x="1", y="2")], drive, handlers=handlers)
    talk.say()
    assert talk.say("x is 1") == "Goodbye, x is 1."
    assert seen == ["PRE_TRANSITION ask", "POST_TRANSITION bye", "END_CONVERSATION bye"]
    assert (talk.record["said"], len(talk.model.calls)) == (["bye"], 2)


@by_each
def test_a_value_that_was_rejected_does_not_make_the_model_speak(drive: Drive) -> None:
    definition = {**DESK, "context": {"x": {"type": "integer"}, "more": {"type": "string"}}}
    talk = Talk(definition, ["X?", reply("waits", "The desk!", x="many")], drive)
    talk.say()
    assert talk.watch("many") == ""
    assert (talk.record["landing"], len(talk.model.calls)) == ("waits", 2)


@by_each
def test_a_message_that_nobody_has_read_stays_unread(drive: Drive) -> None:
    definition = machine(state("sort", to("waits", handoff="desk"), silent=True), WAITS)
    talk = Talk(definition, [reply("waits", "Hello!")], drive)
    drive(talk.graph, {"messages": [("user", "hi")]}, {"configurable": {"thread_id": "1"}})
    assert (talk.record["landing"], talk.values["turn"]["read"], talk.model.calls) == ("waits", "", [])
    talk.say()
    assert talk.heard == [["hi"]]


def test_the_model_is_told_who_gets_the_user() -> None:
    talk = Talk(DESK, ["X?", reply("waits", None)])
    talk.say()
    talk.say("the desk")
    assert '"hands_over_to":"desk"' in talk.prompts[1]
    assert "gives the user to somebody who answers" in talk.prompts[1]


def test_a_handoff_does_not_count_as_a_message_that_led_nowhere() -> None:
    definition = machine(
        state("ask", to("ask", handoff="desk"), to("waits", logic={">": [{"var": "_stays"}, 5]}), tools=[]), WAITS
    )
    talk = Talk(definition, ["Hm?", reply("ask", "Hm?"), reply("again", "The desk.")])
    talk.say()
    talk.say("hm")
    assert talk.values["turn"]["stays"] == 1
    talk.say("the desk")
    assert "stays" not in talk.values["turn"]


STORED: Json = {"goto": ["a", {"node": "b", "arg": {"x": 1}}], "update": {"y": 2}, "messages": []}


def test_a_handoff_that_is_written_down_is_read_again() -> None:
    handoff = Handoff(STORED["goto"], {"y": 2})
    assert pack_handoff(handoff) == STORED
    assert unpack_handoff(STORED) == handoff
    assert unpack_handoff({"goto": ["a"]}) == Handoff(["a"])
    assert unpack_handoff(None) is None
    assert handoff.agents == ["a", "b"]
