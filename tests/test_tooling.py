"""Tools in a turn: who may call them and how often, what they change, and what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from handling import handling, plain
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import InjectedToolCallId
from langgraph.prebuilt import InjectedState, InjectedStore, ToolNode, ToolRuntime
from langgraph.store.memory import InMemoryStore
from langgraph.types import Command, interrupt
from machines import AGAIN, CONFIG, DRIVERS, Drive, Json, Talk, given, machine, reply, state, to
from orders import ORDERS, SHOP, calling, command, with_tool

from fsm_langgraph import HandlerError, Handlers, RejectValue, ReplyError, ToolError

pytestmark = pytest.mark.parametrize("drive", DRIVERS)

FIND = calling(("find", {"order": "7"}))


def shop(drive: Drive, *replies: Any, tools: Any = SHOP, definition: Any = ORDERS, **options: Any) -> Talk:
    """Begin a conversation in the shop, which has asked for the order."""
    talk = Talk(definition, ["Which order?", *replies], drive, tools=tools, **options)
    talk.say()
    return talk


def results(talk: Talk, call: int = -1) -> list[str]:
    """What tools have answered, as a model call has it among its messages."""
    return [message.text for message in talk.model.calls[call].messages if isinstance(message, ToolMessage)]


def errors(talk: Talk) -> list[str]:
    return [call["error"] for call in talk.record["tool_calls"]]


# The loop


def test_the_reply_comes_after_the_tools_have_answered(drive: Drive) -> None:
    talk = shop(drive, FIND, reply("track", "It is on its way."))
    assert talk.watch("where is 7?") == "It is on its way."
    assert results(talk) == ["Order 7 is on its way."]
    assert talk.record["tool_calls"] == [{"state": "track", "tool": "find", "error": ""}]
    assert [call["mode"] for call in talk.record["model_calls"]] == ["understand", "understand"]


def test_what_the_model_and_the_tools_say_to_each_other_lasts_for_the_turn(drive: Drive) -> None:
    talk = shop(drive, FIND, reply("track", "On its way."), reply("track", "Hm?"))
    talk.say("where is 7?")
    talk.say("thanks")
    assert [message.text for message in talk.values["messages"]] == [
        *("Which order?", "where is 7?", "On its way.", "thanks", "Hm?"),
    ]
    assert "<this_turn>" not in talk.prompts[-1]
    assert talk.record["tool_calls"] == []


def test_a_state_s_calls_are_offered_its_own_tools_and_no_others(drive: Drive) -> None:
    talk = shop(drive, reply("paying", "REFUSED", order="7"), "Pay now?", reply("done", "REFUSED"), "Not paid yet.")
    talk.say("7")
    talk.say("did I pay?")
    assert [call.tools for call in talk.model.calls] == [("find", "cancel")] * 2 + [("pay",)] * 3


def test_a_state_without_tools_is_asked_as_ever(drive: Drive) -> None:
    talk = Talk(AGAIN, [reply("ask", "Hm?")], drive, tools=SHOP)
    talk.say("hello")
    assert [call.tools for call in talk.model.calls] == [()]
    assert "tool" not in talk.prompts[0]


@pytest.mark.parametrize("mode", ["understand", "think", "speak"])
def test_the_model_is_told_to_use_the_tools(mode: str, drive: Drive) -> None:
    calls = {"calls": "two"} if mode == "think" else {}
    definition = machine(state("ask", to("done", "x"), tools=["find"], **calls), state("done"))
    talk = Talk(definition, [reply("ask"), "Hm?"], drive, tools=SHOP)
    talk.say("" if mode == "speak" else "hello")
    assert "call the tools for what must be looked up or done" in talk.prompts[0]


def test_several_calls_of_one_reply_are_made_one_after_the_other(drive: Drive) -> None:
    both = calling(("find", {"order": "1"}), ("find", {"order": "2"}))
    talk = shop(drive, both, reply("track", "Both are on their way."))
    talk.say("where are 1 and 2?")
    assert results(talk) == ["Order 1 is on its way.", "Order 2 is on its way."]
    assert [type(message) for message in talk.model.calls[-1].messages[-3:]] == [AIMessage, ToolMessage, ToolMessage]


def test_a_later_call_finds_what_an_earlier_one_wrote(drive: Drive) -> None:
    def count(
        tool_call_id: Annotated[str, InjectedToolCallId], state: Annotated[dict[str, Any], InjectedState]
    ) -> Command[Any]:
        return command(tool_call_id, "Counted.", seen=state["context"].get("seen", 0) + 1)

    talk = shop(drive, calling("find", "find"), reply("track"), tools=with_tool("find", count))
    talk.say("hm")
    assert talk.values["context"]["seen"] == 2


# Limits


def test_after_so_many_calls_the_model_is_asked_without_tools(drive: Drive) -> None:
    talk = shop(drive, FIND, FIND, FIND, reply("track", "On its way."))
    assert talk.say("where is 7?") == "On its way."
    last = talk.model.calls[-1]
    assert last.tools == ()
    assert [type(message) for message in last.messages[1:]] == [HumanMessage, AIMessage, HumanMessage]
    assert last.messages[0].text.count('{"tool":"find","result":"Order 7 is on its way."}') == 3


def test_calls_beyond_the_limit_are_not_made(drive: Drive) -> None:
    talk = shop(drive, calling(*[("find", {"order": str(n)}) for n in range(5)]), reply("track"))
    talk.say("where are they?")
    assert errors(talk) == ["", "", "", "no more tools can be called now", "no more tools can be called now"]


def test_a_model_that_calls_tools_for_ever_has_no_usable_reply(drive: Drive) -> None:
    talk = shop(drive, *[FIND] * 5)
    with pytest.raises(ReplyError):
        talk.say("where is 7?")
    assert [call.tools for call in talk.model.calls[1:]] == [("find", "cancel")] * 3 + [()] * 2
    assert talk.values["current_state"] == "track"


def test_reading_and_speaking_share_the_limit_of_the_stay(drive: Drive) -> None:
    talk = shop(drive, FIND, FIND, reply("done", "REFUSED"), FIND, "It cannot be ended now.")
    assert talk.watch("end it") == "It cannot be ended now."
    assert [call.tools for call in talk.model.calls[-3:]] == [("find", "cancel")] * 2 + [()]


def test_each_stay_in_a_turn_has_its_own_limit(drive: Drive) -> None:
    talk = shop(drive, FIND, FIND, FIND, reply("paying", "REFUSED", order="7"), calling("pay"), "Bye!")
    assert talk.say("pay 7") == "Bye!"
    assert errors(talk) == [""] * 4


def test_a_bad_reply_between_tools_is_asked_for_again(drive: Drive) -> None:
    talk = shop(drive, FIND, "no JSON", FIND, reply("track", "On its way."))
    assert talk.say("where is 7?") == "On its way."
    assert [call["error"] for call in talk.record["model_calls"]] == ["", "it is not a JSON object", "", ""]


# Calls that are not made


def test_a_tool_of_another_state_is_not_called(drive: Drive) -> None:
    called: list[str] = []
    talk = shop(
        drive, calling("pay"), reply("track", "Which one?"), tools=with_tool("pay", lambda: called.append("pay"))
    )
    talk.say("pay")
    assert called == []
    assert results(talk) == ["Error: there is no such tool here, only find, cancel."]
    assert talk.record["tool_calls"] == [
        {"state": "track", "tool": "pay", "error": "there is no such tool here, only find, cancel"}
    ]


def test_a_made_up_tool_is_not_called_and_its_name_is_kept_short(drive: Drive) -> None:
    talk = shop(drive, calling("x" * 1000), reply("track", "Hm?"))
    talk.say("do it")
    assert [call["tool"] for call in talk.record["tool_calls"]] == ["x" * 64]


def test_arguments_that_are_no_json_go_back_to_the_model(drive: Drive) -> None:
    cut = AIMessage("", invalid_tool_calls=[{"name": "find", "args": '{"order": "7', "id": "c", "error": None}])
    talk = shop(drive, cut, reply("track", "Which one?"))
    talk.say("find 7")
    assert results(talk) == ["Error: the arguments are not a JSON object."]
    *_, asked, _ = talk.model.calls[-1].messages
    assert isinstance(asked, AIMessage)
    assert (asked.invalid_tool_calls, asked.tool_calls[0]["args"]) == ([], {})


def test_arguments_that_do_not_fit_go_back_to_the_model_and_into_no_record(drive: Drive) -> None:
    talk = shop(drive, calling(("find", {"order": ["secret"]})), reply("track", "Which one?"))
    talk.say("find it")
    assert "Input should be a valid string" in results(talk)[0]
    assert errors(talk) == ["it failed"]


def test_a_tool_that_fails_fails_the_turn(drive: Drive) -> None:
    def fail() -> None:
        raise ConnectionError("the warehouse is away")

    talk = shop(drive, calling("find"), tools=with_tool("find", fail))
    before = talk.kept
    with pytest.raises(ToolError, match=r"'track': tool 'find' failed: ConnectionError: the warehouse is away") as told:
        talk.say("find 7")
    assert isinstance(told.value.__cause__, ConnectionError)
    assert talk.kept == before


def test_a_node_that_handles_errors_tells_them_to_the_model(drive: Drive) -> None:
    def fail() -> None:
        raise ConnectionError("the warehouse is away")

    node = ToolNode(with_tool("find", fail), handle_tool_errors="Try later.")
    talk = shop(drive, calling("find"), reply("track", "Please try later."), tools=node)
    talk.say("find 7")
    assert results(talk) == ["Try later."]
    assert errors(talk) == ["it failed"]


def test_an_error_handler_answers_for_a_tool(drive: Drive) -> None:
    handlers = handling(plain, lambda event: f"{type(event.error).__name__}!", "ERROR")
    tools = with_tool("find", lambda: 1 / 0)
    talk = shop(drive, calling("find"), tools=tools, handlers=handlers)
    assert talk.watch("find 7") == "ToolError!"
    assert talk.record["tool_calls"] == []


# What tools write


def test_a_key_that_a_tool_writes_fires_an_edge_once_the_reply_is_there(drive: Drive) -> None:
    talk = shop(drive, calling("cancel"), reply("track", "REFUSED"), "It is cancelled.")
    assert talk.watch("cancel it") == "It is cancelled."
    assert (talk.record["why"], talk.record["landing"]) == ("fired", "done")
    assert talk.record["changed"] == ["cancelled"]
    assert talk.values["context"] == {"cancelled": True}


def test_a_reply_may_choose_the_edge_that_a_tool_has_opened(drive: Drive) -> None:
    talk = shop(drive, calling("cancel"), reply("done", "It is cancelled."))
    assert talk.watch("cancel it") == "It is cancelled."
    assert talk.record["why"] == "proposed"


def test_the_model_sees_what_a_tool_has_written(drive: Drive) -> None:
    talk = shop(drive, calling("cancel"), reply("done", "It is cancelled."))
    talk.say("cancel it")
    assert '<context>\n{"cancelled":true}\n</context>' in talk.prompts[-1]


def test_a_later_speaker_is_told_what_tools_have_answered(drive: Drive) -> None:
    talk = shop(drive, calling(("cancel", {"order": "7"})), reply("track", "REFUSED"), "It is cancelled.")
    talk.say("cancel 7")
    facts = '{"came_from":"track","tool_results":[{"tool":"cancel","result":"Order 7 is cancelled."}]}'
    assert f"<this_turn>\n{facts}\n</this_turn>" in talk.prompts[-1]


def test_handlers_hear_of_what_a_tool_has_written(drive: Drive) -> None:
    seen: list[Any] = []
    handlers = handling(plain, lambda event: seen.append((event.state, event.updated)), "CONTEXT_UPDATE")
    talk = shop(drive, calling("cancel"), reply("done", "Cancelled."), handlers=handlers)
    talk.say("cancel it")
    assert seen == [("track", {"cancelled"})]


def test_a_tool_may_remove_what_it_has_written(drive: Drive) -> None:
    def reopen(tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
        return command(tool_call_id, "Reopened.", cancelled=None)

    replies = calling("cancel", "find"), reply("track", "It is open again.")
    talk = shop(drive, *replies, tools=with_tool("find", reopen))
    assert talk.say("cancel it, no, do not") == "It is open again."
    assert talk.values["context"] == {}


def test_a_step_of_thought_decides_by_what_its_tools_have_written(drive: Drive) -> None:
    definition = {
        **machine(
            state("ask", to("check", "order"), required_context_keys=["order"]),
            state("check", to("done", "cancelled"), to("ask"), listens=False, tools=["cancel"]),
            state("done"),
        ),
        "context": ORDERS["context"],
    }
    replies = reply("check", "REFUSED", order="7"), calling("cancel", text="REFUSED"), reply("done", None), "Done."
    talk = shop(drive, *replies, definition=definition)
    assert talk.watch("7") == "Done."
    assert talk.record["path"] == ["ask", "check", "done"]


# Speaking


def test_a_state_that_is_entered_may_use_its_tools_to_speak(drive: Drive) -> None:
    ticket = with_tool("pay", lambda: "The total is 9.")
    talk = shop(drive, reply("paying", "REFUSED", order="7"), calling("pay", text="REFUSED"), "It is 9.", tools=ticket)
    assert talk.watch("7") == "It is 9."
    assert results(talk) == ["The total is 9."]
    assert talk.record["landing"] == "paying"


def test_a_message_that_another_state_wrote_for_one_with_tools_is_not_shown(drive: Drive) -> None:
    talk = shop(drive, reply("paying", "REFUSED", order="7"), "Pay now?")
    assert talk.watch("7") == "Pay now?"
    assert talk.said[-1] == "Pay now?"


def test_a_message_that_a_state_wrote_for_itself_is_shown(drive: Drive) -> None:
    states = {**AGAIN["states"], "ask": {**AGAIN["states"]["ask"], "tools": ["find"]}}
    talk = Talk({**AGAIN, "states": states}, [reply("again", "Again?", again=True)], drive, tools=SHOP)
    assert talk.watch("again") == "Again?"
    assert talk.record["path"] == ["ask", "ask"]


def test_a_key_written_while_speaking_may_lead_on_and_nothing_of_the_speech_is_shown(drive: Drive) -> None:
    talk = shop(drive, reply("paying", "REFUSED", order="7"), calling("pay", text="REFUSED"), "It is paid.")
    assert talk.watch("7") == "It is paid."
    assert talk.record["path"] == ["track", "paying", "done"]
    assert [step["why"] for step in talk.record["steps"]] == ["proposed", "stayed", "fired"]
    assert talk.record["changed"] == ["order", "paid"]


def test_text_beside_a_call_while_speaking_is_not_shown(drive: Drive) -> None:
    talk = Talk(ORDERS, [calling("find", text="REFUSED"), "Which order?"], drive, tools=with_tool("find", lambda: ""))
    assert talk.watch() == "Which order?"
    assert talk.said == ["Which order?"]


def test_a_final_state_may_look_things_up_for_its_goodbye_and_later_questions(drive: Drive) -> None:
    definition = {**ORDERS, "states": {**ORDERS["states"], "done": {**ORDERS["states"]["done"], "tools": ["find"]}}}
    talk = shop(drive, reply("done", "REFUSED"), "Hm?", definition=definition)
    talk.say("done")
    talk.graph.update_state(CONFIG, {"current_state": "done"}, as_node="done")
    talk.model.replies += [FIND, "It is on its way."]
    assert talk.watch("where is 7?") == "It is on its way."
    assert talk.record["why"] == "ended"


def test_an_edge_s_handlers_run_when_a_tool_leads_on(drive: Drive) -> None:
    ran: list[str] = []
    handlers = Handlers()
    handlers.on("PRE_TRANSITION", "CONTEXT_UPDATE", name="it")(lambda e: ran.append(f"{e.moment} {e.state}"))
    talk = shop(drive, reply("paying", "…", order="7"), calling("pay"), "It is paid.", handlers=handlers)
    talk.say("7")
    assert ran == ["CONTEXT_UPDATE track", "PRE_TRANSITION track", "CONTEXT_UPDATE paying", "PRE_TRANSITION paying"]


def test_a_value_of_a_tool_s_that_a_handler_refuses_is_told_while_speaking(drive: Drive) -> None:
    handlers = Handlers()

    @handlers.on("CONTEXT_UPDATE", keys="paid")
    def refuse(_: Any) -> None:
        raise RejectValue("is not booked yet")

    talk = shop(drive, reply("paying", "…", order="7"), calling("pay"), "Not yet.", handlers=handlers)
    assert talk.say("7") == "Not yet."
    assert talk.values["context"] == {"order": "7"}
    assert '"rejected":[{"key":"paid","reason":"is not booked yet"}]' in talk.prompts[-1]


# What tools get


def test_a_tool_sees_the_conversation_and_a_copy_of_the_context(drive: Drive) -> None:
    seen: list[Mapping[str, Any]] = []

    def look(state: Annotated[dict[str, Any], InjectedState]) -> str:
        seen.append(state)
        state["context"]["order"] = "HACKED"
        return "Looked."

    talk = shop(drive, reply("track", order="7"), calling("find"), reply("track"), tools=with_tool("find", look))
    talk.model.replies[1] = reply("track", "…", also={"note": "7"})
    talk.say("seven")
    talk.say("find it")
    assert [message.text for message in seen[0]["messages"]] == ["Which order?", "seven", "…", "find it", ""]
    assert talk.values["context"] == {"note": "7"}


def test_a_tool_gets_the_store_and_the_runtime(drive: Drive) -> None:
    def remember(runtime: ToolRuntime[Any, Any], store: Annotated[Any, InjectedStore()]) -> str:
        store.put(("shop",), "it", {"call": runtime.tool_call_id})
        return "Kept."

    store = InMemoryStore()
    talk = shop(drive, calling("find"), reply("track"), tools=with_tool("find", remember), store=store)
    talk.say("hm")
    kept = store.get(("shop",), "it")
    assert kept is not None
    assert kept.value == {"call": "call-0"}


# Approval


def approved(tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
    """Pay, once a person has said so."""
    answer = interrupt("May it?")
    return command(tool_call_id, f"Approved: {answer}.", paid=answer == "yes")


@pytest.mark.parametrize(
    ("answer", "said", "context"),
    [
        pytest.param("yes", "It is paid.", {"order": "7", "paid": True}, id="approved"),
        pytest.param("no", "It is not paid.", {"order": "7", "paid": False}, id="refused"),
    ],
)
def test_a_tool_can_ask_a_person_and_go_on(answer: str, said: str, context: Json, drive: Drive) -> None:
    replies = reply("paying", "REFUSED", order="7"), calling("pay"), said
    talk = shop(drive, *replies, tools=with_tool("pay", approved))
    before = talk.kept
    interrupted = drive(talk.graph, given("7"), CONFIG)
    assert [asked.value for asked in interrupted["__interrupt__"]] == ["May it?"]
    assert talk.kept == before
    drive(talk.graph, Command(resume=answer), CONFIG)
    assert talk.said[-1] == said
    assert talk.values["context"] == context


def test_an_approval_belongs_to_the_call_it_was_asked_for(drive: Drive) -> None:
    def ask(order: str) -> str:
        return f"{order}: {interrupt(f'{order}?')}"

    two = calling(("find", {"order": "1"}), ("find", {"order": "2"}))
    talk = shop(drive, two, reply("track", "Fine."), tools=with_tool("find", ask))
    asked = [drive(talk.graph, given("1 and 2"), CONFIG)["__interrupt__"][0].value]
    asked.append(drive(talk.graph, Command(resume="yes"), CONFIG)["__interrupt__"][0].value)
    drive(talk.graph, Command(resume="no"), CONFIG)
    assert asked == ["1?", "2?"]
    assert results(talk) == ["1: yes", "2: no"]


# Once only


def counted(name: str) -> tuple[Any, list[str]]:
    """Make a tool that counts its calls."""
    calls: list[str] = []

    def find(order: str, tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
        calls.append(order)
        return command(tool_call_id, f"Order {order} is here.", paid=True)

    return with_tool(name, find), calls


def failing_once() -> Handlers:
    """Make a handler that fails the first time."""
    errors: list[Exception] = [ConnectionError("away")]

    def fail(_: Any) -> None:
        if errors:
            raise errors.pop()

    return handling(plain, fail, "POST_PROCESSING", state="track")


@pytest.mark.parametrize("again", ["resumed", "sent again"])
def test_a_tool_that_was_called_is_not_called_again_when_its_turn_is_run_again(again: str, drive: Drive) -> None:
    tools, calls = counted("find")
    talk = shop(drive, FIND, reply("track", "It is here."), "It is here.", tools=tools, handlers=failing_once())
    with pytest.raises(HandlerError):
        talk.say("where is 7?")
    asked = len(talk.model.calls)

    answer = talk.resume() if again == "resumed" else talk.say("where is 7?")

    assert answer == "It is here."
    assert calls == ["7"]
    assert talk.values["context"]["paid"] is True
    assert [call.schema for call in talk.model.calls[asked:]] == [None]
    assert [call["replayed"] for call in talk.record["model_calls"]] == [True, True, False]


def test_a_tool_is_called_again_in_another_turn(drive: Drive) -> None:
    tools, calls = counted("find")
    talk = shop(drive, *[FIND, reply("track", "It is here.")] * 2, tools=tools)
    talk.say("where is 7?")
    talk.say("where is 7?")

    assert calls == ["7", "7"]


def test_a_tool_that_was_called_by_a_state_that_speaks_is_not_called_again(drive: Drive) -> None:
    tools, calls = counted("pay")
    down = ConnectionError("down")
    talk = shop(drive, reply("paying", order="7"), calling(("pay", {"order": "7"})), down, "Paid.", tools=tools)

    assert talk.say("pay 7") == "Paid."
    assert calls == ["7"]


# Sub-machines

NESTED = {
    **machine(state("start", to("shop", "ready")), state("shop", to("end"), subflow="orders"), state("end")),
    "subflows": {"orders": ORDERS},
}
NESTED["states"]["start"]["required_context_keys"] = ["ready"]


def test_a_state_of_a_sub_machine_uses_its_tools_and_writes_its_own_context(drive: Drive) -> None:
    replies = (
        reply("shop", "REFUSED", ready=True),
        FIND,
        "Which order?",
        calling("cancel"),
        reply("track", None),
        "Bye!",
    )
    talk = Talk(NESTED, replies, drive, tools=SHOP)
    assert talk.watch("ready") == "Which order?"
    assert talk.watch("cancel it") == "Bye!"
    assert talk.record["path"] == ["shop/track", "shop/done", "end"]
    assert talk.record["tool_calls"] == [{"state": "shop/track", "tool": "cancel", "error": ""}]
    assert talk.values["context"] == {"ready": True}


def test_a_tool_of_a_sub_machine_s_state_that_fails_is_told_with_its_path(drive: Drive) -> None:
    talk = Talk(NESTED, [reply("shop", ready=True), FIND], drive, tools=with_tool("find", lambda: 1 / 0))
    with pytest.raises(ToolError, match=r"state 'shop/track': tool 'find' failed: ZeroDivisionError"):
        talk.say("ready")
