"""A confirmation counts for what it was asked about, in answer to the state that asked, and for nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from handling import handling, plain
from machines import CONFIG, DRIVERS, Drive, Json, Talk, machine, reply, state, sync, to


def confirmed(target: str, *keys: str, of: str = "order", field: str = "requires_context_keys", **more: Any) -> Json:
    """Write a transition that is open by a confirmation."""
    condition = {"description": "confirmed", field: [*keys], "confirms": [of]}
    return {**to(target), "conditions": [condition], **more}


DESK = machine(
    state("which", to("sure", "order"), required_context_keys=["order"]),
    state("sure", confirmed("done", "yes"), required_context_keys=["yes"], optional_context_keys=["order", "note"]),
    state("done", to("which", "more"), optional_context_keys=["more"]),
)


def asked(*replies: Any, drive: Drive = sync, definition: Json = DESK, **options: Any) -> Talk:
    """Bring a conversation to where W1 has been read back."""
    talk = Talk(definition, ["?", reply("sure", "W1, yes?", order="W1"), *replies], drive, **options)
    talk.say()
    talk.say("W1")
    return talk


def rejected(talk: Talk) -> list[tuple[str, str]]:
    return [(each["key"], each["kind"]) for each in talk.record["rejected"]]


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    ("told", "landing", "said"),
    [
        ({"yes": True}, "done", "Done."),
        ({"yes": True, "order": "W1"}, "done", "Done."),
        ({"yes": True, "note": "soon"}, "done", "Done."),
        ({"yes": True, "order": "W2"}, "sure", "W2, yes?"),
        ({"order": "W2", "yes": True}, "sure", "W2, yes?"),
    ],
    ids=["a yes", "and the same again", "and something else", "and another", "another, and a yes"],
)
def test_a_yes_does_not_count_for_what_came_with_it(drive: Drive, told: Json, landing: str, said: str) -> None:
    talk = asked(reply("done", "Done.", **told), "W2, yes?", drive=drive)
    assert (talk.say("yes"), talk.record["landing"]) == (said, landing)
    assert rejected(talk) == ([("yes", "unconfirmed")] if said == "W2, yes?" else [])
    assert ("yes" in talk.values["context"]) is (landing == "done")


def test_the_state_is_told_why_a_yes_does_not_count() -> None:
    talk = asked(reply("done", "Done.", yes=True, order="W2"), "W2, yes?")
    talk.say("yes, and W2 too")
    assert "as 'order' has changed" in talk.prompts[-1]


def test_all_that_has_changed_is_named() -> None:
    transition = confirmed("done", "yes")
    condition = {**transition["conditions"][0], "confirms": ["order", "note"]}
    sure = state(
        "sure",
        {**transition, "conditions": [condition]},
        required_context_keys=["yes"],
        optional_context_keys=["order", "note"],
    )
    desk = machine(DESK["states"]["which"], sure, DESK["states"]["done"])
    talk = asked(reply("done", "Done.", yes=True, order="W2", note="soon"), "W2, soon?", definition=desk)
    talk.say("yes, and W2 too, soon")
    assert "as 'order' and 'note' have changed" in talk.prompts[-1]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_yes_that_is_told_ahead_does_not_count(drive: Drive) -> None:
    replies = [
        "?",
        reply("sure", "Done!", order="W1", also={"yes": True}),
        "W1, yes?",
        reply("done", "Done.", yes=True),
    ]
    talk = Talk(DESK, replies, drive)
    talk.say()
    assert talk.say("W1, yes I am sure") == "W1, yes?"
    assert rejected(talk) == [("yes", "unconfirmed")]
    assert talk.say("yes") == "Done."


def test_a_no_with_a_change_is_no_confirmation_to_reject() -> None:
    talk = asked(reply("sure", "W2, yes?", yes=False, order="W2"))
    assert talk.say("no, W2") == "W2, yes?"
    assert rejected(talk) == []


def test_the_first_message_confirms_nothing() -> None:
    desk = {**DESK, "initial_state": "sure"}
    talk = Talk(desk, [reply("done", "Done.", yes=True), "Which one?"])
    assert talk.say("yes") == "Which one?"


def test_a_yes_of_before_is_forgotten_where_it_is_asked_for_again() -> None:
    replies = [
        reply("done", "Done.", yes=True),
        reply("which", "Which?", more=1),
        reply("sure", "W1, yes?", order="W1"),
    ]
    talk = asked(*replies)
    for text in ("yes", "another", "W1 again"):
        talk.say(text)
    assert (talk.record["landing"], rejected(talk)) == ("sure", [])
    assert "yes" not in talk.values["context"]


PAID = {"description": "paid", "requires_context_keys": ["paid"]}
WHEN_PAID = confirmed("done", "yes")
WAITING = machine(
    DESK["states"]["which"],
    state(
        "sure",
        {**WHEN_PAID, "conditions": [*WHEN_PAID["conditions"], PAID]},
        required_context_keys=["yes", "paid"],
        optional_context_keys=["order"],
    ),
    DESK["states"]["done"],
)


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_yes_counts_for_as_long_as_nothing_changes(drive: Drive) -> None:
    talk = asked(reply("sure", "Paid?", yes=True), reply("done", "Done.", paid=True), drive=drive, definition=WAITING)
    talk.say("yes")
    assert talk.say("paid") == "Done."


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_message_of_a_state_that_tells_of_the_yes_is_written_anew_where_its_own_reply_overturns_it(
    drive: Drive,
) -> None:
    done = {**DESK["states"]["done"], "purpose": "{{order}}: {{yes}}.", "optional_context_keys": ["more", "order"]}
    definition = {**DESK, "states": {**DESK["states"], "done": done}}
    overturning = reply("done", "W2, as you have confirmed.", order="W2")
    talk = asked(reply("done", "Done.", yes=True), overturning, "W2 then.", drive=drive, definition=definition)
    talk.say("yes")
    assert talk.say("W2 rather") == "W2 then."
    assert talk.values["context"] == {"order": "W2"}


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_yes_is_forgotten_where_what_it_confirms_changes_later(drive: Drive) -> None:
    replies = [reply("sure", "Paid?", yes=True), reply("done", "Done.", order="W2", paid=True), "W2, yes?"]
    talk = asked(*replies, drive=drive, definition=WAITING)
    talk.say("yes")
    assert talk.say("no, W2, and it is paid") == "W2, yes?"
    assert rejected(talk) == [("yes", "unconfirmed")]
    assert talk.values["context"] == {"order": "W2", "paid": True}


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_caller_may_change_what_was_confirmed(drive: Drive) -> None:
    talk = asked(
        reply("sure", "Paid?", yes=True), reply("done", "Done.", paid=True), "W2?", drive=drive, definition=WAITING
    )
    talk.say("yes")
    talk.say("paid", context={"order": "W2"})
    assert (talk.record["landing"], talk.values["context"]) == ("sure", {"order": "W2", "paid": True})


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_caller_may_confirm(drive: Drive) -> None:
    talk = asked("Done.", drive=drive)
    talk.say(context={"yes": True})
    assert talk.record["landing"] == "done"


@pytest.mark.parametrize(
    ("moment", "landing"),
    [("POST_TRANSITION", "done"), ("CONTEXT_UPDATE", "sure")],
    ids=["on entering", "ahead and then overwritten by nothing"],
)
def test_a_handler_may_confirm(moment: Any, landing: str) -> None:
    handlers = handling(plain, lambda _: {"yes": True}, moment, state="sure")
    talk = Talk(DESK, ["?", reply("sure", "W1?", order="W1"), "…"], handlers=handlers)
    talk.say()
    talk.say("W1")
    assert talk.record["landing"] == landing


def test_what_a_handler_confirmed_before_the_message_changed_it_does_not_count() -> None:
    handlers = handling(plain, lambda _: {"yes": True}, "PRE_PROCESSING", state="sure")
    talk = asked(reply("done", "Done.", order="W2"), "W2, yes?", handlers=handlers)
    assert talk.say("W2") == "W2, yes?"


@pytest.mark.parametrize(
    ("moment", "writes"), [("CONTEXT_UPDATE", {"order": "W2"}), ("PRE_TRANSITION", {"order": "W2"})]
)
def test_a_handler_that_changes_what_is_confirmed_undoes_the_yes(moment: Any, writes: Json) -> None:
    handlers = handling(plain, lambda event: writes if event.context.get("yes") else None, moment)
    talk = asked(reply("done", "Done.", yes=True), "W2, yes?", handlers=handlers)
    assert talk.say("yes") == "W2, yes?"


def test_an_answer_may_confirm() -> None:
    desk = machine(
        DESK["states"]["which"],
        state("sure", confirmed("done", "yes", field="answered_context_keys"), required_context_keys=["yes"]),
        DESK["states"]["done"],
    )
    talk = asked(reply("done", "No tip.", yes=False), definition=desk)
    assert talk.say("no tip") == "No tip."


def test_a_key_with_dots_in_its_name_may_confirm() -> None:
    desk = machine(
        DESK["states"]["which"],
        state("sure", confirmed("done", "is.ok"), required_context_keys=["is.ok"]),
        DESK["states"]["done"],
    )
    talk = asked(
        reply("done", "Done.", also={"is.ok": True, "order": "W2"}),
        "W2?",
        reply("done", "Done.", also={"is.ok": True}),
        definition=desk,
    )
    assert (talk.say("yes, and W2 too"), rejected(talk)) == ("W2?", [("is.ok", "unconfirmed")])
    assert talk.say("yes") == "Done."


def test_logic_may_confirm() -> None:
    transition = confirmed("done")
    condition = {**transition["conditions"][0], "logic": {"==": [{"var": "yes"}, "ok"]}}
    desk = machine(
        DESK["states"]["which"],
        state("sure", {**transition, "conditions": [condition]}, required_context_keys=["yes"], decision="logic"),
        DESK["states"]["done"],
    )
    talk = asked(
        reply("sure", "?", yes="ok", also={"order": "W2"}), "W2?", reply("done", "Done.", yes="ok"), definition=desk
    )
    assert talk.say("ok, W2") == "W2?"
    assert talk.say("ok") == "Done."


@pytest.mark.parametrize(("told", "landing"), [({}, "stop"), ({"order": "W2"}, "sure")], ids=["a yes", "and a change"])
def test_a_global_transition_may_want_a_yes(told: Json, landing: str) -> None:
    desk = {**DESK, "states": {**DESK["states"], "stop": state("stop")}}
    talk = asked(
        reply("sure", "?", also={"drop": True}, **told),
        "…",
        definition={**desk, "global_transitions": [confirmed("stop", "drop", priority=1, fires=True)]},
    )
    talk.say("drop it")
    assert talk.record["landing"] == landing


def nested(drive: Drive, *replies: Any) -> Talk:
    """Bring a conversation into a sub-machine, out of which a global transition with a confirmation leads."""
    inner = machine(state("in", to("out", "x"), required_context_keys=["x"]), state("out"), context={"x": {}})
    outer = machine(
        state("first", to("sub", "order"), required_context_keys=["order"]),
        state("sub", to("stop"), subflow="inner"),
        state("stop"),
        global_transitions=[confirmed("stop", "drop", priority=1, fires=True)],
        context={"order": {}, "drop": {}},
        subflows={"inner": inner},
    )
    talk = Talk(outer, ["?", reply("sub", "X?", order="W1"), *replies], drive)
    talk.say()
    talk.say("W1")
    return talk


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_yes_is_heard_in_a_sub_machine(drive: Drive) -> None:
    talk = nested(drive, reply("in", "?", also={"drop": True}), "Stopped.")
    assert talk.say("drop it") == "Stopped."


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_yes_in_a_sub_machine_does_not_count_for_what_the_caller_changed(drive: Drive) -> None:
    talk = nested(drive, reply("in", "?", also={"drop": True}), "W2?")
    talk.say("drop it", context={"order": "W2"})
    assert (talk.record["landing"], rejected(talk)) == ("sub/in", [("drop", "unconfirmed")])


def test_a_yes_is_asked_for_again_after_a_digression() -> None:
    desk = {
        **WAITING,
        "states": {**WAITING["states"], "help": state("help")},
        "global_transitions": [{**to("help"), "return": True}],
    }
    replies = [
        reply("sure", "Paid?", yes=True),
        reply("help", "Help."),
        reply("done", "?", paid=True),
        "W1, yes?",
        reply("done", "Done.", yes=True),
    ]
    talk = asked(*replies, definition=desk)
    for text in ("yes", "help", "paid"):
        talk.say(text)
    assert (talk.record["landing"], talk.values["context"]) == ("sure", {"order": "W1", "paid": True})
    assert talk.say("yes") == "Done."


def test_who_moves_the_conversation_brings_no_yes_along() -> None:
    talk = asked(reply("done", "Done.", yes=True), reply("done", "Done!"), "W1, yes?")
    talk.say("yes")
    talk.graph.update_state(CONFIG, {"current_state": "sure"})
    assert talk.say("go on") == "W1, yes?"
    assert talk.values["context"] == {"order": "W1"}


def test_a_key_may_both_depend_and_be_confirmed() -> None:
    desk = machine(
        state("which", to("sure", "order"), required_context_keys=["order"]),
        state("sure", confirmed("done", "yes", of="size"), required_context_keys=["yes", "order", "size"]),
        state("done", to("which", "more")),
        context={"order": {}, "size": {"depends_on": ["order"]}, "yes": {}, "more": {"depends_on": ["yes"]}},
    )
    talk = asked(reply("sure", "?", size=4), reply("sure", "?", order="W2", yes=True), "And the size?", definition=desk)
    talk.say("4")
    talk.say("yes, W2")
    assert talk.values["context"] == {"order": "W2"}


def test_the_model_is_told_what_has_to_be_confirmed() -> None:
    talk = asked(reply("sure", "?"))
    talk.say("hm")
    assert '"confirms":["order"]' in talk.prompts[-1]
    assert '"confirms"' not in talk.prompts[0]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_yes_takes_its_default_again(drive: Drive) -> None:
    desk = {**DESK, "context": {"order": {}, "yes": {"type": "boolean", "default": False}, "note": {}, "more": {}}}
    desk["states"] = {**DESK["states"], "sure": {**DESK["states"]["sure"], "instructions": "They said {{yes}}"}}
    talk = asked(
        reply("done", "Done.", yes=True),
        reply("which", "?", more=1),
        reply("sure", "W2, yes?", order="W2"),
        drive=drive,
        definition=desk,
    )
    assert len(talk.model.calls) == 2  # a default is nothing to forget
    talk.say("yes")
    talk.say("more")
    talk.say("W2")
    assert (talk.record["landing"], talk.values["context"]["yes"]) == ("sure", False)
    assert rejected(talk) == []
