"""The package offers each public name, whatever was imported before."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

import fsm_langgraph


@pytest.mark.parametrize("name", fsm_langgraph.__all__)
def test_no_room_takes_the_name_of_what_is_public(name: str) -> None:
    """Python would give the room in its place, once anything in the room was imported."""
    assert find_spec(f"fsm_langgraph.{name}") is None
