"""The server reads the files of the examples, and those that `fsm-langgraph dev` writes."""

from __future__ import annotations

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from langgraph.graph.state import CompiledStateGraph
from langgraph_cli.config import validate_config_file
from machines import FORM

from fsm_langgraph import DefinitionError, load_definition
from fsm_langgraph.cli.serving import ServingError, served_graphs, write_project

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "graphs").glob("*/fsm.*"))


def module_of(file: Path) -> ModuleType:
    """Import a file, as the server does."""
    spec = spec_from_file_location("a_served_module", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_is_served_under_the_name_of_its_folder() -> None:
    graphs = validate_config_file(ROOT / "langgraph.json")["graphs"]

    assert graphs == {
        file.parent.name: {
            "path": f"./graphs/served.py:{file.parent.name}",
            "description": load_definition(file).description,
        }
        for file in EXAMPLES
    }


def test_the_examples_are_compiled_as_a_project_of_one_s_own_would_be(tmp_path: Path) -> None:
    beside = {file: "beside" for file in EXAMPLES if (file.parent / "handlers.py").is_file()}
    write_project(tmp_path, served_graphs(EXAMPLES, handlers=beside), movable=False)

    written = (tmp_path / "served.py").read_text(encoding="utf-8").replace(f"{ROOT}/graphs/", "").splitlines()[1:]
    assert (ROOT / "graphs" / "served.py").read_text(encoding="utf-8").splitlines()[1:] == written


def test_a_served_graph_brings_no_checkpointer() -> None:
    module = module_of(ROOT / "graphs" / "served.py")

    graphs = [getattr(module, file.parent.name) for file in EXAMPLES]
    assert all(isinstance(graph, CompiledStateGraph) and graph.checkpointer is None for graph in graphs)


def paths(config: Path) -> dict[str, str]:
    """Return where the graphs are, as LangGraph's command line reads it."""
    graphs: dict[str, Any] = validate_config_file(config)["graphs"]
    return {graph_id: graph["path"] for graph_id, graph in graphs.items()}


def definition(file: Path, **fields: Any) -> Path:
    """Write a definition to a file, and handlers beside it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**FORM, **fields}), encoding="utf-8")
    file.with_name("handlers.py").write_text("from fsm_langgraph import Handlers\nhandlers = Handlers()\n")
    return file


@pytest.mark.parametrize("movable", [True, False])
@pytest.mark.parametrize("reference", ["beside", "{}/handlers.py", "{}/handlers.py:handlers"])
def test_what_is_written_can_be_imported(tmp_path: Path, reference: str, movable: bool) -> None:
    file = definition(tmp_path / "a ünusual folder" / "some form.json")
    handlers = {file: reference.format(file.parent)}
    config = write_project(tmp_path / "out", served_graphs([file], model="offline", handlers=handlers), movable=movable)

    assert paths(config) == {"some form": "./served.py:some_form"}
    assert isinstance(module_of(config.with_name("served.py")).some_form, CompiledStateGraph)


def test_a_movable_project_runs_where_it_is_moved_to(tmp_path: Path) -> None:
    file = definition(tmp_path / "here" / "form.json")
    handlers = {file: str(file.with_name("handlers.py"))}
    write_project(file.parent, served_graphs([file], model="offline", handlers=handlers), movable=True)
    (tmp_path / "here").rename(tmp_path / "there")

    assert isinstance(module_of(tmp_path / "there" / "served.py").form, CompiledStateGraph)


def test_a_module_is_named_as_it_is(tmp_path: Path) -> None:
    file = definition(tmp_path / "form.json")
    write_project(tmp_path, served_graphs([file], handlers={file: "shop.flows:make"}), movable=True)

    assert 'form = compile_fsm(HERE / "form.json", handlers="shop.flows:make")' in (tmp_path / "served.py").read_text()


@pytest.mark.parametrize(
    ("name", "variable"),
    [("class.json", "graph_class"), ("2.json", "graph_2"), ("Path.json", "graph_Path"), ("a-b.c.json", "a_b_c")],
)
def test_every_file_s_name_becomes_one_that_python_takes(tmp_path: Path, name: str, variable: str) -> None:
    config = write_project(tmp_path, served_graphs([definition(tmp_path / name)], model="offline"), movable=True)

    assert paths(config) == {name.removesuffix(".json"): f"./served.py:{variable}"}
    assert isinstance(getattr(module_of(tmp_path / "served.py"), variable), CompiledStateGraph)


def test_one_that_requires_something_of_the_store_is_built_to_be_given_the_server_s(tmp_path: Path) -> None:
    file = definition(
        tmp_path / "form.json",
        name="The form",
        store={"menu": {"namespace": ["menus"], "key": "today", "required": True}},
    )
    write_project(tmp_path, served_graphs([file], model="offline"), movable=True)

    assert module_of(tmp_path / "served.py").form.name == "The form"


def test_a_name_for_two_definitions_is_refused(tmp_path: Path) -> None:
    files = [definition(tmp_path / "coach" / "fsm.json"), definition(tmp_path / "coach.yaml")]

    with pytest.raises(ServingError, match=r"coach\.yaml: .*fsm\.json would be served as 'coach' too\. Rename one"):
        served_graphs(files)


def test_a_definition_with_problems_is_not_served(tmp_path: Path) -> None:
    file = tmp_path / "form.json"
    file.write_text(json.dumps({**FORM, "initial_state": "nowhere"}), encoding="utf-8")

    with pytest.raises(DefinitionError, match="nowhere"):
        served_graphs([file])


def test_a_file_of_the_user_s_own_is_not_overwritten(tmp_path: Path) -> None:
    graphs = served_graphs([definition(tmp_path / "form.json")])
    config = write_project(tmp_path, graphs, movable=True)
    assert write_project(tmp_path, graphs, movable=True) == config
    config.write_text("{}")

    with pytest.raises(ServingError, match=r"langgraph\.json: it is there already, and says something else\."):
        write_project(tmp_path, graphs, movable=True)
    assert config.read_text() == "{}"
