"""A conversation that can go on for ever, as a definition and as a graph written by hand for LangGraph.

A guide shows a user two rooms. In each turn the user stays, which is one superstep of either graph, or goes to the
other room, which is two: the room that is left understands, and the other one is entered with the message at hand.

The hand-written graph has what its author needs: a node for each room, the same prompts, schemas and length of history;
it reads the reply with `json.loads`, keeps what it says and goes where it says. No guard holds it back, nothing is
recorded, and its stream shows the JSON.
"""

from __future__ import annotations

import json
import operator
from typing import Annotated, Any, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, SystemMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command

from fsm_langgraph import FSMInput, compile_fsm
from fsm_langgraph.models.scripted import Call, ScriptedModel

Kind = Literal["stays", "moves"]

MESSAGE = "This is a bright room with two windows, and a picture of the sea. Where would you like to go now?"


def _room(name: str, other: str) -> dict[str, Any]:
    return {
        "id": name,
        "description": f"The room on the {name}",
        "purpose": f"Show the user the room on the {name}",
        "instructions": "Say what is to be seen in the room, and ask where the user would like to go.",
        "required_context_keys": ["side"],
        "transitions": [
            {"target_state": other, "description": f"The user wants to see the room on the {other}"},
            {"target_state": "door", "description": "The user wants to leave"},
        ],
    }


ROOMS: dict[str, Any] = {
    "name": "Two rooms",
    "description": "Shows a user two rooms",
    "initial_state": "left",
    "persona": "A guide who knows the house well.",
    "states": {
        "left": _room("left", "right"),
        "right": _room("right", "left"),
        "door": {"id": "door", "description": "The door", "purpose": "Say goodbye", "transitions": []},
    },
}


def reply(target: str, side: str | None = None) -> str:
    """Write a model's reply, which may tell a side."""
    return json.dumps({"target_state": target, "updates": [{"side": side}] if side else [], "message": MESSAGE})


REPLIES: dict[Kind, list[str]] = {"stays": [reply("left")], "moves": [reply("right", "right"), reply("left", "left")]}
"""A model's replies in each kind of turn, again and again."""


def said(kind: Kind, turn: int) -> FSMInput:
    """Write the input of a turn; the conversation begins on the left with turn 0."""
    wish = "I like it here." if kind == "stays" else f"To the {'left' if turn % 2 else 'right'}, please."
    return FSMInput(messages=[("user", wish)])


class Rooms(MessagesState, total=False):
    """The state of the hand-written graph."""

    context: Annotated[dict[str, Any], operator.or_]
    room: str


def by_hand(model: BaseChatModel, saver: BaseCheckpointSaver[Any]) -> Any:
    """Build the graph as one would write it by hand."""
    builder = StateGraph(Rooms)
    for room, other in (("left", "right"), ("right", "left")):
        builder.add_node(room, _node(model, room, other), destinations=(other,))
    builder.add_conditional_edges(START, lambda state: state.get("room", "left"), ["left", "right"])
    return builder.compile(saver)


def _node(model: BaseChatModel, room: str, other: str) -> Any:
    prompt, schema = _asked_in(room)
    form = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}
    asked = model.bind(response_format=form)
    if not isinstance(model, ScriptedModel):  # less work for ChatOpenAI, and what the compiled graph does
        asked = model.bind(extra_body={"response_format": form})

    async def show(state: Rooms) -> Any:
        if isinstance(state["messages"][-1], AIMessage):  # written in the other room, for this one
            return {"room": room}
        known = json.dumps(state.get("context", {}))
        answer = await asked.ainvoke([SystemMessage(f"{prompt}\n{known}"), *state["messages"][-10:]])
        told = json.loads(answer.text)
        context = {key: value for entry in told["updates"] for key, value in entry.items()}
        update = {"messages": [AIMessage(told["message"], id=answer.id)], "context": context, "room": room}
        return Command(update=update, goto=other) if told["target_state"] == other else update

    return show


def _asked_in(room: str) -> tuple[str, dict[str, Any]]:
    """Return the prompt and the schema of the compiled graph, so that both ask the same."""
    model = ScriptedModel(replies=[reply(room)])
    compile_fsm({**ROOMS, "initial_state": room}, model, checkpointer=InMemorySaver()).invoke(
        said("stays", 0), {"configurable": {"thread_id": "1"}}
    )
    call: Call = model.calls[0]
    assert call.schema is not None, "the model was asked for a reply"
    return call.messages[0].text, call.schema
