"""The files that the LangGraph server reads: `langgraph.json`, and a module that compiles the definitions.

    langgraph.json    {"graphs": {"coffee": {"path": "./served.py:coffee", …}}, …}
    served.py         coffee = compile_fsm(HERE / "coffee.yaml")

A graph is compiled as its module is imported, and has no checkpointer: the server brings its own. The module offers
graphs, not functions that make them: the server would call those on every request, in its event loop, where no file may
be read. `fsm-langgraph dev` writes these files as a person would write them, to be kept, changed and deployed.
"""

from __future__ import annotations

import json
import keyword
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import FSMError, StoreSetupError
from fsm_langgraph.handlers.references import file_of
from fsm_langgraph.loading import load_definition
from fsm_langgraph.prompts.fetching import check_store

CONFIG_FILE = "langgraph.json"
MODULE_FILE = "served.py"


class ServingError(FSMError):
    """Definitions cannot be served as they were given; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class ServedGraph:
    """A definition as the server is to have it."""

    graph_id: str
    """The name by which clients ask for it."""
    file: Path
    definition: FSMDefinition
    model: str | None = None
    handlers: str | None = None

    @property
    def variable(self) -> str:
        """The name of the module's variable for it."""
        name = re.sub(r"\W", "_", self.graph_id)
        is_free = name.isidentifier() and not keyword.iskeyword(name) and name not in _NAMES
        return name if is_free else f"graph_{name}"


_NAMES = frozenset({"HERE", "Path", "build_graph", "compile_fsm"})
"""The module's own names."""


def served_graphs(
    files: Iterable[Path], *, model: str | None = None, handlers: dict[Path, str] | None = None
) -> list[ServedGraph]:
    """Load definitions and name their graphs: a file `fsm.json` or `fsm.yaml` by its folder, another by its own name.

    Args:
        files: The definitions.
        model: The name of the model for all of them; the one that the environment names where it is left out.
        handlers: The reference to the handlers of each file that has any.

    Raises:
        DefinitionError: One of the definitions has problems.
        ServingError: Two of them would go by the same name.
    """
    graphs: dict[str, ServedGraph] = {}
    for file in files:
        path, definition = file.resolve(), load_definition(file)
        graph_id = path.parent.name if path.stem == "fsm" else path.stem
        graph = ServedGraph(graph_id, path, definition, model, (handlers or {}).get(file))
        if graph.variable in graphs:
            other = graphs[graph.variable].file
            raise ServingError(f"{path}: {other} would be served as {graph_id!r} too. Rename one of them.")
        graphs[graph.variable] = graph
    return list(graphs.values())


def write_project(folder: Path, graphs: Sequence[ServedGraph], *, movable: bool) -> Path:
    """Write the two files into a folder, which is made where there is none; return the path of `langgraph.json`.

    Args:
        folder: Where they are to be.
        graphs: What is served.
        movable: Whether files are named as seen from the folder, so that all can be moved and deployed together.

    Raises:
        ServingError: One of the two is there already and says something else.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    base = folder if movable else None
    texts = {folder / MODULE_FILE: _module(graphs, base), folder / CONFIG_FILE: _config(graphs)}
    for file, text in texts.items():
        if file.exists() and file.read_text(encoding="utf-8") != text:
            raise ServingError(
                f"{file}: it is there already, and says something else. Move it, or give another folder."
            )
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")
    return folder / CONFIG_FILE


def _config(graphs: Sequence[ServedGraph]) -> str:
    listed = {
        graph.graph_id: {"path": f"./{MODULE_FILE}:{graph.variable}", "description": graph.definition.description}
        for graph in graphs
    }
    return json.dumps({"dependencies": ["fsm-langgraph", "."], "graphs": listed}, indent=2, ensure_ascii=False) + "\n"


def _module(graphs: Sequence[ServedGraph], base: Path | None) -> str:
    lines = [
        f'"""The graphs that {CONFIG_FILE} names; written by `fsm-langgraph dev`, and yours to change."""',
        "",
        "from pathlib import Path",
        "",
        f"from fsm_langgraph import {', '.join(sorted({_maker(graph) for graph in graphs}))}",
        "",
        "HERE = Path(__file__).parent",
        "",
        *(_line(graph, base) for graph in graphs),
    ]
    return "\n".join(lines) + "\n"


def _line(graph: ServedGraph, base: Path | None) -> str:
    given = [_path(graph.file, base)]
    if graph.model is not None:
        given.append(f"model={_text(graph.model)}")
    if graph.handlers is not None:
        given.append(f"handlers={_reference(graph.handlers, base)}")
    made = f"{graph.variable} = {_maker(graph)}({', '.join(given)})"
    return made if _maker(graph) == "compile_fsm" else f"{made}.compile(name={_text(graph.definition.name)})"


def _maker(graph: ServedGraph) -> str:
    """Return the function that makes the graph.

    `compile_fsm` refuses a definition that requires something of a store where there is none. Such a graph is built and
    compiled in two steps, and the server gives it its store.
    """
    try:
        check_store(graph.definition, None)
    except StoreSetupError:
        return "build_graph"
    return "compile_fsm"


def _reference(reference: str, base: Path | None) -> str:
    named = file_of(reference)
    if named is None:
        return _text(reference)
    file, name = named
    path = _path(file, base)
    return f"str({path}) + {_text(':' + name)}" if name else path


def _path(file: Path, base: Path | None) -> str:
    seen = Path(os.path.relpath(file.resolve(), base)) if base is not None else file.resolve()
    return f"HERE / {_text(seen.as_posix())}"


def _text(text: str) -> str:
    """Write a text as a Python literal; JSON's form of a text is one."""
    return json.dumps(text, ensure_ascii=False)
