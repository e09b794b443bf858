"""The run context: what a caller, or an assistant of a LangGraph server, chooses for one run of a graph.

    graph.invoke(turn, config, context={"model": "openai:gpt-4o-mini", "temperature": 0})

It is LangGraph's own `context`, which has nothing to do with the conversation's data. It may hold keys of the user's
own, which handlers read from `event.runtime.context`. A subgraph gets its parent's, of whatever class that is. What
is left out stays as the graph was built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from langchain_core.runnables import Runnable
from pydantic import ConfigDict, Field, InstanceOf, TypeAdapter, ValidationError, with_config
from pydantic.json_schema import SkipJsonSchema
from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12

from fsm_langgraph.errors import RunContextError


@with_config(ConfigDict(extra="allow"))
class FSMContext(TypedDict, total=False):
    """The settings that can be chosen for one run; a subclass adds keys of its own."""

    model: Annotated[
        str | SkipJsonSchema[InstanceOf[Runnable[Any, Any]]],
        Field(title="Model", description="The chat model of this run by its name, such as openai:gpt-4o-mini."),
    ]
    temperature: Annotated[
        float, Field(ge=0, le=2, title="Temperature", description="How freely the model words its answers.")
    ]
    history_limit: Annotated[
        int, Field(ge=1, title="History limit", description="How many of the last messages the model sees.")
    ]
    reply_retries: Annotated[
        int,
        Field(
            ge=0,
            title="Reply retries",
            description="How often the model is asked again after a reply that cannot be used.",
        ),
    ]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings chosen for a run; `None` leaves one as the graph was built."""

    model: str | Runnable[Any, Any] | None = None
    temperature: float | None = None
    history_limit: int | None = None
    reply_retries: int | None = None


NOTHING_CHOSEN = Settings()


def read_settings(context: Any, state: str) -> Settings:
    """Read the settings chosen for a run; one that is `None` or empty was not chosen.

    Args:
        context: The run context: a mapping, an object of any class, or `None`.
        state: The state that the turn is in.

    Raises:
        RunContextError: A value cannot be used.
    """
    if not context:
        return NOTHING_CHOSEN
    given = context if isinstance(context, Mapping) else {key: getattr(context, key, None) for key in _KEYS}
    chosen = {key: value for key in _KEYS if (value := given.get(key)) is not None and value != ""}
    if not chosen:
        return NOTHING_CHOSEN
    try:
        return Settings(**_CHECK.validate_python(chosen))
    except ValidationError as error:
        faults = [f"context[{str(fault['loc'][0])!r}]: {fault['msg']}" for fault in error.errors()]
        raise RunContextError(state, "; ".join(dict.fromkeys(faults))) from error


_KEYS = tuple(FSMContext.__annotations__)
_CHECK: TypeAdapter[FSMContext] = TypeAdapter(FSMContext)
