"""A definition made ready to run: everything that a turn needs and that does not change from turn to turn.

Made once, when the graph is built: guards are compiled, prompts and reply schemas prepared, handlers sorted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import HandlerSetupError, suggest
from fsm_langgraph.handlers import Handlers
from fsm_langgraph.logic import Engine
from fsm_langgraph.prompt import Mode, Prompts
from fsm_langgraph.reply import JsonSchema, reply_schema
from fsm_langgraph.routing import Router


@dataclass(frozen=True, slots=True)
class Machine:
    """A definition made ready to run: for every state its router, its prompts and the schemas of its replies."""

    definition: FSMDefinition
    routers: Mapping[str, Router]
    prompts: Mapping[str, Prompts]
    schemas: Mapping[tuple[str, Mode], JsonSchema]
    handlers: Handlers
    reply_retries: int
    max_steps: int


def make_machine(
    definition: FSMDefinition,
    *,
    handlers: Handlers | None = None,
    history_limit: int = 10,
    reply_retries: int = 1,
    max_steps: int = 25,
    reasoning: bool = False,
    engine: Engine = "closures",
) -> Machine:
    """Make a definition ready to run; the arguments are those of `build_graph`.

    Raises:
        HandlerSetupError: A handler names a state that there is not.
    """
    states = definition.states.values()
    return Machine(
        definition=definition,
        routers={state.id: Router(state, engine=engine) for state in states},
        prompts={
            state.id: Prompts(definition, state, history_limit=history_limit, reasoning=reasoning) for state in states
        },
        schemas=_schemas(definition, reasoning=reasoning),
        handlers=_checked(definition, handlers if handlers is not None else Handlers()),
        reply_retries=reply_retries,
        max_steps=max_steps,
    )


def _schemas(definition: FSMDefinition, *, reasoning: bool) -> dict[tuple[str, Mode], JsonSchema]:
    schemas: dict[tuple[str, Mode], JsonSchema] = {}
    for state in definition.states.values():
        schemas[state.id, "understand"] = reply_schema(definition, state, message=True, reasoning=reasoning)
        schemas[state.id, "think"] = reply_schema(definition, state, message=False, reasoning=reasoning)
    return schemas


def _checked(definition: FSMDefinition, handlers: Handlers) -> Handlers:
    """Return the handlers; one for a state that there is not would never run, and nobody would know."""
    if not isinstance(handlers, Handlers):
        raise TypeError(f"handlers is a {type(handlers).__name__}, not Handlers; make one of them: Handlers([...])")
    for handler in handlers:
        for name in sorted((handler.states | handler.not_states | handler.targets) - definition.states.keys()):
            raise HandlerSetupError(handler.name, name, suggest(name, definition.states, noun="states"))
    return handlers
