"""Old checkpoints go, and nothing that a turn needs: a conversation goes on as if all of them were there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from handling import handling, plain
from kept_conversations import config, database, held, say
from langgraph.types import Command, interrupt
from machines import FORM, SHOP, reply

from fsm_langgraph import LLM_FSM, Event, HandlerError, ScriptedModel, prune_history, turns


@pytest.fixture(params=["sqlite", "postgres"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """A database of either kind."""
    yield from database(request, tmp_path)


def checkpoints(fsm: LLM_FSM, conversation_id: str) -> list[Any]:
    """Return all checkpoints of a conversation, the newest first, those of sub-machines too."""
    return [*fsm.graph.checkpointer.list(config(conversation_id))]  # type: ignore[union-attr]  # it has one


def told(values: dict[str, Any]) -> dict[str, Any]:
    """Return what a conversation has come to, without ids that are made by chance."""
    said = [(message.type, message.text) for message in values["messages"]]
    return {**{name: values[name] for name in ("context", "current_state", "last_turn")}, "messages": said}


@pytest.mark.parametrize("kept", [1, 2, 5])
def test_the_last_turns_stay_with_the_landing_before_them(db: str | Path, kept: int) -> None:
    with held(db) as fsm:
        say(fsm, "1", *map(str, range(12)))
        first = checkpoints(fsm, "1")[-1]
        assert prune_history(fsm, kept) == {"1": 12 * 3 - 1 - (3 * kept + 1)}
        left = checkpoints(fsm, "1")
        assert len(left) == 3 * kept + 1 + 1
        assert left[-1].config == first.config  # it tells when the conversation began
        assert left[-2].parent_config is None
        assert prune_history(fsm, kept) == {}


def test_a_conversation_that_is_pruned_after_each_turn_is_one_that_is_not(db: str | Path) -> None:
    said = ["", "hm", "a book", "4711", "hm", "123"]
    paying = [
        "Item?",
        reply("cart", "Which item?"),
        reply("payment", "Card?", item="book"),
        reply("code", "Code?", card="4711"),
        reply("code", "Your code?"),
        reply("paid", "Thanks!", code="123"),
    ]
    models = [ScriptedModel(replies=paying, repeat=True) for _ in range(2)]
    with held(None, SHOP, model=models[0]) as whole, held(db, SHOP, model=models[1]) as pruned:
        for text in said:
            whole.converse(text, "1")
            pruned.converse(text, "1")
            prune_history(pruned, 1)
        assert told(pruned.graph.get_state(config("1")).values) == told(whole.graph.get_state(config("1")).values)


def test_older_messages_stay(db: str | Path) -> None:
    with held(db, messages_limit=6, history_limit=2) as fsm:
        say(fsm, "1", *map(str, range(20)))
        before = fsm.get_messages("1")
        prune_history(fsm, 1)
        assert fsm.get_messages("1") == before
        say(fsm, "1", "more")
        assert len(fsm.get_messages("1")) == len(before) + 2


def test_a_message_that_was_answered_is_still_known(db: str | Path) -> None:
    with held(db, messages_limit=6, history_limit=2) as fsm:
        for number in range(12):
            fsm.converse(str(number), "1", message_id=f"m-{number}")
        prune_history(fsm, 1)
        for number in (0, 11):
            assert fsm.converse(str(number), "1", message_id=f"m-{number}")[1] == f"You said {number}."
        assert len(fsm.get_messages("1")) == 24


def test_what_a_turn_that_failed_has_done_is_not_done_again(db: str | Path) -> None:
    done: list[str] = []
    fails = ["once"]

    def fail(event: Event) -> None:
        if event.message == "Ann" and fails:
            raise ConnectionError(fails.pop())

    handlers = handling(plain, lambda event: done.append(event.message), "CONTEXT_UPDATE", keys="name")
    handlers.on("POST_PROCESSING")(fail)
    with held(db, handlers=handlers) as fsm:
        say(fsm, "1", *map(str, range(6)))
        with pytest.raises(HandlerError):
            fsm.converse("Ann", "1", message_id="m")
        assert prune_history(fsm, 1)
        fsm.converse("Ann", "1", message_id="m")
        assert fsm.get_current_state("1") == "ask_email"
    assert done == ["Ann"]


def test_a_turn_that_waits_for_a_person_goes_on(db: str | Path) -> None:
    handlers = handling(plain, lambda _: {"note": interrupt("May I?")}, "CONTEXT_UPDATE", keys="name")
    with held(db, handlers=handlers) as fsm:
        say(fsm, "1", *map(str, range(6)), "Ann")
        assert fsm.list_conversations()[0].status == "paused"
        assert prune_history(fsm, 1)
        fsm.graph.invoke(Command(resume="yes"), config("1"))
        assert fsm.get_data("1") == {"name": "Ann", "note": "yes"}
        assert fsm.get_current_state("1") == "ask_email"


def test_the_first_turn_that_stays_can_be_forked(db: str | Path) -> None:
    with held(db) as fsm:
        say(fsm, "1", *map(str, range(6)))
        prune_history(fsm, 2)
        oldest = checkpoints(fsm, "1")[-2]
        fork = fsm.graph.invoke({"messages": [("user", "Ann")]}, oldest.config)
        assert [message.text for message in fork["messages"]][-4:] == ["3", "You said 3.", "Ann", "Your e-mail?"]


def test_a_fork_that_goes_on_beside_the_newest_keeps_the_landing_before_its_last_turn(db: str | Path) -> None:
    with held(db) as fsm:
        say(fsm, "1", "0")

        def turn(text: str, after: Any) -> Any:
            fsm.graph.invoke({"messages": [("user", text)]}, after)
            return fsm.graph.get_state(config("1")).config

        base = fsm.graph.get_state(config("1")).config
        here = turn("a", base)
        there = turn("b", base)
        before = here = turn("c", here)
        landing = there = turn("d", there)
        here = turn("e", here)
        there = turn("f", there)
        turn("g", here)
        prune_history(fsm, 1)
        assert fsm.graph.get_state(before).values == {}
        assert fsm.graph.get_state(landing).values["messages"][-1].text == "You said d."
        assert fsm.graph.get_state(fsm.graph.get_state(there).config).values["messages"][-1].text == "You said f."


def test_a_fork_keeps_its_last_turns_where_it_has_gone_on_since(db: str | Path) -> None:
    with held(db) as fsm:
        say(fsm, "1", *map(str, range(5)))
        early = checkpoints(fsm, "1")[-4]  # before the second turn
        abandoned = fsm.graph.get_state(config("1"))
        for text in "abcdef":
            fsm.graph.invoke({"messages": [("user", text)]}, early.config if text == "a" else config("1"))
        say(fsm, "1", "g")
        prune_history(fsm, 3)
        texts = [message.text for message in fsm.get_messages("1")]
        assert texts[-2:] == ["g", "You said g."]
        assert fsm.graph.get_state(abandoned.config).values == {}  # left before the turns that stay
        assert fsm.converse("h", "1")[1] == "You said h."


def test_a_fork_that_was_left_a_moment_ago_stays_whole_enough_to_go_on(db: str | Path) -> None:
    with held(db) as fsm:
        say(fsm, "1", *map(str, range(8)))
        point = checkpoints(fsm, "1")[9]  # three turns ago
        tip = fsm.graph.get_state(config("1")).config
        fsm.graph.invoke({"messages": [("user", "other")]}, point.config)
        prune_history(fsm, 2)
        kept = fsm.graph.get_state(tip)
        assert kept.values["messages"][-1].text == "You said 7."
        gone_on = fsm.graph.invoke({"messages": [("user", "on")]}, tip)
        assert gone_on["messages"][-1].text == "You said on."


def test_what_sub_machines_left_in_old_turns_goes_and_what_lasts_stays(db: str | Path) -> None:
    paying = ["Item?", reply("payment", "Card?", item="book"), reply("card", "Which card?"), reply("card", "Well?")]
    with held(db, SHOP, model=ScriptedModel(replies=[*paying, *[reply("card", "Go on.")] * 6], repeat=True)) as fsm:
        say(fsm, "1", "", *map(str, range(8)))
        saver: Any = fsm.graph.checkpointer
        head = saver.get_tuple(config("1"))
        for namespace in ("fsm_secrets", "node"):
            where = {"configurable": {"thread_id": "1", "checkpoint_ns": namespace}}
            saver.put(where, {**head.checkpoint, "id": "1ef00000-0000-6000-8000-000000000000"}, head.metadata, {})
        spaces = {saved.config["configurable"]["checkpoint_ns"] for saved in checkpoints(fsm, "1")}
        prune_history(fsm, 2)
        left = {saved.config["configurable"]["checkpoint_ns"] for saved in checkpoints(fsm, "1")}
    assert {"fsm_secrets", "node", ""} <= left
    assert len([space for space in left if ":" in space]) == 2 < len([space for space in spaces if ":" in space])


def test_a_channel_of_differences_keeps_them_all(db: str | Path) -> None:
    with held(db) as fsm:
        say(fsm, "1", *map(str, range(6)))
        saver: Any = fsm.graph.checkpointer
        head = saver.get_tuple(config("1"))
        metadata = {**head.metadata, "counters_since_delta_snapshot": {"notes": 1}}  # as LangGraph marks them
        saver.put(head.parent_config, head.checkpoint, metadata, {})
        assert prune_history(fsm, 1) == {}


def test_turns_that_are_left_are_told(tmp_path: Path) -> None:
    with held(tmp_path / "talks.sqlite", FORM) as fsm:
        say(fsm, "1", *map(str, range(6)))
        prune_history(fsm, 2)
        assert [turn.user for turn in turns(fsm, "1").itertuples()][-2:] == ["4", "5"]
