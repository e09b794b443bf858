"""The notebooks are stored as they were executed, with pictures that code hosts show; nbmake executes them anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from stored_notebooks import NOTEBOOKS, tidy

STORED = sorted(NOTEBOOKS.glob("*.ipynb"))

pytestmark = pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)


def read(path: Path) -> Any:
    """Read a notebook."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types


def outputs(notebook: Any) -> Iterator[Any]:
    """Yield what its cells have shown."""
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


def test_a_notebook_is_stored_as_it_was_executed(path: Path) -> None:
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]

    assert [cell.execution_count for cell in cells] == [*range(1, len(cells) + 1)], "run `make notebooks`"


def test_a_notebook_is_stored_tidily(path: Path) -> None:
    notebook = read(path)

    assert notebook == tidy(read(path)), "run `make notebooks`"
    assert {output.get("name", "stdout") for output in outputs(notebook)} == {"stdout"}


def test_a_notebook_tells_nothing_of_the_machine_that_executed_it(path: Path) -> None:
    texts = [output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs(read(path))]

    assert not re.search(r"(?<![\w.])/(?:home|root|tmp|usr|work|Users)/|0x[0-9a-f]{6}", "\n".join(texts))


def test_a_notebook_has_pictures_and_is_small(path: Path) -> None:
    kinds = {kind for output in outputs(read(path)) for kind in output.get("data", {})}

    assert "image/png" in kinds
    assert path.stat().st_size < 500_000
