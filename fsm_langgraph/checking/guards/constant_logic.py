"""Logic that reads nothing: a text for an expression, `false` left over from a test, a key written as a text.

JsonLogic takes every value for itself, so such a condition loads, and holds always or never. It is found by evaluating
it. Each finding is true of every context. Told are the places that decide whether a condition holds: the whole logic,
and the sides of `and`, `or`, `!`, `!!` and the conditions of `if` in it. A text elsewhere is a value like any other.

`logic: true` is the usual way to write a default, so of what always holds only data that looks like an expression is a
warning.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.guards.guard_parts import Guard, arguments_of, reads_data
from fsm_langgraph.checking.guards.guard_words import quoted, value_in_words
from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.logic import evaluate, truthy
from fsm_langgraph.logic.expression import read_operation


def find_constants(guard: Guard, keys: Collection[str]) -> Iterator[Finding]:
    """Find what reads nothing in the logic of a guard.

    Args:
        guard: The guard.
        keys: The keys that the definition names, one of which a text may stand for.
    """
    for place, condition in guard.conditions:
        logic = condition.logic
        if logic is None:
            continue
        for steps, each, is_needed in deciding(logic, (*place, "logic")):
            if isinstance(each, list) and reads_data(each):  # JsonLogic takes a list with something in it for true
                yield Finding(at(*steps), "always-true", _is_data(each), _WRITE_JSON_LOGIC)
            elif not reads_data(each):
                yield from _finding(guard, steps, each, keys, is_whole=each is logic, is_needed=is_needed)


def deciding(expression: JsonValue, steps: Steps, *, is_needed: bool = True) -> Iterator[tuple[Steps, JsonValue, bool]]:
    """Yield the expressions whose truth decides whether one holds, itself first.

    Each comes with the steps to it, and whether the whole holds only where this does. What reads nothing is yielded
    as a whole.
    """
    yield steps, expression, is_needed
    operation = read_operation(expression)
    if operation is None or not reads_data(expression):
        return
    arguments = [*arguments_of(expression, steps)]
    if operation.name in ("if", "?:"):
        is_condition = [number % 2 == 0 and number + 1 < len(arguments) for number in range(len(arguments))]
        # The values of an `if` are mostly `true` and `false`, each of which means what it says.
        chosen = [each for each, asked in zip(arguments, is_condition, strict=True) if asked or reads_data(each[1])]
        for here, each in chosen:
            yield from deciding(each, here, is_needed=False)
    elif operation.name in ("and", "or", "!", "!!"):
        goes_on = is_needed and (operation.name in ("and", "!!") or (operation.name == "or" and len(arguments) == 1))
        for here, each in arguments:
            yield from deciding(each, here, is_needed=goes_on)


def _finding(
    guard: Guard, steps: Steps, logic: JsonValue, keys: Collection[str], *, is_whole: bool, is_needed: bool
) -> Iterator[Finding]:
    path, holds = at(*steps), truthy(evaluate(logic, {}))
    if isinstance(logic, str):
        always = "always" if holds else "never"
        yield Finding(
            path,
            "text-logic",
            f"{logic!r} is a text, not an expression, so that it {always} holds.",
            f'Write {{"var": "{logic}"}}.' if logic in keys else _WRITE_JSON_LOGIC,
        )
    elif named := next((text for text in _texts(logic) if text in keys), None):
        always = "always" if holds else "never"
        message = f"{quoted(logic)} {always} holds: {named!r} is a text here, not the key {named!r}."
        yield Finding(path, "text-logic", message, f'Write {{"var": "{named}"}} for the value of the key.')
    elif not holds and is_needed:
        message = f"{quoted(logic)} never holds, so that {guard.name} is never open."
        advice = "Say when it is to be open, or remove the transition."
        yield Finding(path, "never-true", message, advice)
    elif holds and is_whole and isinstance(logic, list | dict) and len(logic) != 1:
        yield Finding(path, "always-true" if logic else "idle-condition", _is_data(logic), _WRITE_JSON_LOGIC)
    elif holds and is_whole and not _is_default(guard):
        message = f"{quoted(logic)} always holds, so that it keeps {guard.name} from nothing."
        yield Finding(path, "idle-condition", message, "Leave the logic out, or say when it is to hold.")


def _is_data(logic: JsonValue) -> str:
    return f"{value_in_words(logic)} is data, not an expression, so that it always holds."


_WRITE_JSON_LOGIC = 'Write JsonLogic, without quotes around the whole: {">=": [{"var": "age"}, 18]}.'


def _is_default(guard: Guard) -> bool:
    """Say whether the transition may be the default of a state that takes the first open one."""
    state = guard.state
    return state is not None and (state.silent or state.decision == "logic" or not state.listens)


def _texts(logic: JsonValue) -> Iterator[str]:
    if isinstance(logic, str):
        yield logic
    elif isinstance(logic, list | dict):
        for each in logic.values() if isinstance(logic, dict) else logic:
            yield from _texts(each)
