"""Global transitions are open wherever the user is heard, and digressions come back to where they left."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from handling import handling, noting, plain, raising
from machines import CONFIG, DRIVERS, Drive, Json, Talk, machine, reply, state, to

from fsm_langgraph import LLM_FSM, HandlerError, RejectValue, ScriptedModel, StateError

ANGER = {"description": "Anger shows", "requires_context_keys": ["anger"]}
BOOKING = machine(
    state("ask_name", to("ask_day", "name"), required_context_keys=["name"]),
    state("ask_day", to("sort", "day"), required_context_keys=["day"]),
    state("sort", to("booked", logic={"!!": {"var": "day"}}), silent=True),
    state("booked"),
    state("cancelled"),
    state("hours"),
    state("calm", to("cancelled", "never"), global_transitions=False),
    global_transitions=[
        {"target_state": "cancelled", "description": "The user wants to stop"},
        {"target_state": "hours", "description": "The user asks when we are open", "return": True},
        {"target_state": "calm", "description": "The user is angry", "conditions": [ANGER]},
    ],
)
"""A booking that may be called off, calms whoever is angry, and answers a question on the side."""

SURVEY = machine(
    state("ask", to("done", "answer"), required_context_keys=["answer"]),
    state("done"),
    state("language", to("switch", "language"), required_context_keys=["language"]),
    state("switch", silent=True),
    state("stopped"),
    global_transitions=[
        {"target_state": "language", "description": "Another language", "return": True},
        {"target_state": "stopped", "description": "Stop"},
    ],
)
"""A digression of two states, of which the last is silent."""


def targets(talk: Talk) -> list[str]:
    """Return the targets that the last reply could name."""
    *_, schema = (call.schema for call in talk.model.calls if call.schema is not None)
    return list(schema["properties"]["target_state"]["enum"])


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_global_transition_is_open_beside_a_states_own(drive: Drive) -> None:
    talk = Talk(BOOKING, ["Name?", reply("cancelled", "Very well, all is cancelled.")], drive)
    talk.say()

    assert talk.say("forget it") == "Very well, all is cancelled."
    assert targets(talk) == ["ask_day", "cancelled", "hours", "calm", "ask_name"]
    assert talk.record["why"] == "proposed"
    assert talk.values["current_state"] == "cancelled"
    assert len(talk.record["model_calls"]) == 1


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_state_can_opt_out(drive: Drive) -> None:
    talk = Talk(BOOKING, ["Name?", reply("ask_name", also={"anger": True}), "Calm down.", reply("hours"), "No."], drive)
    talk.say()
    talk.say("grr")

    talk.say("when do you open?")

    assert targets(talk) == ["cancelled", "calm"]
    assert talk.record["why"] == "vetoed"


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_global_transition_with_conditions_fires_on_what_is_new(drive: Drive) -> None:
    talk = Talk(BOOKING, ["Name?", reply("ask_name", also={"anger": True}), "Please be calm."], drive)
    talk.say()

    assert talk.say("grr") == "Please be calm."
    assert talk.record["why"] == "fired"


def test_a_global_transition_without_conditions_never_fires_by_itself() -> None:
    talk = Talk(BOOKING, ["Name?", reply("ask_day", "Day?", name="Ann"), reply("booked", "Day?"), "Day, please?"])
    talk.say()
    talk.say("Ann")
    talk.say("hm")

    assert talk.values["current_state"] == "ask_day"


def test_silent_states_and_final_states_have_no_global_transitions() -> None:
    definition = Talk(BOOKING).graph.builder.branches

    assert sorted(definition["sort"]) == ["sort goes on"]
    labels = definition["sort"]["sort goes on"].ends
    assert labels is not None
    assert list(labels.values()) == ["booked"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_where_logic_decides_a_global_transition_can_still_be_chosen(drive: Drive) -> None:
    ask = state("ask", to("a", logic={"==": [{"var": "x"}, 1]}), decision="logic", required_context_keys=["x"])
    stop = {"target_state": "stop", "description": "Stop"}
    definition = machine(ask, state("a"), state("stop"), global_transitions=[stop])

    chosen = Talk(definition, ["X?", reply("stop", "Stopped.")], drive)
    chosen.say()
    chosen.say("stop")
    decided = Talk(definition, ["X?", reply("ask", x=1), "A!"], drive)
    decided.say()
    decided.say("1")

    assert chosen.values["current_state"] == "stop"
    assert decided.values["current_state"] == "a"


def test_priorities_are_those_of_all_ways_out() -> None:
    first = {"target_state": "late", "description": "Late", "priority": 1}
    definition = machine(state("ask", to("soon")), state("soon"), state("late"), global_transitions=[first])
    definition["states"]["ask"]["required_context_keys"] = ["x"]
    talk = Talk(definition, ["X?", reply("ask")])
    talk.say()
    talk.say("hm")

    assert targets(talk) == ["late", "soon", "ask"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_digression_comes_back_to_where_it_left(drive: Drive) -> None:
    replies = [
        "Name?",
        reply("ask_day", "Which day?", name="Ann"),
        reply("hours", "We open at nine. Which day would you like?"),
        reply("sort", "Booked.", day="Monday"),
        "Booked!",
    ]
    talk = Talk(BOOKING, replies, drive)
    talk.say()
    talk.say("Ann")

    assert talk.say("When do you open?") == "We open at nine. Which day would you like?"
    assert talk.values["current_state"] == "hours"
    talk.say("Monday")

    assert talk.record["path"] == ["hours", "ask_day", "sort", "booked"]
    assert talk.record["steps"][0]["why"] == "returned"
    assert talk.record["why"] == "proposed"
    assert talk.values["context"] == {"name": "Ann", "day": "Monday"}
    assert "left" not in talk.values["turn"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_digression_does_not_end_the_conversation(drive: Drive) -> None:
    handlers, notes = noting()
    talk = Talk(BOOKING, ["Name?", reply("hours", "At nine."), "At nine, I said."], drive, handlers=handlers)
    talk.say()
    talk.say("When do you open?")

    assert not any(note.startswith("END_CONVERSATION") for note in notes)
    assert talk.say() == "At nine, I said."
    assert talk.values["current_state"] == "hours"


def test_whoever_holds_conversations_knows_that_a_digression_is_no_end() -> None:
    fsm = LLM_FSM(BOOKING, ScriptedModel(replies=["Name?", reply("hours", "At nine."), reply("cancelled", "Bye.")]))
    fsm.converse("", "1")
    fsm.converse("When do you open?", "1")

    assert not fsm.is_conversation_ended("1")

    fsm.converse("Stop", "1")

    assert fsm.is_conversation_ended("1")


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_silent_end_of_a_digression_comes_back_in_the_same_turn(drive: Drive) -> None:
    replies = ["Well?", reply("language", "Which one?"), reply("switch", "Done.", language="fr"), "Et alors ?"]
    talk = Talk(SURVEY, replies, drive)
    talk.say()
    talk.say("another language")

    assert talk.say("French") == "Et alors ?"
    assert talk.record["path"] == ["language", "switch", "ask"]
    assert [step["why"] for step in talk.record["steps"]] == ["proposed", "returned"]


def test_a_way_out_of_a_digression_that_does_not_return_leaves_for_good() -> None:
    talk = Talk(SURVEY, ["Well?", reply("language", "Which one?"), reply("stopped", "Bye.")])
    talk.say()
    talk.say("another language")
    talk.say("stop")

    assert "left" not in talk.values["turn"]
    assert talk.values["current_state"] == "stopped"


def test_a_digression_within_a_digression_comes_back_to_each() -> None:
    nested = {**SURVEY, "states": {**SURVEY["states"], "help": state("help")}}
    nested["global_transitions"] = [
        *SURVEY["global_transitions"],
        {"target_state": "help", "description": "Help", "return": True},
    ]
    talk = Talk(
        nested,
        [
            "Well?",
            reply("language", "Which one?"),
            reply("help", "Say a language. Which one?"),
            reply("switch", "", language="fr"),
            "Et alors ?",
        ],
    )
    for text in ("", "another language", "help", "French"):
        talk.say(text)

    assert talk.record["path"] == ["help", "language", "switch", "ask"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_message_that_is_read_where_a_digression_left_may_lead_back_there(drive: Drive) -> None:
    ask = state("ask", to("judge", "x"), required_context_keys=["x"], forget=["x"])
    hours = {"target_state": "hours", "description": "The user asks when we are open", "return": True}
    definition = machine(ask, state("judge", to("ask"), silent=True), state("hours"), global_transitions=[hours])
    talk = Talk(definition, ["X?", reply("hours", "At nine."), reply("judge", "…", x=1), "And now?"], drive)
    talk.say()
    talk.say("When do you open?")

    assert talk.say("1") == "And now?"
    assert talk.record["path"] == ["hours", "ask", "judge", "ask"]


def test_digressing_again_and_again_keeps_one_way_back_for_each_state() -> None:
    definition = machine(
        state("a", to("end", "x"), required_context_keys=["x"]),
        state("b", to("end2", "y"), required_context_keys=["y"]),
        state("c", to("end2", "y"), required_context_keys=["y"]),
        state("end"),
        state("end2"),
        global_transitions=[
            {"target_state": "b", "description": "To b", "return": True},
            {"target_state": "c", "description": "To c", "return": True},
        ],
    )
    talk = Talk(definition, ["A?", *(reply(target) for target in "bcbcbcbc")])
    for text in ("", *"bcbcbcbc"):
        talk.say(text)

    assert [left["state"] for left in talk.values["turn"]["left"]] == ["a", "c", "b"]


def test_the_prompt_tells_which_transitions_come_back() -> None:
    talk = Talk(BOOKING, ["Name?", reply("hours")])
    talk.say()
    talk.say("When do you open?")

    assert '"comes_back":true' in talk.prompts[-1]
    assert "take up the current purpose" in talk.prompts[-1]


def test_a_state_that_answers_on_the_side_knows_what_to_lead_back_to() -> None:
    refusing = handling(plain, raising(RejectValue("is too short", "name")), "POST_PROCESSING")
    replies = ["Name?", reply("hours", "We open at nine.", name="X"), "We open at nine. What was your name?"]
    asking = {**BOOKING["states"]["ask_name"], "purpose": "Learn the name for {{event}}"}
    talk = Talk({**BOOKING, "states": {**BOOKING["states"], "ask_name": asking}}, replies, handlers=refusing)
    talk.say(context={"event": "the fair"})

    assert talk.say("I'm X. When do you open?") == "We open at nine. What was your name?"
    assert '"then_lead_back_to":"Learn the name for the fair"' in talk.prompts[-1]


def test_a_way_back_to_a_state_that_is_gone_is_an_error_that_says_so() -> None:
    talk = Talk(BOOKING, ["Name?", reply("hours", "At nine.")])
    talk.say()
    talk.say("When do you open?")
    left = [{"state": "gone", "sub_machine": None}]
    talk.graph.update_state(CONFIG, {"turn": {**talk.values["turn"], "left": left}}, as_node="hours")

    with pytest.raises(StateError, match="'gone'"):
        talk.say("Ann")


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("answered", [False, True], ids=["raised", "answered by a handler"])
def test_a_digression_that_failed_leaves_nothing_to_return_to(answered: bool, drive: Drive) -> None:
    handlers = handling(plain, raising(OSError("closed")), "POST_TRANSITION", state="hours")
    if answered:
        handlers.on("ERROR")(lambda _: "Sorry.")
    replies = [
        "Name?",
        reply("hours"),
        reply("ask_day", "Day?", name="Ann"),
        reply("booked", day="Monday"),
        "!",
        "Over.",
    ]
    talk = Talk(BOOKING, replies, drive, handlers=handlers)
    talk.say()
    with nullcontext() if answered else pytest.raises(HandlerError):
        talk.say("when are you open?")
    talk.say("Ann")
    talk.say("Monday")

    assert talk.record["landing"] == "booked"
    assert talk.say("hello?") == "Over."
    assert talk.record["path"] == ["booked"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_record_tells_the_news_that_a_digression_had_interrupted(drive: Drive) -> None:
    talk = Talk(BOOKING, ["Name?", reply("hours", "At nine.", name="Ann"), reply("ask_day", "Day?")], drive)
    talk.say()
    talk.say("Ann. When are you open?")
    talk.say("thanks")
    assert [step["why"] for step in talk.record["steps"]][:2] == ["returned", "fired"]
    assert talk.record["news"] == {"name": "digression"}


NO_SIZE = to("end", logic={"!": {"var": "size"}})


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    ("helping", "caller", "news"),
    [
        ({}, {}, {"size": "digression"}),
        ({}, {"kind": "boots"}, {"kind": "caller"}),
        ({"forget": ["size"]}, {}, {}),
    ],
    ids=["as it was", "stale", "forgotten in the digression"],
)
def test_interrupted_news_that_no_longer_holds_is_none(helping: Json, caller: Json, news: Json, drive: Drive) -> None:
    definition = machine(
        state("ask", NO_SIZE, to("end", "colour"), required_context_keys=["kind", "size", "colour"]),
        state("help", **helping),
        state("end"),
        global_transitions=[{"target_state": "help", "description": "Help", "return": True}],
        context={"kind": {}, "size": {"depends_on": ["kind"]}, "colour": {}},
    )
    replies = ["?", reply("ask", "And?", kind="shoes"), reply("help", "So.", size=42), reply("ask", "And?")]
    talk = Talk(definition, replies, drive)
    for text in ("", "shoes", "42, but how?"):
        talk.say(text)
    talk.say("I see", context=caller)

    assert talk.record["path"] == ["help", "ask"]
    assert talk.record["news"] == news
