"""Every example in `graphs/` is sound, holds the conversations written beside it, and keeps its prompts.

`scenarios.yaml` tells conversations as data: what the user writes, and what must be true after each turn. They run
with the offline model, by user messages alone; an empty message lets the machine speak first.
"""

from __future__ import annotations

from importlib import import_module
from os.path import commonprefix
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage
from ruamel.yaml import YAML
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph import LLM_FSM, compile_fsm, load_definition
from fsm_langgraph.loading import find_problems
from fsm_langgraph.offline import OfflineModel
from fsm_langgraph.prompts.prompt import Prompts

GRAPHS = Path(__file__).parent.parent / "graphs"
FOLDERS = sorted(path.parent for path in GRAPHS.glob("*/fsm.*"))


class Scenario(NamedTuple):
    """One conversation with an example."""

    folder: Path
    name: str
    context: dict[str, Any]
    turns: list[dict[str, Any]]
    ended: bool


def _scenarios() -> list[Scenario]:
    return [
        Scenario(folder, case["name"], case.get("context", {}), case["turns"], case.get("ended", True))
        for folder in FOLDERS
        for case in _cases(YAML(typ="safe", pure=True).load(folder / "scenarios.yaml"))
    ]


def _cases(document: Any) -> list[dict[str, Any]]:
    return document if isinstance(document, list) else document["scenarios"]


def _definition_file(folder: Path) -> Path:
    return next(folder.glob("fsm.*"))


def _code(folder: Path) -> dict[str, Any]:
    """Name the code of an example, and make the store that it reads, if it has any."""
    code: dict[str, Any] = {"handlers": "beside"} if (folder / "handlers.py").is_file() else {}
    if (folder / "database.py").is_file():
        code["store"] = import_module(f"graphs.{folder.name}.database").make_store()
    return code


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


def _prompt_sizes(folder: Path, messages: list[AnyMessage]) -> list[int]:
    """Return the sizes of the prompts of a turn with this history."""
    noted = _Prompts()
    compile_fsm(_definition_file(folder), OfflineModel(callbacks=[noted]), **_code(folder)).invoke(
        {"messages": messages}
    )
    return noted.sizes


def _text(prompt: list[BaseMessage]) -> str:
    return "".join(str(message.text) for message in prompt)


def _share_of_beginning(prompt: list[BaseMessage], following: list[BaseMessage]) -> float:
    """Say how much of a prompt begins like the one before it."""
    texts = [_text(prompt), _text(following)]
    return len(commonprefix(texts)) / len(texts[1])  # noqa: RUF071 - of texts, not of paths


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_example_has_no_problems(folder: Path) -> None:
    assert find_problems(_definition_file(folder)) == []


@pytest.mark.parametrize("scenario", _scenarios(), ids=lambda s: f"{s.folder.name}: {s.name}")
def test_a_scenario_goes_as_it_is_written(scenario: Scenario) -> None:
    fsm = LLM_FSM.from_file(_definition_file(scenario.folder), "offline", **_code(scenario.folder))
    conversation_id = scenario.name

    for turn in scenario.turns:
        _, message = fsm.converse(turn["user"], conversation_id, scenario.context)
        data = fsm.get_data(conversation_id)

        assert fsm.get_current_state(conversation_id) == turn["state"], message
        assert {key: data.get(key) for key in turn.get("data", {})} == turn.get("data", {})
        assert [text for text in turn.get("says", []) if text.casefold() not in message.casefold()] == [], message
        assert message.strip()

    assert fsm.is_conversation_ended(conversation_id) is scenario.ended


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_four_fifths_of_a_system_message_are_the_beginning_of_the_next_one_in_its_state(folder: Path) -> None:
    """A provider that remembers beginnings reads them once; what is known has changed."""
    shares: dict[str, float] = {}
    for _, machine in load_definition(_definition_file(folder)).machines():
        for state in machine.states.values():
            prompts = Prompts(machine, state)
            one = prompts.build("understand", machine.defaults, [])[:1]
            following = prompts.build("understand", {**machine.defaults, "noted": "by then"}, [])[:1]
            if state.hears and not state.is_final:
                shares[state.id] = _share_of_beginning(one, following)

    assert {name: share for name, share in shares.items() if share < 0.8} == {}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_prompt_of_turn_500_is_as_large_as_that_of_turn_20(folder: Path) -> None:
    said: list[AnyMessage] = [AIMessage("Thank you! Which one?"), HumanMessage("Hm, I am not sure.")]

    sizes = [_prompt_sizes(folder, [*said * turn]) for turn in (20, 500)]

    assert sizes[0] == sizes[1] != []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_prompts_are_the_stored_ones(folder: Path, snapshot: SnapshotAssertion) -> None:
    prompts = {
        f"{path}{state.id}": str(Prompts(machine, state).build("understand", machine.defaults, [])[0].content)
        for path, machine in load_definition(_definition_file(folder)).machines()
        for state in machine.states.values()
    }

    assert prompts == snapshot
