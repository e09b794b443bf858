"""A conversation that is played without LangGraph, ten times as fast as through a graph.

The turn, the gate of the model and the doors that an input comes through are those of the package; what stands around
them, the storing and streaming, is left out. For laws that need no graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from langgraph.graph.message import add_messages
from langgraph.types import Command
from machines import Json
from outsides import outside

from fsm_langgraph import FSMDefinition, Limits, ScriptedModel, load_definition
from fsm_langgraph.context.machine_keys import NOW
from fsm_langgraph.context.writes import apply
from fsm_langgraph.effects import Outside, drive
from fsm_langgraph.graph.before.admission import check_messages, check_room, whole
from fsm_langgraph.graph.before.known_messages import check_ids
from fsm_langgraph.graph.channels import callers_writes
from fsm_langgraph.machine import Machine, make_machine
from fsm_langgraph.models.chooser import Chooser
from fsm_langgraph.turn.beginning import current_state, start_turn
from fsm_langgraph.turn.play import play


class Played:
    """A machine that is played."""

    def __init__(self, definition: Json, model: ScriptedModel, *, limits: Limits, max_steps: int = 25) -> None:
        self.definition: FSMDefinition = load_definition(definition)
        self.machine = make_machine(self.definition, limits=limits, max_steps=max_steps)
        self.model: Any = Chooser(model, speaker=self.definition.name).default


@dataclass
class PlayedTalk:
    """A conversation with a machine that is played."""

    played: Played
    values: Json = field(default_factory=lambda: {"messages": [], "context": {}})

    def run(self, given: Any) -> None:
        """Hold a turn."""
        machine, given = self.played.machine, whole(given)
        written: Any = given.update if isinstance(given, Command) else given
        update: Json = dict(written)
        check_ids(update.get("messages"))
        callers_writes(machine.definition, update.get("context"))
        check_messages(given, machine.limits)
        check_room(machine.definition, machine.limits, given, self.values)
        self.edit(update)
        if isinstance(given, Command):  # it has stored what it brings, and leads nowhere
            return
        state = current_state(machine.definition, self.values)
        self.values["turn"] = start_turn(self.values, reads_time=NOW in machine.machine_keys)
        landed = _go_on(machine, state, self.values, self.played.model)
        messages: Any = add_messages(self.values["messages"], landed["messages"])
        self.values = {**self.values, **landed, "messages": messages, "context": landed["turn"]["base"]}

    def edit(self, update: Mapping[str, Any]) -> None:
        """Store messages and a context without a turn."""
        update = whole(update)
        messages: Any = add_messages(self.values["messages"], update.get("messages") or [])
        writes = callers_writes(self.played.definition, update.get("context"), self.values["context"])
        self.values = {**self.values, "messages": messages, "context": apply(self.values["context"], writes)}


def _go_on(machine: Machine, state: str, values: Json, model: Any) -> Json:
    """Play the parts of states, until the turn has landed, or rests in a sub-machine."""
    while True:
        inner = machine.inner.get(state)
        around: Any = _Inner(inner, model) if inner is not None else None
        update = drive(play(machine, machine.definition.states[state], values, model), _outside(around))
        if update["turn"].get("how") not in ("begin", "enter", "return"):
            return update
        values, state = {**values, "turn": update["turn"]}, update["turn"]["next"]


def _outside(sub_machine: Any) -> Outside:
    return replace(outside(), sub_machine=sub_machine)


@dataclass
class _Inner:
    """A run of a sub-machine that needs no graph of one."""

    machine: Machine
    model: Any

    def run(self, turn: Json, history: Any) -> Json:
        update = _go_on(self.machine, turn["next"], {"messages": history, "turn": turn}, self.model)
        landed: Json = update["turn"]
        return landed
