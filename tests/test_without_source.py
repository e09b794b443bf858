"""A package that was deployed as compiled files only does all that it does with its source, but for descriptions."""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import pytest
from definitions import BASE

import fsm_langgraph
from fsm_langgraph import ScriptedModel, compile_fsm
from fsm_langgraph.loading import definition_schema

PACKAGE = Path(fsm_langgraph.__file__).parent

PROGRAM = """
import json
import sys

import fsm_langgraph
from fsm_langgraph import DefinitionError, ReferenceSetupError, ScriptedModel, compile_fsm, load_definition
from fsm_langgraph.loading import definition_schema

definition = json.loads(sys.argv[1])
done = {"file": fsm_langgraph.__file__, "schema": definition_schema()}
try:
    load_definition({key: value for key, value in definition.items() if key != "name"})
except DefinitionError as error:
    done["told"] = str(error)
reply = {"target_state": "ask", "updates": [], "message": "What is your name?"}
model = ScriptedModel(replies=[lambda messages, schema: reply if schema else reply["message"]], repeat=True)
graph = compile_fsm(load_definition(definition), model)
done["schema_of_the_graph"] = graph.get_output_jsonschema()
done["answer"] = graph.invoke({"messages": [{"role": "user", "content": "Hello."}]})["messages"][-1].content
try:
    compile_fsm(load_definition(definition), model, handlers="failing.py")
except ReferenceSetupError as error:
    done["reference"] = str(error)
print(json.dumps(done))
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the program says that runs with the compiled package."""
    folder = tmp_path_factory.mktemp("compiled")
    shutil.copytree(PACKAGE, folder / "fsm_langgraph", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    compileall.compile_dir(PACKAGE, quiet=1)  # but for what is compiled already
    for source in PACKAGE.rglob("*.py"):
        shutil.copy(cache_from_source(source), folder / source.relative_to(PACKAGE.parent).with_suffix(".pyc"))
    (folder / "failing.py").write_text("handlers = None\n1 / 0")
    (folder / "program.py").write_text(PROGRAM)
    run = subprocess.run(  # noqa: S603 - the program above
        [sys.executable, "program.py", json.dumps(BASE)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return {"folder": folder, **json.loads(run.stdout)}


def test_the_compiled_package_was_run(done: Any) -> None:
    assert done["file"] == str(done["folder"] / "fsm_langgraph" / "__init__.pyc")


def test_a_fault_is_told_without_advice(done: Any) -> None:
    assert done["told"].endswith("1 problem\nname: the field 'name' is missing.")


def test_the_schema_lacks_descriptions_at_most(done: Any) -> None:
    assert _undescribed(done["schema"]) == _undescribed(definition_schema())


def test_a_graph_has_its_schema(done: Any) -> None:
    schema = compile_fsm(BASE, ScriptedModel(replies=[])).get_output_jsonschema()
    assert _undescribed(done["schema_of_the_graph"]) == _undescribed(schema)


def test_a_turn_is_held(done: Any) -> None:
    assert done["answer"] == "What is your name?"


def test_an_error_in_a_users_file_is_told_with_its_line(done: Any) -> None:
    assert f"{done['folder'] / 'failing.py'}, line 2: ZeroDivisionError" in done["reference"]


def _undescribed(schema: Any) -> Any:
    """A JSON Schema without descriptions; a property that is called so is none."""
    if isinstance(schema, list):
        return [_undescribed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _undescribed(part)
        for name, part in schema.items()
        if not (name == "description" and isinstance(part, str))
    }
