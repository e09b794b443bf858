"""The table of a definition's states, as a DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsm_langgraph.checking.state_rows import state_rows
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.exploring.data_frames import frame
from fsm_langgraph.loading import Source, load_definition

if TYPE_CHECKING:
    import pandas as pd


def states(definition: FSMDefinition | Source) -> pd.DataFrame:
    """List the states of a definition, those of its sub-machines by their paths.

    Its columns: the `state`, its `kind` (`asks`, `logic`, `thought`, `silent`, `says`, `sub-machine` or `final`), the
    model calls of a turn there (`least_calls`, `most_calls`), the keys that it `collects` and those that its conditions
    and texts `reads`, and the tokens of its longest prompt, an estimate (`prompt_tokens`; unknown where the model is
    not called).

    Args:
        definition: The definition, or where it is.

    Raises:
        DefinitionError: It cannot be loaded.
        ExploringError: pandas is not installed.
    """
    loaded = load_definition(definition)
    rows = (
        {
            "state": row.state,
            "kind": row.kind,
            "least_calls": row.least_calls,
            "most_calls": row.most_calls,
            "collects": [*row.collects],
            "reads": [*row.reads],
            "prompt_tokens": row.prompt_tokens,
        }
        for row in state_rows(loaded)
    )
    return frame(_STATE, rows)


_STATE = ("state", "kind", "least_calls", "most_calls", "collects", "reads", "prompt_tokens")
