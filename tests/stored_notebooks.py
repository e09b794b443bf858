"""The notebooks are stored with what they show: `make notebooks` executes and stores them anew.

What would differ from run to run and tell nothing is left out: times of execution, versions, and the SVG twins of
pictures, which code hosts do not show. What a cell says to nbmake stays: the variables that are smaller in the tests.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def execute(path: Path) -> Any:
    """Execute a notebook in its folder; return it as it is to be stored."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}})
    client.execute()
    return tidy(notebook)


def tidy(notebook: Any) -> Any:
    """Leave out of a notebook what differs from run to run."""
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
        cell.metadata = {name: value for name, value in cell.metadata.items() if name == "nbmake"}
        if cell.cell_type == "code":
            cell.outputs = _joined(output for output in cell.outputs if not _is_of_the_machine(output))
    return notebook


def _joined(outputs: Iterable[Any]) -> list[Any]:
    """Join the texts that came in pieces, and leave out the SVG twins of pictures."""
    joined: list[Any] = []
    for output in outputs:
        if "image/png" in output.get("data", {}):
            output.data.pop("image/svg+xml", None)
        if joined and output.output_type == "stream" and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def _is_of_the_machine(output: Any) -> bool:
    """Say whether it is what Graphviz has to say of the fonts on this machine."""
    return output.get("name") == "stderr" and "Fontconfig" in output.text


if __name__ == "__main__":
    chosen = [Path(name) for name in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb"))
    for place in chosen:
        nbformat.write(execute(place), place)  # type: ignore[no-untyped-call]  # nbformat has no types
