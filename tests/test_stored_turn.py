"""Turns that are stored under one release go on under the next: their forms have a version, and defaults."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command, interrupt
from machines import CONFIG, DRIVERS, FORM, Drive, Talk, machine, reply, state, sync, to

from fsm_langgraph import Event, Handlers, ScriptedModel, StoredFormError, compile_fsm, load_definition
from fsm_langgraph.machine import make_machine
from fsm_langgraph.turn.frames import before_turn, make_frame, read_frame
from fsm_langgraph.turn.handoff import Handoff
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.stored_turn import VERSION, pack, unpack
from fsm_langgraph.turn.turn import Draft, Next, Turn

STORED = Path(__file__).parent / "data" / "stored"


@pytest.fixture
def saver(tmp_path: Path) -> Iterator[SqliteSaver]:
    """A database that was written before stored forms had a version; see `data/README.md`."""
    file = tmp_path / "conversations.sqlite3"
    file.write_bytes(gzip.decompress((STORED / "unversioned.sqlite3.gz").read_bytes()))
    with closing(sqlite3.connect(file, check_same_thread=False)) as connection:
        yield SqliteSaver(connection)


class Shop:
    """The machine whose conversations are stored there, with handlers that note what they do."""

    def __init__(self, saver: SqliteSaver, replies: list[Any], thread: str, drive: Drive) -> None:
        self.ran: list[str] = []
        handlers = Handlers()
        handlers.on("PRE_TRANSITION", state="ask", name="reserve")(self._reserve)
        handlers.on("POST_TRANSITION", state="confirm", name="approve")(self._approve)
        handlers.on("POST_TRANSITION", state="pay/code", name="check")(self._check)
        model = ScriptedModel(replies=replies)
        self._graph = compile_fsm(STORED / "shop.json", model, handlers=handlers, checkpointer=saver)
        self._config: RunnableConfig = {"configurable": {"thread_id": thread}}
        self._drive = drive

    def go_on(self, turn: Any) -> dict[str, Any]:
        return self._drive(self._graph, turn, self._config)

    def _reserve(self, _: Event) -> dict[str, Any]:
        self.ran.append("reserve")
        return {"reserved": "anew"}

    def _approve(self, _: Event) -> dict[str, Any]:
        self.ran.append("approve")
        return {"approved": interrupt("confirm the order?")}

    def _check(self, _: Event) -> dict[str, Any]:
        self.ran.append("check")
        return {"checked": interrupt("check the card?")}


def test_a_turn_paused_before_forms_had_a_version_goes_on(saver: SqliteSaver) -> None:
    shop = Shop(saver, [], "paused", sync)
    values = shop.go_on(Command(resume="yes"))

    assert shop.ran == ["approve"]  # what was done before the pause is not done again
    assert values["context"]["approved"] == "yes"
    assert values["context"]["reserved"].startswith("by ")
    assert values["current_state"] == "confirm"
    assert values["messages"][-1].text == "Shall I order the lamp?"  # it was kept back for the handler
    assert values["last_turn"]["path"] == ["ask", "confirm"]


def test_a_turn_paused_in_a_sub_machine_before_forms_had_a_version_goes_on(saver: SqliteSaver) -> None:
    shop = Shop(saver, ["The code, please?"], "paused-inside", sync)
    values = shop.go_on(Command(resume="ok"))

    assert shop.ran == ["check"]
    assert values["last_turn"]["landing"] == "pay/code"
    assert values["sub_machine"]["context"] == {"thing": "lamp", "card": "visa", "checked": "ok"}
    assert values["sub_machine"]["version"] == 1


def test_a_digression_that_left_a_sub_machine_before_frames_had_a_version_returns(saver: SqliteSaver) -> None:
    shop = Shop(saver, [reply("card", "Which card was it?")], "resting-inside", sync)
    values = shop.go_on({"messages": [HumanMessage("thanks")]})

    assert values["last_turn"]["path"] == ["help", "pay/card"]
    assert values["sub_machine"]["context"] == {"thing": "lamp"}


def test_a_turn_that_is_written_down_is_read_as_it_was() -> None:
    frame = make_frame("pay", "card", {"thing": "lamp"}, left=[{"state": "help", "sub_machine": None, "news": []}])
    turn = Turn(
        began="ask",
        message_id="m",
        id="t",
        after="a",
        has_message=True,
        is_first=True,
        before={"at": "ask", "left": [], "read": "m0", "answered": ["d"], "stays": 2, "stays_longer": True},
        stored={"a": 1},
        repeated=["r"],
        unread=True,
        path=["ask"],
        draft=Draft("Hello", written_for="ask", written_in="help"),
        said=[AIMessage("Welcome!", id="m1")],
        said_early=1,
        said_in=["hello"],
        why="began",
        proposed="ask",
        refused="help",
        rejected=[{"key": "k", "reason": "is no number", "kind": "value"}],
        reasoning="so",
        read="m0",
        model_stayed=True,
        global_taken=True,
        has_digressed=True,
        has_guessed=True,
        machine_keys={"_stays": 2},
        stays_longer=True,
        changed_inside=["pay/card"],
        told_around={"pain": True},
        told_inside=["pay/card"],
        news_told={"pay/card": "message"},
    )
    scope = Scope(
        base={"a": 1},
        context={"a": 2},
        foreseen={"a": 2},
        learned=["a"],
        rewritten=["a", "b"],
        overtaken=["b"],
        ahead=["a"],
        forgotten=["c"],
        stale={"d": 1},
        late=["d"],
        answered=["d"],
        whence={"a": "message"},
        retold=["a"],
        resumed=["b"],
        taken=["ask[0]"],
        passed=["ask"],
        left=[{"state": "pay", "sub_machine": frame, "news": ["a"]}],
        frame=frame,
        around={"stop": {"x": 1}},
        around_news={"x": "caller"},
        around_written=["x"],
    )
    assert unpack(pack(turn, scope, Next("ask"), at="help")) == (turn, scope)


def test_every_part_of_a_turn_is_written_down() -> None:
    """A field that is added to a turn or a scope is forgotten between two states unless it is packed."""
    # A turn that has failed goes on nowhere; the values of secrets are never written down with it.
    left_out = {"draft", "_compared", "failure", "secrets"}
    turn, scope = _full(Turn, left_out), _full(Scope, left_out)
    turn.handoff = Handoff(["sales"], {}, [])
    fields = {*Turn.__dataclass_fields__, *Scope.__dataclass_fields__} - left_out
    assert fields <= pack(turn, scope, Next("ask")).keys()


def _full(kind: type[Any], left_out: set[str]) -> Any:
    """Make a turn or a scope that has something in each field."""
    names = [name for name, each in kind.__dataclass_fields__.items() if each.init and name not in left_out]
    return kind(**{name: ["something"] for name in names})


def test_what_is_empty_is_not_written_down() -> None:
    written = pack(Turn("ask", "m"), Scope({}, {}), Next("ask"))
    assert not {"said", "answered", "why", "machine_keys", "unread"} & written.keys()
    assert unpack(written) == (Turn("ask", "m"), Scope({}, {}))


def test_what_is_kept_between_turns_has_a_default() -> None:
    kept = {"version": 1, "base": {}, "at": "ask", "read": None}
    before: Any = {"at": "ask", "left": [], "read": None, "answered": [], "stays": 0, "stays_longer": False}
    before["turns"] = None
    assert before_turn(kept) == before
    assert before_turn({"before": kept}) == before


def test_an_exit_that_was_written_down_by_its_target_is_found() -> None:
    """Before exits had names a turn was written down with the state that its exit leads to."""
    inner = machine(state("in", to("out")), state("out"))
    leaving = [to("stop", "x", priority=2), to("stop", "y", priority=1)]
    outer = machine(
        state("sub", to("stop"), subflow="i"), state("stop"), global_transitions=leaving, subflows={"i": inner}
    )
    made = make_machine(load_definition(outer)).inner["sub"]
    assert made.exit_named("stop") is made.exit_named("global[1]")


def test_what_a_stored_turn_lacks_has_a_default() -> None:
    turn, scope = unpack({"began": "ask", "message_id": "m"})
    assert turn == Turn("ask", "m")
    assert scope == Scope({}, {})


def test_a_draft_of_before_sections_were_told_in_both_forms_was_written_by_the_values_before() -> None:
    _, scope = unpack({"began": "ask", "message_id": "m", "learned": ["a"], "given": ["b"]})
    assert [scope.rewritten, scope.overtaken] == [["a", "b"]] * 2


@pytest.mark.parametrize("read", [unpack, read_frame], ids=["turn", "frame"])
def test_a_form_of_a_later_release_is_refused(read: Any) -> None:
    with pytest.raises(StoredFormError, match=r"is of version 9, and this release reads versions up to 1"):
        read({"version": 9})


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_conversation_of_a_later_release_is_refused_and_left_as_it_is(drive: Drive) -> None:
    talk = Talk(FORM, ["Your name?", reply("ask_email", "Your e-mail?", name="Ann")], drive)
    talk.say()
    later = {**talk.values["turn"], "version": VERSION + 1}
    talk.graph.update_state(CONFIG, {"turn": later}, as_node="ask_name")
    with pytest.raises(StoredFormError, match="pip install --upgrade"):
        talk.say("Ann")
    assert talk.values["context"] == {}
