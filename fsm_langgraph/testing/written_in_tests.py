"""Conversations as tests in Python write them, made the models of a scenario; mistakes are told as one error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from fsm_langgraph.data.json_data import at
from fsm_langgraph.errors import Problem, ScenarioError
from fsm_langgraph.scenarios.scenario_fault import ScenarioFault
from fsm_langgraph.scenarios.scenario_shape import check_shape_of

Model = TypeVar("Model", bound=BaseModel)


def made(model: type[Model], written: Mapping[str, Any]) -> Model:
    """Make a model of a scenario.

    Raises:
        ScenarioError: A field is unknown, or of the wrong type.
    """
    __tracebackhide__ = True
    plain = {name: [*value] if isinstance(value, tuple) else value for name, value in written.items()}
    found, faults = check_shape_of(model, plain)
    if found is None:
        raise mistakes(faults)
    return found


def mistakes(faults: Iterable[ScenarioFault]) -> ScenarioError:
    """Make one error of what the author of a test has written wrongly."""
    problems = [Problem(at(*fault.steps), fault.code, fault.message, fault.advice) for fault in faults]
    return ScenarioError("the conversation of the test", problems)
