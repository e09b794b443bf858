"""Secrets: the values of keys that are declared `secret`, in whose place a conversation holds opaque tokens.

    fsm-secret-5f0c…    in input, state, records, streams, traces: says nothing of the value, not even by a hash
    the value           in the vault of the run, and stored under its token in a place of its own

A turn works with tokens. Guards, handlers, tools and the keys of lookups are given the values. A value that is written
again under its key keeps its token, so that it is no change.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from pydantic import JsonValue

from fsm_langgraph.context.values import same

PREFIX: Final = "fsm-secret-"
"""The beginning of each token."""
_TOKEN = re.compile(rf"{PREFIX}[0-9a-f]{{32}}")


def is_token(value: object) -> bool:
    """Say whether a value has the form of a token, be it one that was made up."""
    return isinstance(value, str) and value.startswith(PREFIX) and _TOKEN.fullmatch(value) is not None


def tokens_in(holder: Any) -> set[str]:
    """Return the tokens in JSON data and in the texts that it holds; other objects have none."""
    if isinstance(holder, str):
        return set(_TOKEN.findall(holder)) if PREFIX in holder else set()
    held: Iterable[Any] = holder.values() if isinstance(holder, Mapping) else ()
    if isinstance(holder, list | tuple):
        held = holder
    return set[str]().union(*map(tokens_in, held))


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value, and the key that it was written under."""

    key: str
    value: JsonValue


@dataclass(slots=True, repr=False)
class Vault:
    """The secrets that a run knows, by their tokens."""

    known: dict[str, Secret] = field(default_factory=dict)
    unstored: set[str] = field(default_factory=set)
    """The tokens of those that are new."""
    live: set[str] = field(default_factory=set)
    """The tokens that the conversation holds, as far as the run has looked."""

    def token_of(self, key: str, value: JsonValue) -> str:
        """Return the token of a value; a new one where its key has not had it."""
        for token, secret in self.known.items():
            if secret.key == key and same(secret.value, value):
                return token
        token = f"{PREFIX}{uuid.uuid4().hex}"
        self.known[token] = Secret(key, value)
        self.unstored.add(token)
        return token

    def drop_unstored(self) -> None:
        """Forget what is new."""
        for token in self.unstored:
            del self.known[token]
        self.unstored.clear()


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secret keys of one machine, and the vault of the run."""

    vault: Vault
    keys: frozenset[str]

    def of(self, keys: frozenset[str]) -> Secrets:
        """Return the same for another machine, which has these secret keys."""
        return Secrets(self.vault, keys)

    def hide(self, writes: Mapping[str, Any]) -> dict[str, Any]:
        """Put tokens in the places of values; null, which removes a key, stays."""
        return {key: self.hide_value(key, value) for key, value in writes.items()}

    def hide_value(self, key: str, value: Any) -> Any:
        """Return a value's token, where its key is secret."""
        if key not in self.keys or value is None or is_token(value):
            return value
        return self.vault.token_of(key, value)

    def read(self, writes: Mapping[str, Any]) -> dict[str, Any]:
        """Put values in the places of tokens; one that its key was not given stays, and is refused as a value."""
        return {key: self.read_value(key, value) for key, value in writes.items()}

    def read_value(self, key: str, value: Any) -> Any:
        """Return the value of a token, where the key is secret and was given it."""
        secret = self._secret(key, value)
        return secret.value if secret is not None and secret.key == key else value

    def reveal(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a context with its values; a key whose token is not known is not there."""
        # A key that was renamed holds the token that it was given under its old name.
        found = {key: (value, self._secret(key, value)) for key, value in context.items()}
        revealed = {key: value if secret is None else secret.value for key, (value, secret) in found.items()}
        return {key: value for key, value in revealed.items() if not (key in self.keys and is_token(value))}

    def _secret(self, key: str, value: Any) -> Secret | None:
        return self.vault.known.get(value) if key in self.keys and isinstance(value, str) else None


MASK: Final = "•••"
"""Shown to people in a secret's place."""


def masked(value: JsonValue, *, is_secret: bool = False) -> JsonValue:
    """Return a value as people may see it, with a mask in the place of a token.

    Args:
        value: The value.
        is_secret: Whether its key is secret. What was stored before that was declared stands in the clear.
    """
    return MASK if is_token(value) or (is_secret and value is not None) else value


def reason_for_secret(reason: str, value: object) -> str:
    """Return why a secret value was refused, without a word of the value in it."""
    told, texts = _bare(reason), [*islice(_texts(value), _MOST_TEXTS + 1)]
    is_told = len(texts) > _MOST_TEXTS or any(text and text in told for text in map(_bare, texts))
    return _UNFIT if is_told else reason


_MOST_TEXTS = 1000
"""How many texts of a value are looked at; one that has more, or goes in circles, may have been refused for that."""


def _texts(value: object) -> Iterator[str]:
    """Yield the texts of a value, an empty one for each object and list in it."""
    rest = [value]
    while rest:
        held = rest.pop()
        if isinstance(held, Mapping):
            rest += [*held.keys(), *held.values()]
        elif isinstance(held, list | tuple):
            rest += held
        yield "" if isinstance(held, bool | Mapping | list | tuple) else str(held)


def _bare(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


_UNFIT = "does not fit what is declared for it"
