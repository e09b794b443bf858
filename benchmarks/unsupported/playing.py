"""Plays the replies of `replies.yaml` to the machine beside it, each in a conversation of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage
from ruamel.yaml import YAML

from benchmarks.figures import Figure
from fsm_langgraph import ScriptedModel, compile_fsm

HERE = Path(__file__).parent
SAID = "said"
"""The kind of the values that the user has said."""
KNOWN = {"name": "Ann Lee"}
"""The context of every conversation that begins in a later state."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's reply to one message of the user's."""

    kind: str
    """Where its values come from."""
    state: str
    said: str
    told: tuple[tuple[str, Any], ...]
    """Keys and their values."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reply has brought about."""

    stored: int
    """How many of its values are in the context now."""
    has_moved: bool
    """Whether the conversation has gone on to the state that the reply names, as it always does."""


def figures() -> Iterator[Figure]:
    """Play with the settings for small models."""
    machine, outcomes = definition(), dict[str, list[Outcome]]()
    for reply in replies():
        outcomes.setdefault("said" if reply.kind == SAID else "not said", []).append(play(machine, reply))
    false, true = (sum(each.stored for each in outcomes[kind]) for kind in ("not said", "said"))
    yield Figure("values stored of 60 that nobody said", str(false), "0", false == 0)
    yield Figure("values stored of 20 that the user said", str(true), "at least 19", true >= 19)


def definition(*, is_grounded: bool = True, other_keys: str = "known") -> dict[str, Any]:
    """Return the machine, with these settings for small models or without them."""
    machine: dict[str, Any] = YAML(typ="safe", pure=True).load(HERE / "fsm.yaml")
    keys = {
        key: {**declared, "grounded": declared.get("grounded", False) and is_grounded}
        for key, declared in machine["context"].items()
    }
    return {**machine, "context": keys, "other_keys": other_keys}


def replies() -> Iterator[Reply]:
    """Go through the replies: those whose values nobody said, and those whose values the user did."""
    made_up, said = YAML(typ="safe", pure=True).load_all(HERE / "replies.yaml")
    for kind, told in {**made_up, SAID: said}.items():
        for each in told:
            yield Reply(
                kind, each["state"], each["said"], tuple(pair for entry in each["told"] for pair in entry.items())
            )


def play(machine: Mapping[str, Any], reply: Reply) -> Outcome:
    """Have a model give this reply in its state."""
    onward = machine["states"][reply.state]["transitions"][0]["target_state"]
    updates = [{"key": key, "value": value} for key, value in reply.told]
    model = ScriptedModel(replies=[{"target_state": onward, "updates": updates, "message": "Fine."}, "Well?"])
    graph = compile_fsm({**machine, "initial_state": reply.state}, model)
    known = KNOWN if reply.state != machine["initial_state"] else {}
    state = graph.invoke({"messages": [AIMessage("And now?"), HumanMessage(reply.said)], "context": known})
    written = [key for key, _ in reply.told if state["context"].get(key) not in (None, known.get(key))]
    return Outcome(len(written), state["current_state"] != reply.state)
