"""How long the prompts of a state become at their worst, in tokens: an estimate, from the prompts that a turn builds.

The real prompt of each of the state's calls is written by `prompts/`, and the longest counts:

    context    every key that there is, each with the longest value that its declaration allows; where it sets no bound,
               one of a usual length (`USUAL_TEXT` and the like)
    history    as many messages as a prompt has (`history_limit`), each of a usual length
    tokens     as LangChain counts them approximately, at four characters each

It leaves out what no file tells: what lookups find in the store, what tools answer, their schemas and the reply's. The
sizes that no value and no message may exceed (`limits`) are far beyond what people write, and are no measure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from fsm_langgraph.definition import EVERYTHING, ContextKey, FSMDefinition, State
from fsm_langgraph.machine import Machine, make_machine
from fsm_langgraph.prompts.prompt import Mode

if TYPE_CHECKING:
    from langchain_core.messages import AnyMessage
    from langchain_core.tools import BaseTool

USUAL_TEXT = 80
"""How many characters a text has that no pattern, format or enum bounds."""
USUAL_ITEMS = 5
"""How many items a list has."""
USUAL_USER_MESSAGE, USUAL_ANSWER = 200, 400
"""How many characters a message of the user's has, and an answer."""


def machine_to_measure(definition: FSMDefinition) -> Machine:
    """Make a definition ready to run, with tools that stand in for those that its states name."""
    names = {name: None for state in definition.by_path.values() for name in state.tools}
    return make_machine(definition, tools=[*map(_stand_in, names)] if names else None)


def modes_of(state: State) -> tuple[Mode, ...]:
    """Name the purposes for which the model is called in a state."""
    if state.silent and not state.is_final:
        return ()
    if state.is_final or state.subflow is not None:
        return ("speak",)
    if not state.listens:
        return ("think",)
    return ("understand" if state.calls == "one" else "think", "speak")


def longest_prompt(machine: Machine, state: State) -> int | None:
    """Estimate the tokens of the longest prompt of a state; `None` where the model is not called in it."""
    from langchain_core.messages.utils import count_tokens_approximately

    context, history = worst_context(machine.definition), _history(machine.history_limit)
    learned = {key: context[key] for key in state.own_keys if key in context}
    prompts = [
        machine.prompts[state.id].build(
            mode,
            context,
            history,
            history_limit=machine.history_limit,
            this_turn={"came_from": state.id, "learned": learned} if mode == "speak" else None,
            machine_keys={"_stays": 1, "_now": "2026-11-26T17:00:00Z"},
        )
        for mode in modes_of(state)
    ]
    return max(map(count_tokens_approximately, prompts), default=None)


def worst_context(definition: FSMDefinition) -> dict[str, JsonValue]:
    """Give every key of a machine the longest value that it is expected to have."""
    keys: Iterable[str] = definition.context if definition.context is not None else sorted(definition.named_keys)
    return {key: longest_value(definition.declared(key)) for key in keys if key not in ("", EVERYTHING)}


def longest_value(declared: ContextKey | None) -> JsonValue:
    """Return the longest value of a key that its declaration allows, or one of a usual length."""
    if declared is None:
        return "x" * USUAL_TEXT
    if declared.enum is not None:
        longest = max(declared.enum, key=lambda choice: len(json.dumps(choice, ensure_ascii=False)))
        return [*declared.enum] if declared.type == "array" else longest
    match declared.type:
        case "boolean":
            return False
        case "integer" | "number":
            bounds = [bound for bound in (declared.minimum, declared.maximum) if bound is not None]
            longest = max(bounds, key=lambda bound: len(str(bound)), default=0)
            return longest if declared.maximum is not None else max(longest, 1_000_000)
        case "array":
            items = declared.items
            count = len(items.enum) if items is not None and items.enum is not None else USUAL_ITEMS
            return [longest_value(items)] * count
        case "object":
            return {"x" * 8: "x" * USUAL_TEXT}
        case _:
            return _FORMATS.get(declared.format or "", "x" * USUAL_TEXT)


_FORMATS: Mapping[str, str] = {
    "date": "2026-11-26",
    "time": "17:00:00",
    "date-time": "2026-11-26T17:00:00+01:00",
    "uuid": "00000000-0000-0000-0000-000000000000",
}


def _history(limit: int) -> list[AnyMessage]:
    from langchain_core.messages import AIMessage, HumanMessage

    # The user's new message comes last.
    return [
        AIMessage("x" * USUAL_ANSWER) if number % 2 else HumanMessage("x" * USUAL_USER_MESSAGE)
        for number in reversed(range(limit))
    ]


def _stand_in(name: str) -> BaseTool:
    from langchain_core.tools import StructuredTool

    def answer(**_: Any) -> str:
        return ""

    return StructuredTool.from_function(answer, name=name, description=name, infer_schema=False, args_schema=_NO_ARGS)


_NO_ARGS: dict[str, Any] = {"type": "object", "properties": {}}
