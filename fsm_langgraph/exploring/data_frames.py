"""DataFrames of rows, made by pandas, which is imported when the first one is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from fsm_langgraph.exploring.source import ExploringError

if TYPE_CHECKING:
    import pandas as pd

INSTALL = "pip install 'fsm-langgraph[explore]'"

Row = dict[str, Any]


def frame(columns: Sequence[str], rows: Iterable[Row]) -> pd.DataFrame:
    """Make a DataFrame of rows; columns of tokens may have unknown numbers.

    Raises:
        ExploringError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ExploringError(f"exploring takes pandas, which is not installed.\n  Run: {INSTALL}") from error
    table = pd.DataFrame([*rows], columns=[*columns])
    # Integers that may be unknown: without this, one that is makes numbers with a point of all.
    return table.astype({name: "Int64" for name in _MAY_BE_UNKNOWN if name in columns})


_MAY_BE_UNKNOWN = ("input_tokens", "output_tokens", "prompt_tokens")
