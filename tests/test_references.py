"""Handlers and tools by reference: which code is loaded, how it is loaded, and what is said where it cannot be."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from handling import handling, plain, writing
from machines import DRIVERS, FORM, Drive, Talk, machine, reply, state, to
from orders import calling

from fsm_langgraph import (
    LLM_FSM,
    Handlers,
    HandlerSetupError,
    ReferenceSetupError,
    ScriptedModel,
    SetupError,
    build_graph,
    compile_fsm,
    load_definition,
)
from fsm_langgraph.handlers.references import load_code

CODE = """
from fsm_langgraph import Handlers

handlers = Handlers()
strict = Handlers()


@handlers.on("START_CONVERSATION", name={name!r})
def begin(event):
    return {{"greeted_by": {name!r}}}


def make():
    made = Handlers()
    made.include(handlers)
    return made


class factory:
    make = staticmethod(make)


def say(text: str) -> str:
    "Say something."
    return text


tools = [say]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a definition and its handlers."""
    (tmp_path / "fsm.json").write_text(json.dumps(FORM), encoding="utf-8")
    (tmp_path / "handlers.py").write_text(CODE.format(name="Ann"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """A way to write a module that Python finds; none of them outlives the test."""
    known = set(sys.modules)
    root = tmp_path / "importable"
    root.mkdir()
    monkeypatch.syspath_prepend(root)

    def write(name: str, text: str) -> None:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")

    yield write
    for name in set(sys.modules) - known:
        del sys.modules[name]


def names(handlers: Any) -> list[str]:
    """Name the handlers of a loaded option."""
    return [handler.name for handler in handlers]


def loaded(definition: object, handlers: Any) -> Any:
    return load_code(definition, {"handlers": handlers})["handlers"]


def refused(definition: object, **options: Any) -> str:
    """Return what is said of a reference that cannot be loaded."""
    with pytest.raises(ReferenceSetupError) as caught:
        load_code(definition, options)
    return str(caught.value)


# What is loaded


def test_handlers_that_were_given_themselves_stay_what_they_are() -> None:
    handlers = handling(plain, writing(), "ERROR")
    assert loaded("fsm.json", handlers) is handlers
    assert loaded("fsm.json", None) is None


def test_nothing_beside_a_definition_is_run_unasked(folder: Path) -> None:
    (folder / "handlers.py").write_text("raise AssertionError('it was run')", encoding="utf-8")
    compile_fsm(folder / "fsm.json", ScriptedModel(replies=[]))
    load_definition(folder / "fsm.json")


@pytest.mark.parametrize("definition", [lambda f: f / "fsm.json", lambda f: str(f / "fsm.json")], ids=["path", "text"])
def test_beside_means_the_file_in_the_definition_s_folder(definition: Callable[[Path], Any], folder: Path) -> None:
    assert names(loaded(definition(folder), "beside")) == ["Ann"]


def test_beside_is_found_from_a_folder_that_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert names(loaded("fsm.json", "beside")) == ["Ann"]


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("handlers.py", ["Ann"]),
        ("./handlers.py", ["Ann"]),
        (Path("handlers.py"), ["Ann"]),
        ("handlers.py:handlers", ["Ann"]),
        ("handlers.py:strict", []),
        ("handlers.py:make", ["Ann"]),
        ("handlers.py:factory.make", ["Ann"]),
        ("beside:make", ["Ann"]),
        ("beside:strict", []),
    ],
    ids=str,
)
def test_a_file_is_named_by_its_path_and_an_object_after_a_colon(
    reference: Any, found: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert names(loaded("fsm.json", reference)) == found


@pytest.mark.parametrize("reference", ["shop.flows", "shop.flows:handlers", "shop.flows:make"])
def test_a_module_is_found_where_python_finds_it(reference: str, importable: Callable[[str, str], None]) -> None:
    importable("shop/flows.py", CODE.format(name="Bob"))
    assert names(loaded({}, reference)) == ["Bob"]


def test_a_factory_makes_new_handlers_every_time(folder: Path) -> None:
    first, second = (loaded(folder / "fsm.json", "beside:make") for _ in range(2))
    assert first is not second


@pytest.mark.parametrize(
    "make",
    [
        lambda file, model: compile_fsm(file, model, handlers="beside"),
        lambda file, model: build_graph(file, model, handlers="beside:handlers").compile(),
        lambda file, model: LLM_FSM.from_file(file, model, handlers="beside").graph,
        lambda file, model: LLM_FSM(str(file), model, handlers="beside").graph,
    ],
    ids=["compile_fsm", "build_graph", "from_file", "LLM_FSM"],
)
def test_every_way_to_a_graph_takes_a_reference(make: Callable[[Path, Any], Any], folder: Path) -> None:
    (folder / "handlers.py").write_text(CODE.format(name="Ann"), encoding="utf-8")
    graph = make(folder / "fsm.json", ScriptedModel(replies=["?"]))
    found = graph.invoke({"messages": []}, {"configurable": {"thread_id": "1"}})
    assert found["context"] == {"greeted_by": "Ann"}


# How it is loaded


def test_a_file_is_run_once(folder: Path) -> None:
    first, second = (loaded(folder / "fsm.json", reference) for reference in ("beside", folder / "handlers.py"))
    assert first is second


def test_files_of_one_name_in_two_folders_are_two(folder: Path) -> None:
    other = folder / "other"
    other.mkdir()
    (other / "handlers.py").write_text(CODE.format(name="Bob"), encoding="utf-8")
    assert [names(loaded(place / "fsm.json", "beside")) for place in (folder, other)] == [["Ann"], ["Bob"]]


def test_what_lies_beside_a_file_is_imported_with_a_dot_and_is_its_own(folder: Path) -> None:
    code = "from . import prices\nfrom fsm_langgraph import Handlers, create_handler\nhandlers = Handlers([prices.IT])"
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "handlers.py").write_text(code, encoding="utf-8")
        price = f"from fsm_langgraph import create_handler\nIT = create_handler({name!r}).at('ERROR').do(print)"
        (folder / name / "prices.py").write_text(price, encoding="utf-8")
    assert [names(loaded(folder / name / "fsm.json", "beside")) for name in ("a", "b")] == [["a"], ["b"]]
    assert "prices" not in sys.modules


def test_loading_a_file_leaves_the_search_path_as_it_is(folder: Path) -> None:
    before = list(sys.path)
    (folder / "handlers.py").write_text(f"import sys\nassert sys.path == {before!r}\n{CODE.format(name='Ann')}")
    loaded(folder / "fsm.json", "beside")
    assert sys.path == before


def test_the_objects_of_a_file_can_be_pickled_and_read_in_another_process(folder: Path) -> None:
    code = "from dataclasses import dataclass\n\n\n@dataclass\nclass Price:\n    cents: int\n\n\n"
    (folder / "handlers.py").write_text(code + CODE.format(name="Ann"), encoding="utf-8")
    module = sys.modules[loaded(folder / "fsm.json", "beside").at("START_CONVERSATION")[0].action.__module__]
    (folder / "price").write_bytes(pickle.dumps(module.Price(5)))
    program = (
        "import pickle, pathlib; from fsm_langgraph.handlers.references import load_code; "
        "load_code(pathlib.Path('fsm.json'), {'handlers': 'beside'}); "
        "assert pickle.loads(pathlib.Path('price').read_bytes()).cents == 5"
    )
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True)  # noqa: S603 - our own program


def test_a_file_that_was_corrected_can_be_loaded(folder: Path) -> None:
    (folder / "handlers.py").write_text("import nothing_of_this_name", encoding="utf-8")
    assert "ModuleNotFoundError" in refused(folder / "fsm.json", handlers="beside")
    (folder / "handlers.py").write_text(CODE.format(name="Ann"), encoding="utf-8")
    assert names(loaded(folder / "fsm.json", "beside")) == ["Ann"]


# Tools


@pytest.mark.parametrize("reference", ["beside", "handlers.py", Path("handlers.py")], ids=str)
def test_the_tools_of_a_file_come_with_its_handlers(
    reference: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert load_code("fsm.json", {"handlers": reference})["tools"][0].__name__ == "say"


@pytest.mark.parametrize(
    "options",
    [
        {"handlers": "beside:handlers"},
        {"handlers": Handlers()},
        {"handlers": "beside", "tools": []},
        {"tools": None},
    ],
    ids=["an object of the file", "handlers themselves", "other tools", "nothing"],
)
def test_tools_come_only_with_the_file_as_such_and_where_no_others_are_given(
    options: dict[str, Any], folder: Path
) -> None:
    assert not load_code(folder / "fsm.json", options).get("tools")


def test_a_module_of_the_name_tools_is_no_tools(folder: Path) -> None:
    code = CODE.format(name="Ann").replace("tools = [say]", "from json import tool as tools")
    (folder / "handlers.py").write_text(code, encoding="utf-8")
    assert "tools" not in load_code(folder / "fsm.json", {"handlers": "beside"})


@pytest.mark.parametrize("given", ["[print]", "(print,)", "ToolNode([])", "lambda: [print]"])
def test_tools_are_loaded_like_handlers(given: str, folder: Path) -> None:
    (folder / "mine.py").write_text(f"from langgraph.prebuilt import ToolNode\ntools = {given}", encoding="utf-8")
    tools = load_code(folder / "fsm.json", {"tools": folder / "mine.py"})["tools"]
    assert type(tools).__name__ in ("list", "tuple", "ToolNode")


FINDS = machine(state("ask", to("done", "order"), required_context_keys=["order"], tools=["find"]), state("done"))
FIND = """
from fsm_langgraph import Handlers

handlers = Handlers()


def find(order: str) -> str:
    "Find an order."
    return f"Order {order} is on its way."


tools = [find]
"""


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    "options",
    [{"handlers": "beside"}, {"tools": "beside"}, {"handlers": Handlers(), "tools": "beside:tools"}],
    ids=["with the handlers", "by themselves", "beside other handlers"],
)
def test_the_tools_of_a_file_are_used(options: dict[str, Any], drive: Drive, folder: Path) -> None:
    (folder / "finds.json").write_text(json.dumps(FINDS), encoding="utf-8")
    (folder / "handlers.py").write_text(FIND, encoding="utf-8")
    replies = ["Which order?", calling(("find", {"order": "7"})), reply("ask", "It is on its way.")]
    talk = Talk(folder / "finds.json", replies, drive, **options)
    talk.say()

    assert talk.say("Where is 7?") == "It is on its way."
    assert talk.record["tool_calls"] == [{"state": "ask", "tool": "find", "error": ""}]


@pytest.mark.parametrize(
    "make",
    [
        lambda file, model: build_graph(file, model, handlers="beside"),
        lambda file, model: LLM_FSM.from_file(file, model, handlers="beside"),
        lambda file, model: LLM_FSM.from_file(file, model, tools="beside"),
    ],
    ids=["build_graph", "LLM_FSM", "LLM_FSM without handlers"],
)
def test_every_way_to_a_graph_brings_the_tools(make: Callable[[Path, Any], Any], folder: Path) -> None:
    (folder / "finds.json").write_text(json.dumps(FINDS), encoding="utf-8")
    model = ScriptedModel(replies=[])
    with pytest.raises(SetupError, match="no tool named 'find' was given"):
        make(folder / "finds.json", model)
    other = folder / "other"
    other.mkdir()
    (folder / "finds.json").rename(other / "finds.json")
    (other / "handlers.py").write_text(FIND, encoding="utf-8")
    make(other / "finds.json", model)


def test_what_are_no_tools_is_told(folder: Path) -> None:
    (folder / "mine.py").write_text("tools = {}", encoding="utf-8")
    said = refused(folder / "fsm.json", tools=folder / "mine.py")
    assert said.startswith(
        f"tools='{folder}/mine.py': 'tools' in {folder}/mine.py is a dict.\n  Make it a list of tools"
    )


# What cannot be loaded


@pytest.mark.parametrize("definition", [FORM, json.dumps(FORM), load_definition(FORM)], ids=["dict", "text", "loaded"])
def test_beside_needs_a_definition_that_is_a_file(definition: Any) -> None:
    with pytest.raises(ReferenceSetupError) as caught:
        compile_fsm(definition, ScriptedModel(replies=[]), handlers="beside")
    assert str(caught.value) == (
        "handlers='beside': the definition was not given as a file, so nothing lies beside it.\n"
        "  Give 'package.module:name', a file such as 'flows.py' or 'flows.py:name', or 'beside' for the handlers.py "
        "in the folder of the definition."
    )


@pytest.mark.parametrize(
    "reference", ["", "a b", "a-b", ":make", "shop.flows:", "shop.flows:1st", "shop..flows", ".flows", "a:b:c"]
)
def test_what_is_no_reference_is_told(reference: str, folder: Path) -> None:
    said = refused(folder / "fsm.json", handlers=reference)
    assert said.startswith(f"handlers={reference!r}: that is no reference.\n  Give 'package.module:name', a file")


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("nowhere.py", "there is no file {}/nowhere.py."),
        ("nowhere.py:make", "there is no file {}/nowhere.py."),
        ("C:/flows.py", "there is no file {}/C:/flows.py."),
        ("./sub", "there is no file {}/sub."),
        (Path("beside"), "there is no file {}/beside."),
        (Path("fsm.json"), "{}/fsm.json is not named like a Python file."),
        ("a.b.py", "{}/a.b.py is not named like a Python file."),
    ],
    ids=str,
)
def test_a_file_that_is_not_there_or_no_python_file_is_told(
    reference: Any, found: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "sub").mkdir()
    (folder / "a.b.py").touch()
    assert refused("fsm.json", handlers=reference).startswith(f"handlers='{reference}': {found.format(folder)}\n  ")


def test_where_nothing_lies_beside_the_definition_the_error_says_so(folder: Path) -> None:
    (folder / "handlers.py").unlink()
    said = refused(folder / "fsm.json", handlers="beside")
    assert said.startswith(f"handlers='beside': there is no file {folder}/handlers.py.\n  Give ")


@pytest.mark.parametrize("reference", ["no_such_shop", "no_such_shop.flows:make", "json.no_such_shop"])
def test_a_module_that_is_not_there_is_told(reference: str) -> None:
    said = refused({}, handlers=reference)
    assert "no_such_shop" in said.splitlines()[0]
    assert said.splitlines()[0].split(": ", 1)[1].startswith("there is no module '")
    assert said.splitlines()[1] == (
        "  Modules are looked for where Python looks: on sys.path, to which the command line adds the current folder."
    )


@pytest.mark.parametrize(
    ("code", "line", "told"),
    [
        ("x = 1\nx.y", 2, "AttributeError: 'int' object has no attribute 'y'"),
        ("def broken(:\n    pass", 1, "SyntaxError: invalid syntax."),
        ("\nfrom json.no_such_shop import a", 2, "ModuleNotFoundError: No module named 'json.no_such_shop'"),
        ("from .no_such_shop import a", 1, "ModuleNotFoundError: No module named '_fsm_langgraph_"),
        ("from json import no_such_name", 1, "ImportError: cannot import name 'no_such_name' from 'json'"),
        ("raise SystemExit(3)", 1, "SystemExit: 3"),
        ("import json\n\n\njson.loads('{')", 4, "JSONDecodeError: Expecting property name"),
        ("\n\nfrom . import other", 3, "ImportError: cannot import name 'other'"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_error_in_a_file_is_told_with_its_line(code: str, line: int, told: str, folder: Path) -> None:
    (folder / "handlers.py").write_text(code, encoding="utf-8")
    said, file = refused(folder / "fsm.json", handlers="beside"), folder / "handlers.py"
    assert said.startswith(f"handlers='beside': {file} could not be imported: {file}, line {line}: {told}")
    assert said.endswith("\n  Correct it there, and try again.")


def test_a_module_that_is_missing_is_to_be_installed(folder: Path) -> None:
    (folder / "handlers.py").write_text("import no_such_shop.prices", encoding="utf-8")
    said, file = refused(folder / "fsm.json", handlers="beside"), folder / "handlers.py"
    assert said == (
        f"handlers='beside': {file} could not be imported: "
        f"{file}, line 1: ModuleNotFoundError: No module named 'no_such_shop'\n"
        "  Install it, e.g. pip install no_such_shop, or correct its name there, and try again."
    )


def test_an_error_in_what_a_file_imports_is_told_where_it_is(folder: Path) -> None:
    (folder / "handlers.py").write_text("from . import prices", encoding="utf-8")
    (folder / "prices.py").write_text("\n\n1 / 0", encoding="utf-8")
    assert f": {folder}/prices.py, line 3: ZeroDivisionError" in refused(folder / "fsm.json", handlers="beside")


def test_an_error_in_a_module_is_told_with_its_line(importable: Callable[[str, str], None], tmp_path: Path) -> None:
    importable("shop/flows.py", "\n1 / 0")
    said = refused({}, handlers="shop.flows:handlers")
    assert said.startswith(
        "handlers='shop.flows:handlers': shop.flows could not be imported: "
        f"{tmp_path}/importable/shop/flows.py, line 2: ZeroDivisionError"
    )


def test_who_forgets_the_dot_is_told(folder: Path) -> None:
    (folder / "handlers.py").write_text("import prices", encoding="utf-8")
    (folder / "prices.py").touch()
    said = refused(folder / "fsm.json", handlers="beside")
    assert said.endswith("\n  What lies beside the file is imported with a dot: from . import prices.")


@pytest.mark.parametrize(
    ("code", "reference", "told"),
    [
        ("handels = 1", "beside", "{} has no 'handlers'.\n  Did you mean 'handels'?  Names: 'handels'."),
        ("def make():\n    pass", "beside:mkae", "{} has no 'mkae'.\n  Did you mean 'make'?  Names: 'make'."),
        ("class A:\n    pass", "beside:A.make", "{} has no 'A.make'.\n  Names: 'A'."),
        ("handlers = []", "beside", "'handlers' in {} is a list.\n  Make it a Handlers, or a function without"),
        ("handlers = None", "beside", "'handlers' in {} is a NoneType.\n  Make it a Handlers"),
        ("async def handlers():\n    pass", "beside", "'handlers' in {} is an async function.\n  Make it a Handlers"),
        ("def handlers():\n    return {{}}", "beside", "handlers() of {} returned a dict.\n  Make it a Handlers"),
        ("def handlers():\n    return 1 / 0", "beside", "handlers() of {} failed: {}, line 2: ZeroDivisionError: "),
        ("def handlers(event):\n    pass", "beside", "handlers() of {} failed: TypeError: handlers() missing 1 req"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_an_object_that_cannot_be_used_is_told(code: str, reference: str, told: str, folder: Path) -> None:
    file = folder / "handlers.py"
    file.write_text(code.format(), encoding="utf-8")
    assert refused(folder / "fsm.json", handlers=reference).startswith(
        f"handlers={reference!r}: {told.format(file, file)}"
    )


def test_what_the_code_raised_is_the_cause(folder: Path) -> None:
    (folder / "handlers.py").write_text("1 / 0", encoding="utf-8")
    with pytest.raises(SetupError) as caught:
        load_code(folder / "fsm.json", {"handlers": "beside"})
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_handlers_of_a_file_are_checked_like_any(folder: Path) -> None:
    code = "from fsm_langgraph import Handlers\nhandlers = Handlers()\nhandlers.on('ERROR', state='x')(print)"
    (folder / "handlers.py").write_text(code, encoding="utf-8")
    with pytest.raises(HandlerSetupError, match="no state is named 'x'"):
        compile_fsm(folder / "fsm.json", ScriptedModel(replies=[]), handlers="beside")
