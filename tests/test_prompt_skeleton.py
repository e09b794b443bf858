"""What is told of prompts beside their skeleton leaves nothing out: whatever changes in a prompt shows."""

from __future__ import annotations

import pytest
from prompt_skeleton import EVERY_STATE, SHORT, Skeleton

RULE = f"- A rule that some prompts have, and that is {'long ' * 12}enough to be shortened."
ASK = f"Hello.\n{RULE}\n<purpose>\nAsk\n</purpose>\nYou are kind.\nReply."
END = "Hello.\n<purpose>\nEnd\n</purpose>\nYou are kind.\nReply."
OTHER = {"begin": f"Hello.\n{RULE}\n<purpose>\nBegin\n</purpose>\nReply.", "stop": "Hello.\nReply."}


def told(ask: str) -> tuple[list[str], dict[str, str]]:
    machine = {"ask": ask, "end": END}
    skeleton = Skeleton([machine, OTHER])
    return skeleton.lines, skeleton.tell(machine)


def test_a_state_is_told_by_what_it_has_beside_the_skeleton() -> None:
    assert told(ASK) == (
        ["Hello.", f"    {RULE}", "Reply."],
        {
            EVERY_STATE: "You are kind.",
            "ask": f"· {RULE[:SHORT]} …\n<purpose> Ask\n·",
            "end": "· <purpose> End\n·",
        },
    )


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(ASK.replace("Hello.", "Hi."), id="a line of all prompts"),
        pytest.param(ASK.replace(f"{RULE}\n", ""), id="a rule that is lost"),
        pytest.param(ASK.replace("A rule", "One rule"), id="a rule that is another one here"),
        pytest.param(ASK.replace("\nAsk\n", "\nAsk anew\n"), id="a section"),
        pytest.param(ASK.replace("\nAsk\n", "\nAsk\nanew\n"), id="a section of two lines"),
        pytest.param(ASK.replace("<purpose>\nAsk\n</purpose>", "<goal>\nAsk\n</goal>"), id="a tag"),
        pytest.param(ASK.replace("You are kind.\n", ""), id="a line of all states"),
        pytest.param(ASK.replace(f"{RULE}\n", "").replace("You are", f"{RULE}\nYou are"), id="an order"),
    ],
)
def test_a_change_shows(changed: str) -> None:
    assert told(changed) != told(ASK)


@pytest.mark.parametrize("name", ["ask", "end"])
def test_the_name_of_a_state_is_no_difference(name: str) -> None:
    prompts = {"ask": 'In doubt, stay: "ask".', "end": 'In doubt, stay: "end".'}

    skeleton = Skeleton([prompts])

    assert (skeleton.lines, skeleton.tell(prompts)[name]) == (['In doubt, stay: "{state}".'], "·")
