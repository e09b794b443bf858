"""Handlers that never run: what is told of their moments, targets and keys, and that it is true of real turns."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

import pytest
from handling import handling, plain, writing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from langchain_core.tools import InjectedToolCallId, tool
from langgraph.types import Command
from machines import DECLARED, DRIVERS, FORM, Drive, Talk, machine, reply, state, to
from orders import command
from profiles import examples
from random_machines import Deed, Plan, plans
from watching import Handled, hold, watch_decisions

from fsm_langgraph import Event, Handlers, load_definition
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


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with watch_decisions(), asyncio.Runner() as runner:
        yield runner


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


KINDS = {
    **machine(
        state("hello", to("ask"), silent=True, say="Welcome!"),
        state("ask", to("weigh", "item"), required_context_keys=["item"]),
        state("weigh", to("think", "kilos"), required_context_keys=["kilos"], decision="logic"),
        state("think", to("pay", "good"), required_context_keys=["good"], listens=False),
        state("pay", to("check", "sure"), subflow="card", outputs=["number"]),
        state("check", to("done", "number"), to("ask"), silent=True),
        state("done"),
        state("hours", tools=["look"]),
        global_transitions=[to("hours", **{"return": True})],
        context={
            **{key: {} for key in ("item", "kilos", "good", "sure", "number")},
            "open_till": {"written_by": "handler"},
        },
    ),
    "subflows": {
        "card": machine(
            state("number", to("sort", "number"), required_context_keys=["number"]),
            state("sort", to("paid"), silent=True),
            state("paid"),
        )
    },
}
"""A state of each kind; in `hours` the model calls a tool that writes a key."""


@tool
def look(tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
    """Look when we are open."""
    return command(tool_call_id, "Till five.", open_till=5)


@pytest.mark.parametrize("drive", DRIVERS)
def test_what_is_told_are_the_moments_that_never_come_in_a_state_of_its_kind(drive: Drive) -> None:
    came: set[tuple[str, str]] = set()
    handlers = Handlers()
    handlers.on(*MOMENTS)(lambda event: came.add((event.moment, event.state)))
    opened = AIMessage("", tool_calls=[{"name": "look", "args": {}, "id": "1"}])
    replies = [
        reply("ask", "Which item?"),
        *(reply("hours"), opened, "Till five."),
        *(reply("weigh", "How heavy?", item="lamp"), reply("think", kilos=2), reply("pay", good=True), "Your card?"),
        *(reply("sort", number=7), "Are you sure?"),
        *(reply("check", "Bye!", sure=True), "Bye!"),
    ]
    talk = Talk(KINDS, replies, drive, handlers=handlers, tools=[look])
    for text in ("Hello", "When?", "A lamp", "2", "7", "Yes"):
        talk.say(text)

    assert talk.values["current_state"] == "done"
    paths = load_definition(KINDS).by_path
    never = {(moment, path) for moment in MOMENTS for path in paths if told(KINDS, moment, state=path)}
    # A node of somebody's own may have a conversation begin in any state, `hours` too, and a turn may fail in each.
    anywhere = {(moment, path) for moment in ("START_CONVERSATION", "ERROR") for path in paths if "/" not in path}
    # Out of the end of a sub-machine a global transition of a machine around may lead.
    may_come = {*came, *anywhere, ("END_CONVERSATION", "hours"), ("PRE_TRANSITION", "pay/paid")}
    assert never == {(moment, path) for moment in MOMENTS for path in paths} - may_come


@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
@given(plan=plans(), drive=st.sampled_from(DRIVERS))
def test_no_handler_that_may_run_is_told(plan: Plan, drive: Drive, loop: asyncio.Runner) -> None:
    everywhere = Deed(MOMENTS, {}, agrees=False, writes={}, refuses=None, stores=False)
    turns = hold(replace(plan, deeds=[*plan.deeds, everywhere]), drive, loop)

    came = {(each.moment, each.state) for turn in turns for each in turn.happened if isinstance(each, Handled)}
    assert {(moment, path) for moment, path in came if told(plan.definition, moment, state=path)} == set()


@pytest.mark.parametrize(
    ("moment", "where", "reason", "advice"),
    [
        ("POST_PROCESSING", "check", "a silent state", "Run it at POST_TRANSITION, when a state has been entered."),
        (
            "PRE_PROCESSING",
            "hello",
            "a silent state",
            "Run it at START_CONVERSATION, as the conversation begins there.",
        ),
        ("CONTEXT_UPDATE", ["check", "done"], "a silent or a final state", "Run it at POST_TRANSITION, when"),
        ("POST_PROCESSING", "pay/paid", "a final state", "Run it at POST_TRANSITION, when a state has been entered."),
    ],
    ids=str,
)
def test_no_reply_is_judged_in_a_silent_state_and_in_a_final_one(
    moment: str, where: Any, reason: str, advice: str
) -> None:
    ((code, message, advised),) = told(KINDS, moment, state=where)
    assert code == "idle-handler"
    assert message == f"it never runs at {moment}: no reply of a model's is judged in {reason}."
    assert advised.startswith(advice)


def test_a_first_state_that_is_never_returned_to_is_not_entered() -> None:
    advice = "Run it at START_CONVERSATION, as the conversation begins there."
    message = "it never runs at POST_TRANSITION: no transition leads to its 'state'."
    assert told(KINDS, "POST_TRANSITION", state="hello") == [("idle-handler", message, advice)]
    assert told(KINDS, "POST_TRANSITION", state="pay/number") == []
    lone = {**KINDS, "states": {**KINDS["states"], "attic": state("attic", to("ask"))}}
    ((_, _, advised),) = told(lone, "POST_TRANSITION", state="attic")
    assert advised == "Let a transition lead there."


@pytest.mark.parametrize("drive", DRIVERS)
def test_an_error_inside_a_sub_machine_is_told_in_the_state_that_runs_it(drive: Drive) -> None:
    states: list[str] = []
    handlers = Handlers()

    @handlers.on("ERROR")
    def note(event: Event) -> str:
        states.append(event.state)
        return "Sorry!"

    talk = Talk(SHOP, [reply("pay", order={"id": 1}), "Your card?", "no JSON", "no JSON"], drive, handlers=handlers)
    talk.say("A pizza")

    assert (talk.say("7"), states) == ("Sorry!", ["pay"])
    message = "it never runs at ERROR: it runs in the state of the outermost machine that runs the sub-machine."
    assert [found for _, found, _ in told(SHOP, "ERROR", under="pay")] == [message]


def test_as_a_conversation_begins_keys_are_those_that_the_caller_gave() -> None:
    ran: list[frozenset[str]] = []
    handlers = Handlers()
    handlers.on("START_CONVERSATION", keys="name")(lambda event: ran.append(event.updated))
    Talk(FORM, ["Your e-mail?"], handlers=handlers).say(context={"name": "Ann"})

    assert ran == [{"name"}]
    assert told(FORM, "START_CONVERSATION", keys="name") == []


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
