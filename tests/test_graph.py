"""A compiled machine is LangGraph's own graph, shows itself offline, and where a conversation stands in it."""

from __future__ import annotations

import asyncio
import sys
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph.state import CompiledStateGraph
from machines import AGAIN, CONFIG, FORM, SHOP, WELCOME, Talk, reply

from fsm_langgraph import (
    LLM_FSM,
    ConversationError,
    Graph,
    Picture,
    ScriptedModel,
    build_graph,
    compile_fsm,
    load_definition,
)

SILENT = ScriptedModel(replies=[])
Look = Callable[[Graph, Any], Picture]


def looked(graph: Graph, config: Any) -> Picture:
    """Take the picture of a conversation with `picture`."""
    return graph.picture(config)


def awaited(graph: Graph, config: Any) -> Picture:
    """Take the picture of a conversation with `apicture`."""
    return asyncio.run(graph.apicture(config))


LOOKS = [looked, awaited]


def shown(thing: Any) -> dict[str, Any]:
    """Return what a notebook is given of something."""
    bundle: dict[str, Any] = thing._repr_mimebundle_(include=None, exclude=None)
    return bundle


def kinds() -> dict[str, Any]:
    """Make one of everything that shows itself."""
    graph = compile_fsm(FORM, SILENT)
    return {
        "definition": load_definition(FORM),
        "graph": graph,
        "graph with a config": graph.with_config({"tags": ["x"]}),
        "graph compiled by hand": build_graph(FORM, SILENT).compile(InMemorySaver(), name="test"),
        "picture": graph.picture(),
        "conversations": LLM_FSM(FORM, SILENT),
    }


@pytest.mark.parametrize("kind", kinds())
def test_a_machine_shows_itself_as_svg_and_png(kind: str) -> None:
    bundle = shown(kinds()[kind])

    assert bundle.keys() == {"text/plain", "image/svg+xml", "image/png"}
    assert bundle["image/svg+xml"].startswith("<?xml")
    assert ">ask_email<" in bundle["image/svg+xml"]
    assert b64decode(bundle["image/png"]).startswith(b"\x89PNG\r\n")
    assert "test" in bundle["text/plain"]


@pytest.mark.parametrize("kind", kinds())
def test_without_pygraphviz_the_text_says_how_to_install_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    bundle = shown(kinds()[kind])

    assert bundle.keys() == {"text/plain"}
    assert bundle["text/plain"].endswith("Run: pip install 'fsm-langgraph[draw]'")


@pytest.mark.parametrize("make", [lambda g: g, lambda g: g.with_config({"tags": ["x"]}), lambda g: g.copy()])
def test_a_compiled_machine_is_langgraphs_own_graph(make: Callable[[Graph], Graph]) -> None:
    graph = make(compile_fsm(FORM, ScriptedModel(replies=["Name?"]), checkpointer=InMemorySaver()))

    assert isinstance(graph, CompiledStateGraph)
    assert isinstance(graph, Graph)
    assert graph.invoke({}, CONFIG)["current_state"] == "ask_name"
    assert graph.picture(CONFIG).current == "ask_name"


@pytest.mark.parametrize("look", LOOKS)
def test_a_conversation_that_has_not_begun_is_nowhere(look: Look) -> None:
    picture = look(Talk(FORM).graph, CONFIG)
    assert (picture.current, picture.visits) == (None, {})


@pytest.mark.parametrize("look", LOOKS)
def test_a_picture_counts_how_often_each_state_was_entered(look: Look) -> None:
    talk = Talk(WELCOME, ["Hi", reply("ask_name"), "Name?", reply("ask_email", name="Ann"), reply("ask_email")])
    talk.say()
    talk.say("hm")
    talk.say("Ann")
    talk.say("hm")

    picture = look(talk.graph, CONFIG)

    assert picture.current == "ask_email"
    assert picture.visits == {"welcome": 1, "ask_name": 1, "ask_email": 1}


def test_entering_a_state_again_counts_and_staying_does_not() -> None:
    talk = Talk(AGAIN, ["X?", reply("again", again=True), "X?", "Once more: X?", reply("done", x=1)])
    talk.say()
    talk.say("again")

    assert talk.graph.picture(CONFIG).visits == {"ask": 2}


@pytest.mark.parametrize("look", LOOKS)
def test_in_a_sub_machine_the_inner_state_is_the_current_one(look: Look) -> None:
    talk = Talk(SHOP, ["Item?", reply("payment", "Card?", item="book")])
    talk.say()
    talk.say("a book")

    picture = look(talk.graph, CONFIG)

    assert picture.current == "payment/card"
    assert picture.visits == {"cart": 1, "payment": 1, "payment/card": 1}
    assert repr(picture) == (
        "<Picture of 'test', 5 states; in 'payment/card'; "
        "visited: 'cart' \N{MULTIPLICATION SIGN}1, 'payment' \N{MULTIPLICATION SIGN}1, "
        "'payment/card' \N{MULTIPLICATION SIGN}1>"
    )


def test_a_digression_and_the_way_back_are_counted() -> None:
    replies = ["Item?", reply("hours", "At nine. Item?"), reply("payment", "Card?", item="book")]
    talk = Talk(SHOP, replies)
    talk.say()
    talk.say("when do you open?")
    talk.say("a book")

    assert talk.graph.picture(CONFIG).visits["hours"] == 1
    assert talk.graph.picture(CONFIG).current == "payment/card"


def test_a_turn_that_failed_is_not_counted() -> None:
    talk = Talk(FORM, ["Name?", "no JSON", "no JSON"])
    talk.say()
    with pytest.raises(Exception, match="no usable reply"):
        talk.say("Ann")

    picture = talk.graph.picture(CONFIG)

    assert (picture.current, picture.visits) == ("ask_name", {"ask_name": 1})


def test_only_the_branch_that_a_conversation_is_on_is_counted() -> None:
    talk = Talk(FORM, ["Name?", reply("ask_email", "E-mail?", name="Ann"), reply("done", "Bye.", email="a@b.c")])
    talk.say()
    begun = talk.graph.get_state(CONFIG).config
    talk.say("Ann")
    talk.say("a@b.c")
    talk.model.replies.append(reply("ask_email", "E-mail?", name="Bob"))
    talk.graph.invoke({"messages": [("user", "Bob")]}, begun)

    picture = talk.graph.picture(CONFIG)

    assert (picture.current, picture.visits) == ("ask_email", {"ask_name": 1, "ask_email": 1})


def test_a_conversation_that_was_moved_counts_where_it_was_moved_to() -> None:
    talk = Talk(FORM, ["Name?", reply("ask_email", "And your e-mail address?")])
    talk.say()
    talk.graph.update_state(CONFIG, {"current_state": "ask_email"}, as_node="ask_email")
    talk.say("hm")

    assert talk.graph.picture(CONFIG).visits == {"ask_name": 1, "ask_email": 1}


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_every_way_of_keeping_a_conversation_tells_its_visits(durability: Any) -> None:
    replies = ["Hi", reply("ask_name", name="Ann"), "E-mail?", reply("done", "Bye.", email="a@b.c")]
    graph = compile_fsm(WELCOME, ScriptedModel(replies=replies), checkpointer=InMemorySaver())
    graph.invoke({}, CONFIG, durability=durability)
    graph.invoke({"messages": [("user", "Ann")]}, CONFIG, durability=durability)
    graph.invoke({"messages": [("user", "a@b.c")]}, CONFIG, durability=durability)

    assert graph.picture(CONFIG).visits == {"welcome": 1, "ask_name": 1, "ask_email": 1, "done": 1}


def test_a_conversation_can_be_seen_by_its_id() -> None:
    fsm = LLM_FSM(SHOP, ScriptedModel(replies=["Item?", reply("payment", "Card?", item="book")]))
    fsm.converse("", "a")
    fsm.converse("a book", "a")

    assert fsm.picture("a").current == "payment/card"
    assert asyncio.run(fsm.apicture("a")).visits == {"cart": 1, "payment": 1, "payment/card": 1}
    assert fsm.picture().current is None
    assert asyncio.run(fsm.apicture()).current is None
    with pytest.raises(ConversationError, match="no such conversation"):
        fsm.picture("b")
    with pytest.raises(ConversationError, match="no such conversation"):
        asyncio.run(fsm.apicture("b"))


def test_checkpoints_carry_the_name_of_the_outermost_machine_beside_what_the_caller_gives() -> None:
    talk = Talk({**SHOP, "name": "shop"}, ["Item?", reply("payment", "Card?", item="book")])
    talk.say()
    talk.graph.invoke({"messages": [("user", "a book")]}, {**CONFIG, "metadata": {"channel": "web"}})

    saver = talk.graph.checkpointer
    assert isinstance(saver, InMemorySaver)
    stored = [
        (checkpoint.metadata.get("fsm_name"), checkpoint.metadata.get("channel")) for checkpoint in saver.list(None)
    ]
    assert set(stored) == {("shop", None), ("shop", "web")}
    assert {bool(checkpoint.config["configurable"]["checkpoint_ns"]) for checkpoint in saver.list(None)} == {
        True,
        False,
    }
