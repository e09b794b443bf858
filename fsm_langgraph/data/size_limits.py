"""How large things may become in a conversation, and how their sizes are measured.

A message or a value without a bound stands in every later prompt, until the provider refuses those. So each has a
limit: what the caller hands over is an error beyond it, what a model or a handler writes is refused, and what is stored
already is shown to the model in part.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeGuard


@dataclass(frozen=True, slots=True)
class Limits:
    """How large things may become in a conversation; `None` lifts a limit."""

    user_message: int | None = 32_000
    """The bytes of a user's message, as UTF-8; of an image or a file, those of its data or address."""
    value: int | None = 8_000
    """The bytes of a value in the context, as JSON."""
    undeclared_keys: int | None = 200
    """How many keys the context may have that the definition does not name."""
    context: int | None = 64_000
    """The bytes of the whole context, as JSON; keys that the definition does not name may fill half of it.

    What is stored of a secret is a token there, so it counts as that; in an input it counts with its value.
    """
    model_message: int | None = 16_000
    """The characters of a model's message. A whole reply, with what it thinks and writes, has a million at most."""
    history_tokens: int | None = 8_000
    """The tokens of the conversation in a prompt, at four bytes each; what the user has just written comes on top."""

    @property
    def least_of_context(self) -> int | None:
        """The smallest of the limits that a write to the context is held against; `None` where there is none."""
        return min((limit for limit in (self.value, self.context) if limit is not None), default=None)


USUAL = Limits()
"""The limits where no others are given."""
UNLIMITED = Limits(**{field.name: None for field in fields(Limits)})
NAMES = tuple(field.name for field in fields(Limits))
"""The names of the limits."""


def are_limits(value: object) -> TypeGuard[Limits | Mapping[str, int | None]]:
    """Say whether limits can be read from a value."""
    if isinstance(value, Limits):
        return all(_is_limit(name, getattr(value, name)) for name in NAMES)
    if isinstance(value, Mapping):
        return all(name in NAMES and _is_limit(name, limit) for name, limit in value.items())
    return False


def read_limits(given: Limits | Mapping[str, int | None]) -> Limits:
    """Return what `are_limits` accepts as limits; what a mapping leaves out stays as usual."""
    return given if isinstance(given, Limits) else Limits(**given)


def json_size(value: Any) -> int:
    """Count the bytes of JSON data, written as densely as it can be."""
    return len(_ENCODER.encode(value).encode("utf-8", "surrogatepass"))


def text_size(text: str) -> int:
    """Count the bytes of a text."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def are_short(texts: Iterable[Any], most: int) -> bool:
    """Say at a glance whether texts together are far from the limit; of anything else among them it is not said."""
    try:
        return len("".join(texts)) * WIDEST <= most
    except TypeError:
        return False


def may_exceed(value: Any, limit: int) -> bool:
    """Say whether JSON data may have more bytes than the limit, at a glance: what it denies is certain."""
    # Python's own way to write it takes a sixth at least: a control character has six bytes in JSON.
    return 6 * len(repr(value)) > limit


WIDEST = 4
"""How many bytes a character has at most."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _is_limit(name: str, value: object) -> bool:
    least = 0 if name == "undeclared_keys" else 1
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and least <= value <= 10**12)
