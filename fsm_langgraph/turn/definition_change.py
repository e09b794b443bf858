"""A changed definition in the turn record: from which to which a conversation was brought over, and what that took."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12


@with_config(ConfigDict(use_attribute_docstrings=True))
class DefinitionChange(TypedDict):
    """The definition has changed since the turn before. Keys and states of sub-machines are named by their paths."""

    name: NotRequired[str]
    """The name that the machine had, where it has another one now."""
    revision: str
    """The revision that the conversation was held with; empty where it had none."""
    fingerprint: str
    """The fingerprint of that definition; empty for a conversation that an earlier release has stored."""
    now: str
    """The fingerprint of the definition that it goes on with."""
    states: NotRequired[dict[str, str]]
    """The states in which it stood, with those that have taken their place."""
    keys: NotRequired[dict[str, str]]
    """The keys that were renamed, with their names now."""
    coerced: NotRequired[list[str]]
    """Keys whose values were taken over into the type that is declared now."""
    defaults: NotRequired[list[str]]
    """Keys that are new, and have their default."""
    dropped: NotRequired[list[str]]
    """Keys whose values were forgotten, as `migrate` says."""
    undeclared: NotRequired[list[str]]
    """Keys that are declared no more, whose values stay."""


def merged(earlier: DefinitionChange, later: DefinitionChange) -> DefinitionChange:
    """Make one note of two changes that no turn has told yet."""
    change = later.copy()
    change["revision"], change["fingerprint"] = earlier["revision"], earlier["fingerprint"]
    if "name" in earlier:
        change["name"] = earlier["name"]
    if states := {**earlier.get("states", {}), **later.get("states", {})}:
        change["states"] = states
    if keys := {**earlier.get("keys", {}), **later.get("keys", {})}:
        change["keys"] = keys
    for name in _LISTS:
        if listed := {*earlier.get(name, []), *later.get(name, [])}:
            change[name] = sorted(listed)
    return change


_LISTS: tuple[Literal["coerced", "defaults", "dropped", "undeclared"], ...] = (
    "coerced",
    "defaults",
    "dropped",
    "undeclared",
)


def told_change(change: DefinitionChange) -> Iterator[str]:
    """Tell a change for people, fact by fact."""
    yield f"{_version(change['revision'], change['fingerprint'])} before"
    if name := change.get("name"):
        yield f"the machine was named {name!r}"
    yield from (f"the state {old!r} is {new!r}" for old, new in change.get("states", {}).items())
    yield from (f"the key {old!r} is {new!r}" for old, new in change.get("keys", {}).items())
    for keys, said in (
        (change.get("coerced"), "taken over"),
        (change.get("defaults"), "new, with a default"),
        (change.get("dropped"), "forgotten"),
        (change.get("undeclared"), "declared no more"),
    ):
        if keys:
            yield f"{said}: {', '.join(keys)}"


def _version(revision: str, fingerprint: str) -> str:
    if revision:
        return f"revision {revision}"
    return f"fingerprint {fingerprint}" if fingerprint else "no revision"
