"""The definition that a stored conversation was last held with: its name, its revision and its fingerprint.

Each conversation keeps the identity of its definition. One that an earlier release has stored has the machine's name in
the metadata of its runs, and its last turn's record may tell the revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langgraph.checkpoint.base import CheckpointTuple

from fsm_langgraph.definition import FSMDefinition, Identity, read_identity


def held_with(saved: CheckpointTuple) -> Identity | None:
    """Return what is known of the definition; `None` where it is no conversation of this package's.

    Its name is empty where nothing tells it, and so is its fingerprint.
    """
    values: Mapping[str, Any] = saved.checkpoint["channel_values"]
    stored = (values.get("turn") or {}).get("definition")
    if stored is not None:
        return read_identity(stored)
    record, name = values.get("last_turn"), saved.metadata.get("fsm_name")
    if record is None and name is None:
        return None
    return Identity(str(name or ""), (record or {}).get("revision", ""), "", frozenset())


def is_of(definition: FSMDefinition, machine: str) -> bool:
    """Say whether a machine of this name is this one, be it by an earlier name of it, or by none that is known."""
    return machine in ("", definition.name, *definition.migration.names)
