"""Handlers that never run: what is told of their moments, targets and keys, and that it is true of real turns."""

from __future__ import annotations

from typing import Any

import pytest
from handling import handling, plain, writing
from machines import DECLARED, FORM, Talk, machine, reply, state, to

from fsm_langgraph import Handlers, load_definition
from fsm_langgraph.data.json_data import at
from fsm_langgraph.handlers import MOMENTS, create_handler, idle_handlers

FORM_KEYS = "Keys: 'age', 'customer', 'email', 'name', 'plan', 'score', 'token'."
CARD = machine(
    state("card", to("paid", "number"), required_context_keys=["number"]),
    state("paid"),
    context={"number": {}, "amount": {"written_by": "caller"}},
)
SHOP = {
    **machine(
        state("basket", to("pay", "order"), required_context_keys=["order"]),
        state("pay", to("done"), subflow="payment", inputs={"amount": "order"}),
        state("done"),
        context={"order": {"type": "object"}, "wants_out": {"type": "boolean"}},
        global_transitions=[to("done", "wants_out")],
    ),
    "subflows": {"payment": CARD},
}


def told(definition: Any, *moments: Any, under: str = "", **options: Any) -> list[tuple[str, str, str]]:
    """Return what is told of a handler, each with its code and advice."""
    handlers = Handlers()
    handlers.include(handling(plain, writing(), *moments, **options), under=under)
    return [(each.code, each.message, each.advice) for each in idle_handlers(handlers, load_definition(definition))]


# Moments


@pytest.mark.parametrize("moment", [each for each in MOMENTS if not each.endswith("_TRANSITION")])
def test_no_other_moment_has_a_target(moment: str) -> None:
    message = f"it never runs at {moment}: there is a 'target' at PRE_TRANSITION only."
    assert told(FORM, moment, target="done") == [("idle-handler", message, "Run it there.")]


@pytest.mark.parametrize(
    ("moments", "conditions", "message"),
    [
        (
            ["POST_TRANSITION", "PRE_TRANSITION"],
            {"target": "done"},
            "it never runs at POST_TRANSITION: the state that was entered is its 'state', and there is no 'target'.",
        ),
        (
            ["END_CONVERSATION"],
            {"state": ["ask_name", "ask_email"]},
            "it never runs at END_CONVERSATION: the conversation ends in a final state.",
        ),
        (
            ["END_CONVERSATION"],
            {"not_state": "done"},
            "it never runs at END_CONVERSATION: the conversation ends in a final state.",
        ),
        (
            ["PRE_TRANSITION"],
            {"state": "done"},
            "it never runs at PRE_TRANSITION: no transition leads out of a final state.",
        ),
        (["PRE_TRANSITION"], {"target": "ask_name"}, "no transition leads to 'ask_name', its 'target'."),
        (["ERROR"], {"state": "done", "not_state": ["done"]}, "each 'state' of it is a 'not_state' too."),
    ],
    ids=str,
)
def test_a_moment_that_never_comes_is_told(moments: list[str], conditions: dict[str, Any], message: str) -> None:
    assert [(code, found) for code, found, _ in told(FORM, *moments, **conditions)] == [("idle-handler", message)]


@pytest.mark.parametrize("moment", ["START_CONVERSATION", "END_CONVERSATION"])
def test_a_conversation_is_that_of_the_outermost_machine(moment: str) -> None:
    found = told(SHOP, moment, under="pay")
    assert [message for _, message, _ in found] == [
        f"it never runs at {moment}: it is the conversation of the outermost machine."
    ]


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"state": "done"},
        {"state": ["ask_name", "done"]},
        {"not_state": "ask_name"},
        {"has": "anything"},
        {"keys": "anything"},
    ],
    ids=str,
)
def test_a_handler_that_may_run_is_sound(conditions: dict[str, Any]) -> None:
    assert told(FORM, "POST_TRANSITION", "END_CONVERSATION", **conditions) == []


@pytest.mark.parametrize(("target", "under"), [("done", ""), ("pay", ""), ("paid", "pay"), ("pay/paid", "")], ids=str)
def test_a_target_that_transitions_lead_to_is_sound(target: str, under: str) -> None:
    assert told(SHOP, "PRE_TRANSITION", target=target, under=under) == []


def test_what_is_told_never_ran_in_a_conversation() -> None:
    ran: set[str] = set()
    handlers = Handlers()
    definition = load_definition(SHOP)
    for moment in MOMENTS:
        for where in definition.by_path:
            for target in ((), *definition.by_path):
                name = f"{moment} {where} {target}"
                handlers.on(moment, state=where, target=target, name=name)(lambda _, name=name: ran.add(name))
    replies = [reply("pay", order={"id": 1}), "Your card?", reply("paid", number=7), "Bye."]
    talk = Talk(SHOP, replies, handlers=handlers)

    talk.say("A pizza")
    talk.say("7")

    idle = {problem.path for problem in idle_handlers(handlers, definition)}
    assert talk.values["current_state"] == "done"
    assert len(ran) > 10
    assert {name for name in ran if at("handlers", name) in idle} == set()


# Keys


@pytest.mark.parametrize("option", ["has", "keys"])
def test_a_key_that_nobody_has_is_told_with_the_nearest(option: str) -> None:
    conditions: dict[str, Any] = {option: ["emial", "name"]}
    message = f"no key is named 'emial', for which {option!r} waits."
    advice = f"Did you mean 'email'?  {FORM_KEYS} What handlers alone write is declared under 'context' too."
    assert told(DECLARED, "CONTEXT_UPDATE", **conditions) == [("unknown-key", message, advice)]


def test_what_changes_is_told_of_whole_keys() -> None:
    assert told(SHOP, "CONTEXT_UPDATE", has="order.id", keys=["order.id"]) == [
        ("unknown-key", "'order.id' is a path, and 'keys' is told of whole keys.", "Name 'order'.")
    ]


@pytest.mark.parametrize(
    ("conditions", "unknown"),
    [
        ({"keys": "number", "state": "pay/card"}, []),
        ({"keys": "number"}, []),
        ({"keys": "number", "state": "basket"}, ["number"]),
        ({"keys": "order", "state": "pay/card"}, ["order"]),
        ({"has": "amount", "state": "pay/card"}, []),
        ({"has": "wants_out", "state": "pay/card"}, []),
        ({"has": "amount", "state": "basket"}, ["amount"]),
        ({"has": ["amount"], "state": ["basket", "pay/paid"]}, []),
    ],
    ids=str,
)
def test_the_keys_are_those_of_the_machines_that_it_runs_in(conditions: dict[str, Any], unknown: list[str]) -> None:
    assert [message.split("'")[1] for _, message, _ in told(SHOP, "CONTEXT_UPDATE", **conditions)] == unknown


def test_where_nothing_is_declared_any_key_may_come() -> None:
    open_card = {**SHOP, "subflows": {"payment": {**CARD, "context": None}}}
    assert told(open_card, "CONTEXT_UPDATE", keys="paid_at") == []
    assert told(open_card, "CONTEXT_UPDATE", keys="paid_at", state="basket") != []


# What cannot be meant at all


@pytest.mark.parametrize("errors", ["ignore", "log", "", None, True])
def test_errors_raise_or_continue(errors: Any) -> None:
    with pytest.raises(ValueError, match=rf"handler 'it': there is no errors={errors!r}; there are 'raise' and 'cont"):
        handling(plain, writing(), "ERROR", errors=errors)
    with pytest.raises(ValueError, match="there are 'raise' and 'continue'"):
        create_handler("it").on_error(errors)


@pytest.mark.parametrize("timeout", [0, -1, -0.5, float("nan"), float("inf"), True, "5"], ids=repr)
def test_a_timeout_is_a_time_to_wait(timeout: Any) -> None:
    with pytest.raises(
        ValueError, match=r"handler 'it': timeout=.* is no time to wait; give a number of seconds above"
    ):
        handling(plain, writing(), "ERROR", timeout=timeout)
    with pytest.raises(ValueError, match="is no time to wait"):
        create_handler("it").with_timeout(timeout)
