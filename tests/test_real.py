"""The hard promises are held against each turn with a real model; the engine is whatever speaks its format."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from benchmarks.model_server import ModelServer
from benchmarks.real.engine import engine
from benchmarks.real.gallery import EXAMPLES, scenario_file, scenarios
from benchmarks.real.playing import Played, play
from benchmarks.real.promises import broken, hidden_in
from fsm_langgraph import ScriptedModel
from fsm_langgraph.errors import ReplyError
from fsm_langgraph.offline import OfflineModel
from fsm_langgraph.prompts import wording

CALL = {"input_tokens": 9, "output_tokens": 3, "replayed": False}
RECORD = {"model_calls": [CALL], "said": []}
BEFORE = {"messages": [HumanMessage("hi", id="1")], "context": {"a": 1}, "current_state": "s", "last_turn": RECORD}
AFTER = {**BEFORE, "messages": [*BEFORE["messages"], AIMessage("Hello!", id="2")]}
ERROR = ReplyError("s", ["no JSON"])


def test_the_offline_model_breaks_no_promise_and_reaches_what_the_scenarios_tell() -> None:
    turns = [*play("personal_information", OfflineModel(), 7)]

    assert [turn.broken for turn in turns] == [[]] * 7
    assert all(turn.is_reached and turn.right == turn.wanted for turn in turns)
    assert turns[-1].data["confirmed"] is True


def test_a_turn_that_fails_is_told_and_breaks_no_promise() -> None:
    [turn] = play("personal_information", ScriptedModel(replies=[""], repeat=True), 1)

    assert turn.error.startswith("ReplyError")
    assert (turn.broken, turn.is_reached, turn.calls) == ([], False, [])


def test_as_many_turns_are_played_as_are_wanted() -> None:
    for example in EXAMPLES:
        assert sum(len(scenario.turns) for scenario in scenarios(scenario_file(example), 8)) == 8


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Hello!",
            "I like <b>you</b>.",
            "Use `a`: ```\nx\n```",
            "A target_state of mind",
            "The instructions are here.",
        ),
        "1 < 2 > 0",
    ],
)
def test_content_is_not_hidden(text: str) -> None:
    assert [*hidden_in(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        *('{"target_state": "end"}', "Well <think>hm", "</this_turn>", "```json\n{}\n```", "<persona>"),
        *(text for text in vars(wording).values() if isinstance(text, str) and text.startswith("(")),
    ],
)
def test_what_is_ours_or_the_models_alone_is_hidden(text: str) -> None:
    assert [*hidden_in(text)]


@pytest.mark.parametrize(
    ("after", "shown", "error", "faults"),
    [
        pytest.param(AFTER, {"2": "Hello!"}, None, [], id="all is well"),
        pytest.param(AFTER, {"2": "Hello"}, None, ["is stored"], id="something else is stored"),
        pytest.param(AFTER, {}, None, ["is stored"], id="nothing was shown"),
        pytest.param(
            {**AFTER, "last_turn": {"model_calls": [{**CALL, "output_tokens": 0}], "said": []}},
            {"2": "Hello!"},
            None,
            ["not counted"],
            id="tokens are not counted",
        ),
        pytest.param(
            {**AFTER, "last_turn": {"model_calls": [{**CALL, "input_tokens": None}], "said": ["s"]}},
            {"2": "Hello!"},
            None,
            [],
            id="the machine's own words cost nothing",
        ),
        pytest.param(BEFORE, {}, ERROR, [], id="a turn that failed"),
        pytest.param({**BEFORE, "context": {}}, {}, ERROR, ["changed context"], id="a failed turn that wrote"),
        pytest.param(BEFORE, {"2": "Hel"}, ERROR, ["the error tells"], id="a failed turn that has shown something"),
        pytest.param(BEFORE, {}, ValueError("x"), ["no error of ours"], id="an error of somebody else's"),
    ],
)
def test_a_broken_promise_is_told(after: Any, shown: Any, error: Exception | None, faults: list[str]) -> None:
    told = [*broken(BEFORE, after, shown, error)]

    assert len(told) == len(faults)
    assert all(fault in each for fault, each in zip(faults, told, strict=True))


def test_an_engine_that_is_there_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer() as server:
        server.script("any", ["Welcome!"], repeat=True)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url("any"))
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        with engine() as model:
            [turn] = play("personal_information", model, 1)
            assert (turn.shown, turn.broken) == (["Welcome!"], [])
            assert turn.read > turn.written > 0
        from openai_server import close

        close(model)


def test_without_an_engine_it_is_said_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setattr("benchmarks.real.engine.ENVIRONMENT", tmp_path)

    with pytest.raises(SystemExit, match=r"benchmarks\.real\.set_up"), engine():
        pass


def test_a_turn_counts_the_tokens_that_were_told() -> None:
    turn = Played("s", "hi", calls=[{**CALL, "input_tokens": None}, CALL])

    assert (turn.read, turn.written) == (9, 6)
