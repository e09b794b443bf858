"""Proofs about one guard: that it never holds, that its logic always does, that a part of it never does.

True of every context that fits the declarations, whoever wrote it. A key that nobody writes is left to the checks of
keys: here every declared key may have every value.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.guards.constant_logic import deciding
from fsm_langgraph.checking.guards.guard_parts import Guard, GuardPart, arguments_of, conjuncts
from fsm_langgraph.checking.guards.guard_words import in_words
from fsm_langgraph.checking.guards.proof_questions import Questions
from fsm_langgraph.checking.proving.formulas import Impossible, Not, Possible, Truthy
from fsm_langgraph.checking.word_lists import listed
from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.logic.expression import read_operation


def prove_conditions(questions: Questions, guard: Guard) -> Iterator[Finding]:
    """Find what is wrong with the conditions of one transition, taken by themselves."""
    if not any(isinstance(part.formula, Truthy) for part in guard.parts):
        return  # keys that are required, and nothing else
    answer = questions.find(guard.formulas)
    if isinstance(answer, Impossible):
        yield _never_true(guard, [guard.parts[number] for number in answer.parts] or [*guard.parts])
    elif isinstance(answer, Possible):
        yield from _always_true(questions, guard)
        yield from _dead_parts(questions, guard)


def _never_true(guard: Guard, parts: list[GuardPart]) -> Finding:
    told = listed(repr(part.words) for part in parts)
    fault = "never holds" if len(parts) == 1 else "exclude each other"
    advice = (
        "Compare with a value that the key can have, or remove the transition."
        if len(parts) == 1
        else "Change one of them, join them by 'or', or remove the transition."
    )
    return Finding(_common_path(parts), "never-true", f"{told} {fault}, so that {guard.name} is never open.", advice)


def _common_path(parts: list[GuardPart]) -> str:
    """Return the path of the nearest place that holds all of these."""
    first, *others = (part.steps for part in parts)
    length = len(first)
    for steps in others:
        alike = (number for number, (one, other) in enumerate(zip(first, steps, strict=False)) if one != other)
        length = next(alike, min(length, len(steps))) if length else 0
        first = first[:length]
    return at(*first)


def _always_true(questions: Questions, guard: Guard) -> Iterator[Finding]:
    """Find logic that always holds, or that holds wherever the rest of the guard does."""
    for place, condition in guard.conditions:
        if condition.logic is None or read_operation(condition.logic) is None:
            continue
        steps = (*place, "logic")
        fails = Not(Truthy(condition.logic))
        others = [part.formula for part in guard.parts if part.steps[: len(steps)] != steps]
        if not isinstance(questions.find((*others, fails)), Impossible):
            continue
        words = in_words(condition.logic)
        if not others or isinstance(questions.find((fails,)), Impossible):
            code = "idle-condition" if asks_for_nothing(condition.logic) else "always-true"
            so = (
                f"it keeps {guard.name} from nothing"
                if guard.state is not None
                else f"{guard.name} is taken in any state"
            )
            message = f"{words!r} always holds, so that {so}."
            yield Finding(
                at(*steps), code, message, "Say when it is to hold (of several '!=' joined by 'and'), or go without."
            )
        elif _compares(condition.logic):
            message = f"{words!r} holds whenever the rest of the conditions of {guard.name} does."
            yield Finding(at(*steps), "idle-condition", message, "Leave it out, or say what it is to keep out.")


def _dead_parts(questions: Questions, guard: Guard) -> Iterator[Finding]:
    """Find a side of an `or`, or a condition of an `if`, that holds in no context in which the rest does."""
    for place, condition in guard.conditions:
        if condition.logic is None:
            continue
        for steps, each in conjuncts(condition.logic, (*place, "logic")):
            others = [part.formula for part in guard.parts if part.steps != steps]
            for here, side in _sides(each, steps):
                if asks_for_nothing(side) or not isinstance(questions.find((*others, Truthy(side))), Impossible):
                    continue
                message = f"the part {in_words(side)!r} of a condition of {guard.name} never holds."
                yield Finding(at(*here), "dead-part", message, "Correct it, or leave it out.")


def _sides(expression: JsonValue, steps: Steps) -> Iterator[tuple[Steps, JsonValue]]:
    """Yield the sides of an `or`, and of those in it, and the conditions of an `if`."""
    operation = read_operation(expression)
    if operation is None or operation.name not in ("or", "if", "?:"):
        return
    arguments = [*arguments_of(expression, steps)][:_MOST_SIDES]
    for number, (here, each) in enumerate(arguments):
        is_asked = operation.name == "or" or (number % 2 == 0 and number + 1 < len(arguments))
        if is_asked and read_operation(each) is not None:
            yield here, each
            yield from _sides(each, here) if operation.name == "or" else ()


_MOST_SIDES = 20


def asks_for_nothing(expression: JsonValue) -> bool:
    """Say whether an expression compares with nothing (`null`, an empty text or list), as careful authors do."""
    return any(_has_empty_side(each) for _, each, _ in deciding(expression, ()))


def _compares(expression: JsonValue) -> bool:
    """Say whether an expression compares; one that only asks for presence says again what is required, as many do."""
    return any((read_operation(each) or ("",))[0] in _COMPARING for _, each, _ in deciding(expression, ()))


_COMPARING = ("==", "===", "!=", "!==", "<", "<=", ">", ">=", "in", "contains")


def _has_empty_side(expression: JsonValue) -> bool:
    operation = read_operation(expression)
    return operation is not None and any(each is None or each in ("", []) for each in operation.arguments)
