"""Values of a declared key, such that a comparison with some constants comes out for all values as for one of these."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from pydantic import JsonValue

from fsm_langgraph.context.values import coerce, same
from fsm_langgraph.definition import ContextKey
from fsm_langgraph.logic.coercion import number
from fsm_langgraph.logic.limits import Meter

Role = Literal["equal", "strict", "order", "member", "holder"]
"""How a key is compared: loosely, with its type, by order, as the member of a list that is looked for, or as what is
looked through."""


def representative_values(declared: ContextKey, constants: Sequence[JsonValue], role: Role) -> Sequence[JsonValue]:
    """Return values for which a comparison has every outcome that it can have; none where that is not known.

    Args:
        declared: The declaration of the key.
        constants: What it is compared with.
        role: How it is compared with them.
    """
    if declared.enum is not None:
        return declared.enum
    match declared.type:
        case "boolean":
            return (True, False)
        case "integer" | "number":
            return _numbers(declared, constants)
        case "string":
            return _texts(declared, constants, role)
        case "array":
            return _lists(declared, constants, role)
        case "object" if role in ("equal", "strict", "member"):
            return ({}, {"": ""})
    return ()


def fits(value: JsonValue, declared: ContextKey) -> bool:
    """Say whether a value may be stored under a key as it is."""
    try:
        return same(coerce(value, declared), value)
    except ValueError:
        return False


def _numbers(declared: ContextKey, constants: Sequence[JsonValue]) -> Sequence[JsonValue]:
    """List the bounds, and a number between each two of them and beyond the last ones."""
    compared = [each for each in (number(constant, Meter()) for constant in constants) if each == each]
    bounds = sorted({0, *compared, *(each for each in (declared.minimum, declared.maximum) if each is not None)})
    if max(map(abs, bounds)) >= _LARGEST:
        return ()
    between = [(one + other) / 2 for one, other in pairwise(bounds)]
    near = [whole for bound in bounds for whole in (math.floor(bound) + 1, math.ceil(bound) - 1)]
    found = dict.fromkeys([*bounds, *between, *near])
    return [whole for each in found if fits(whole := int(each) if each == int(each) else each, declared)]


_LARGEST = 2**53
"""From here on a float is not exact; a comparison with so large a number is left to the prover."""


def _texts(declared: ContextKey, constants: Sequence[JsonValue], role: Role) -> Sequence[JsonValue]:
    """List the constants that the key may have, and another text.

    The texts that equal a truth value loosely (`1`, `0`) are left out; who asks says so.
    """
    is_read_as_text = any(isinstance(each, int | float | list) and not isinstance(each, bool) for each in constants)
    if role in ("order", "holder") or (role == "equal" and is_read_as_text):
        return ()
    return [*(each for each in constants if isinstance(each, str) and fits(each, declared)), "some other text"]


def _lists(declared: ContextKey, constants: Sequence[JsonValue], role: Role) -> Sequence[JsonValue]:
    """List the lists of at most one member, where more make no difference and the members are known."""
    if any(isinstance(each, list) for each in constants):
        return ()
    if role in ("strict", "member"):
        return ([], [0])
    choices = declared.items.enum if declared.items is not None else None
    return ([], *([each] for each in choices)) if choices is not None and role == "holder" else ()
