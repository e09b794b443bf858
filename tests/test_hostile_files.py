"""A file from a stranger is loaded or refused, in words that quote nothing else; `make soak` tries 10,000 of them.

A seed makes a file, so that one that fails is made again by it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile_files import hostile_file, judge, write_neighbours
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
def test_a_file_from_elsewhere_is_loaded_and_played_or_refused(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "given"
    folder.mkdir(exist_ok=True)
    write_neighbours(folder)

    assert judge(hostile_file(seed), folder)[1] == ""
