"""Coercions: a value whose meaning is plain becomes one of a key's declared type.

"30" is 30, "yes" is true, one value is a list of one. Any other value is refused with a reason, the end of the sentence
"its value …".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from fsm_langgraph.context.json_values import TOO_DEEP, plain


def _to_string(value: Any) -> str:
    if isinstance(value, str):
        if not value.strip():
            raise ValueError("is empty")
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError("is not a text")


def _to_number(value: Any) -> int | float:
    if isinstance(value, str):
        value = plain(numeral(value.strip()))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is not a number")
    return value


def numeral(text: str, *, allow_ambiguous: bool = False) -> int | float:
    """Read a number, whose digits may be grouped in threes by commas.

    Args:
        text: The number's digits.
        allow_ambiguous: Whether to read "1.000" as one; half the world writes a thousand so.

    Raises:
        ValueError: It is no number, or can be read as two; the text is the end of the sentence "its value …".
    """
    if len(text) > _MAX_DIGITS:  # before any pattern, some of which would take long
        raise ValueError("is not a number")
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if _AMBIGUOUS.fullmatch(text) and not allow_ambiguous:
        whole, decimal = text.replace(".", ""), f"{text[:-1]}" if text.endswith("0") else f"{text}0"
        raise ValueError(f"can be read in two ways; written as {whole} or {decimal} it is clear")
    if not _DECIMAL.fullmatch(text):
        raise ValueError("is not a number")
    if text.lstrip("+-").isdecimal():
        return int(text)
    number = float(text)
    return int(number) if number.is_integer() and abs(number) <= 2**53 else number


_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_MAX_DIGITS = 400


def _to_integer(value: Any) -> int:
    number = _to_number(value)
    if isinstance(number, float) and not number.is_integer():
        raise ValueError("is not a whole number")
    return int(plain(int(number)))


def _to_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else value
    if word in ("true", "yes", "y", "1", 1):
        return True
    if word in ("false", "no", "n", "0", 0):
        return False
    raise ValueError("is not true or false")


def _to_array(value: Any) -> list[Any]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _parsed(value)
    if isinstance(value, list):
        return value
    if value is None or isinstance(value, dict):
        raise ValueError("is not a list")
    if isinstance(value, str) and not value.strip():
        raise ValueError("is empty")
    return [value]


def _to_object(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = _parsed(value)
    if not isinstance(value, dict):
        raise ValueError("is not an object")
    return value


def _parsed(text: str) -> Any:
    try:
        value = json.loads(text)
    except RecursionError:  # how deep that is differs between versions of Python
        raise ValueError(TOO_DEEP) from None
    except ValueError:
        raise ValueError("is not valid JSON") from None
    return plain(value)


COERCIONS: Mapping[str, Callable[[Any], Any]] = {
    "string": _to_string,
    "number": _to_number,
    "integer": _to_integer,
    "boolean": _to_boolean,
    "array": _to_array,
    "object": _to_object,
}
"""The coercion to each type, by the type's name; it raises `ValueError` for a value that does not fit."""
