"""Every example in `graphs/` has scenarios that need no model, and keeps its prompts.

The scenarios themselves are tests beside it: `pytest graphs`.
"""

from __future__ import annotations

from functools import cache
from os.path import commonprefix
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage
from prompt_skeleton import Skeleton
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph.offline import OfflineModel
from fsm_langgraph.prompts.prompt import Prompts
from fsm_langgraph.scenarios import ScenarioFile, Stage, read_scenarios

GRAPHS = Path(__file__).parent.parent / "graphs"
EXAMPLES = [path.parent.name for path in sorted(GRAPHS.glob("*/fsm.*"))]
each_example = pytest.mark.parametrize("example", EXAMPLES, indirect=True)


@pytest.fixture
def example(request: pytest.FixtureRequest) -> ScenarioFile:
    return _scenarios(request.param)


@cache
def _scenarios(name: str) -> ScenarioFile:
    return read_scenarios(GRAPHS / name / "scenarios.yaml")


class _Prompts(BaseCallbackHandler):
    """Notes how many characters each prompt has."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],  # noqa: ARG002 - LangChain's signature
        messages: list[list[BaseMessage]],
        **_: Any,
    ) -> None:
        self.sizes += [len(_text(prompt)) for prompt in messages]


def _prompt_sizes(example: ScenarioFile, messages: list[AnyMessage]) -> list[int]:
    """Return the sizes of the prompts of a turn with this history."""
    noted, setting = _Prompts(), example.scenarios[0]
    stage = Stage(example.definition_path, example.path.parent, OfflineModel(callbacks=[noted]))
    stage.new_store(setting)
    stage.graph(setting, scripted=False).invoke({"messages": messages}, stage.new_thread("long"))
    return noted.sizes


def _text(prompt: list[BaseMessage]) -> str:
    return "".join(str(message.text) for message in prompt)


def _share_of_beginning(prompt: list[BaseMessage], following: list[BaseMessage]) -> float:
    """Say how much of a prompt begins like the one before it."""
    texts = [_text(prompt), _text(following)]
    return len(commonprefix(texts)) / len(texts[1])  # noqa: RUF071 - of texts, not of paths


@each_example
def test_a_scenario_says_all_that_the_model_answers(example: ScenarioFile) -> None:
    assert any(all(turn.reply is not None for turn in scenario.turns) for scenario in example.scenarios)


@each_example
def test_four_fifths_of_a_system_message_are_the_beginning_of_the_next_one_in_its_state(example: ScenarioFile) -> None:
    """A provider that remembers beginnings reads them once; what is known has changed."""
    shares: dict[str, float] = {}
    for _, machine in example.definition.machines():
        for state in machine.states.values():
            prompts = Prompts(machine, state)
            one = prompts.build("understand", machine.defaults, [])[:1]
            following = prompts.build("understand", {**machine.defaults, "noted": "by then"}, [])[:1]
            if state.hears and not state.is_final:
                shares[state.id] = _share_of_beginning(one, following)

    assert {name: share for name, share in shares.items() if share < 0.8} == {}


@each_example
def test_the_prompt_of_turn_500_is_as_large_as_that_of_turn_20(example: ScenarioFile) -> None:
    said: list[AnyMessage] = [AIMessage("Thank you! Which one?"), HumanMessage("Hm, I am not sure.")]

    sizes = [_prompt_sizes(example, [*said * turn]) for turn in (20, 500)]

    assert sizes[0] == sizes[1] != []


def _stored_prompts(example: ScenarioFile) -> dict[str, str]:
    return {
        f"{path}{state.id}": str(Prompts(machine, state).build("understand", machine.defaults, [])[0].content)
        for path, machine in example.definition.machines()
        for state in machine.states.values()
    }


@pytest.fixture(scope="module")
def skeleton() -> Skeleton:
    return Skeleton(map(_stored_prompts, map(_scenarios, EXAMPLES)))


def test_the_lines_that_prompts_share_are_the_stored_ones(skeleton: Skeleton, snapshot: SnapshotAssertion) -> None:
    assert "\n".join(skeleton.lines) == snapshot


@each_example
def test_the_prompts_are_the_stored_ones(
    example: ScenarioFile, skeleton: Skeleton, snapshot: SnapshotAssertion
) -> None:
    assert skeleton.tell(_stored_prompts(example)) == snapshot
