"""Listening: who is asked, and that a machine that nobody hears is made as if there were no such thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from machines import FORM, Talk, reply

from fsm_langgraph import load_definition
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.guards import Guards
from fsm_langgraph.handlers import Handlers
from fsm_langgraph.listening import Listener, listener_of, listening
from fsm_langgraph.machine import make_machine
from fsm_langgraph.testing.coverage.machine_listener import MachineListener
from fsm_langgraph.testing.coverage.measured import measured


class Records(MachineListener):
    """Keeps the records of turns."""

    def __init__(self, definition: FSMDefinition, _: Handlers) -> None:
        super().__init__(definition, measured("m.json", definition))
        self.records: list[Mapping[str, Any]] = []

    def landed(self, record: Mapping[str, Any]) -> None:
        self.records.append(record)


def test_a_machine_that_nobody_hears_has_guards_without_an_ear() -> None:
    machine = make_machine(load_definition(FORM))

    judging = [guards for router in machine.routers.values() for _, guards in router._guards]
    assert machine.listener is None
    assert {type(guards) for guards in judging} == {Guards}


def test_a_machine_is_heard_after_it_was_made_too() -> None:
    heard: list[Records] = []

    def make(definition: FSMDefinition, handlers: Handlers) -> Listener:
        heard.append(Records(definition, handlers))
        return heard[-1]

    with listening(make):
        talk = Talk(FORM, [reply("ask_email", name="Ann")])
    talk.say("Ann")

    assert [record["landing"] for listener in heard for record in listener.records] == ["ask_email"]


def test_the_latest_who_wants_to_hear_a_machine_does() -> None:
    definition = load_definition(FORM)

    with listening(Records), listening(lambda *_: None):
        assert isinstance(listener_of(definition, Handlers()), Records)
    assert listener_of(definition, Handlers()) is None
