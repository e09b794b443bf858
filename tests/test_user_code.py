"""The user's own code on the command line: `--handlers` of `run` and `check`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Terminal, call, environment
from crash.zygote import Zygote
from machines import CARD, FORM, SHOP

import fsm_langgraph

PACKAGE = str(Path(fsm_langgraph.__file__).parent.parent)
"""Where a process in another folder finds the package under test."""
CODE = """
from fsm_langgraph import Handlers, RejectValue

handlers = Handlers()


@handlers.on("CONTEXT_UPDATE", keys="name")
def refuse_bob(event):
    if event.context["name"] == "Bob":
        raise RejectValue("is taken")
    return {"greeted": True}
"""
REFUSAL = "is taken"
UNREADY = "from fsm_langgraph import Handlers\nhandlers = Handlers()\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a definition, its handlers, and the same handlers in a package."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fsm.json").write_text(json.dumps(FORM), encoding="utf-8")
    (tmp_path / "handlers.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "a_shop").mkdir()
    (tmp_path / "a_shop" / "flows.py").write_text(CODE, encoding="utf-8")
    return tmp_path


NOTICE = "handlers.py was not loaded; --handlers beside loads it.\n"
REFERENCES = [
    "beside",
    "handlers.py",
    "handlers.py:handlers",
    "a_shop/flows.py",
    "a_shop.flows",
    "a_shop.flows:handlers",
]


# run


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("reference", REFERENCES)
def test_the_handlers_of_a_reference_run(reference: str) -> None:
    result = call("run", "fsm.json", "--model", "offline", "--handlers", reference, lines="Ann Lee\n/data\n")

    assert (result.exit_code, result.stderr) == (0, "")
    assert ["greeted", "true"] in [line.split() for line in result.stdout.splitlines()]


@pytest.mark.usefixtures("folder")
def test_handlers_that_were_not_asked_for_do_not_run_and_one_line_says_so() -> None:
    result = call("run", "fsm.json", "--model", "offline", lines="Ann Lee\n/data\n")

    assert (result.exit_code, result.stderr) == (0, NOTICE)
    assert "greeted" not in result.stdout


@pytest.mark.usefixtures("folder")
def test_a_quiet_run_says_nothing_of_them() -> None:
    result = call("run", "fsm.json", "--model", "offline", "--quiet")
    assert result.stderr == "Model: offline (rules, not a language model)\n"


def test_that_they_were_not_loaded_is_said_before_what_may_come_of_it(folder: Path) -> None:
    (folder / "fsm.json").write_text("{}", encoding="utf-8")
    assert call("run", "fsm.json", "--model", "offline").stderr.startswith(f"{NOTICE}Error: fsm.json: ")


@pytest.mark.usefixtures("folder")
def test_beside_a_definition_that_is_not_there_nothing_is_said_of_them_and_the_one_that_was_meant_is_named() -> None:
    assert call("run", "fms.json", "--model", "offline").stderr == (
        "Error: fms.json: 1 problem\n(root): cannot be read: No such file or directory.\n  Did you mean 'fsm.json'?\n"
    )


def test_where_nothing_lies_beside_nothing_is_said(folder: Path) -> None:
    (folder / "handlers.py").unlink()
    assert call("run", "fsm.json", "--model", "offline").stderr == ""


@pytest.mark.usefixtures("folder")
def test_the_way_back_names_the_handlers() -> None:
    options = ("--model", "offline", "--db", "kept.db", "--thread", "1", "--handlers", "a_shop.flows:handlers")
    result = call("run", "fsm.json", *options, lines="/quit\n")
    assert result.stdout.endswith(
        "  fsm-langgraph run fsm.json --db kept.db --model offline --handlers a_shop.flows:handlers --thread 1\n"
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import no_such_shop", "could not be imported: {}, line 1: ModuleNotFoundError: No module named"),
        ("def broken(:", "could not be imported: {}, line 1: SyntaxError: invalid syntax."),
        ("\n1 / 0", "could not be imported: {}, line 2: ZeroDivisionError: division by zero"),
        ("handlers = 1", "handlers='beside': 'handlers' in {} is a int.\n  Make it a Handlers, or a function"),
        ("handels = 1", "handlers='beside': {} has no 'handlers'.\n  Did you mean 'handels'?"),
        (UNREADY + "handlers.on('ERROR', state='ask_nam')(print)", "no state is named 'ask_nam'.\n  Did you mean"),
    ],
    ids=["import", "syntax", "exception", "wrong type", "no object", "no state"],
)
def test_code_that_cannot_be_used_is_told_without_a_traceback(code: str, told: str, folder: Path) -> None:
    (folder / "handlers.py").write_text(code, encoding="utf-8")
    result = call("run", "fsm.json", "--model", "offline", "--handlers", "beside")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: handlers")
    assert told.format(folder / "handlers.py") in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("reference", ["nowhere.py", "no_such_shop:handlers", "", "two words"])
def test_a_reference_that_leads_nowhere_is_told(reference: str) -> None:
    result = call("run", "fsm.json", "--model", "offline", "--handlers", reference)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: handlers={reference!r}: ")


@pytest.mark.usefixtures("folder")
def test_the_search_path_is_afterwards_what_it_was() -> None:
    before = list(sys.path)
    call("run", "fsm.json", "--model", "offline", "--handlers", "a_shop.flows")
    call("check", "fsm.json", "--handlers", "a_shop.flows")
    assert sys.path == before


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("-B", "Model: offline (rules, not a language model)\n"),
        ("-P", "Error: handlers='a_shop.flows': there is no module 'a_shop'.\n"),
    ],
    ids=["any Python", "a Python that imports nothing from the current folder"],
)
def test_a_real_process_imports_from_the_current_folder_as_python_does(option: str, told: str, folder: Path) -> None:
    script = folder / "bin" / "fsm-langgraph"  # not in the current folder, like the one that is installed
    script.parent.mkdir()
    script.write_text("from fsm_langgraph.cli import app\napp(prog_name='fsm-langgraph')\n", encoding="utf-8")
    process = subprocess.run(  # noqa: S603 - our own command
        [
            *(sys.executable, option, script, "run", "fsm.json", "--quiet"),
            *("--model", "offline", "--handlers", "a_shop.flows"),
        ],
        cwd=folder,
        input="Bob\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(PYTHONPATH=PACKAGE),
        check=False,
    )

    assert process.stderr.startswith(told)
    assert (REFUSAL in process.stdout) is (process.returncode == 0)


@pytest.mark.parametrize("reference", ["beside", "a_shop.flows"])
def test_a_real_terminal_tells_what_a_handler_refuses(reference: str, folder: Path, zygote: Zygote) -> None:
    args = ("run", folder / "fsm.json", "--handlers", reference)
    with Terminal(*args, zygote=zygote, FSM_LANGGRAPH_MODEL="offline") as screen:
        screen.expect("\nYou: ")
        screen.send("Bob\n")
        screen.expect(REFUSAL)
        screen.expect("\nYou: ")
        screen.send("\x04")
        assert screen.finish()[0] == 0


# check


def errors(*args: str) -> list[tuple[str, str, str, str]]:
    """Check files; return the errors that are told, each with its file, code, path and first line."""
    files = json.loads(call("check", "--json", *args).stdout)["files"]
    return [
        (file["file"], each["name"], each["path"], each["message"])
        for file in files
        for each in file["findings"]
        if each["severity"] == "error"
    ]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("reference", REFERENCES)
def test_handlers_that_fit_are_ok(reference: str) -> None:
    result = call("check", "fsm.json", "--handlers", reference)

    assert result.exit_code == 0
    assert result.stdout.startswith("fsm.json: ok, 3 states, 2 transitions")


def test_every_state_that_handlers_name_is_checked(folder: Path) -> None:
    code = UNREADY + (
        "handlers.on('ERROR', name='sorry', state='ask_nam')(print)\n"
        "handlers.on('PRE_TRANSITION', name='log', target='dnoe', not_state='ask_email')(print)\n"
    )
    (folder / "handlers.py").write_text(code, encoding="utf-8")
    result = call("check", "fsm.json", "--handlers", "beside")

    assert result.exit_code == 1
    assert (
        "fsm.json: error FSM072 unknown-state\n"
        "  handlers.sorry: no state is named 'ask_nam'.\n"
        "  Did you mean 'ask_name'?  States: 'ask_email', 'ask_name', 'done'.\n"
        "fsm.json: error FSM072 unknown-state\n"
        "  handlers.log: no state is named 'dnoe'.\n"
        "  Did you mean 'done'?  States: 'ask_email', 'ask_name', 'done'.\n"
    ) in result.stdout


def test_what_is_wrong_with_a_handler_is_told_with_its_file_and_line(folder: Path) -> None:
    sorry = "\n@handlers.on('ERROR', state='ask_nam')\ndef sorry(event):\n    return None\n"
    (folder / "handlers.py").write_text(UNREADY + sorry, encoding="utf-8")
    line = len(UNREADY.splitlines()) + 2

    assert f"\nhandlers.py:{line}:1: error FSM072 unknown-state\n" in call("check", "fsm.json", *BESIDE).stdout
    assert f"::error file=handlers.py,line={line},col=1," in call("check", "fsm.json", *BESIDE, *GITHUB).stdout
    assert call("run", "fsm.json", *BESIDE, "--model", "offline").stderr.startswith(
        f"Error: {folder / 'handlers.py'}:{line}:1: handlers.sorry: no state is named 'ask_nam'."
    )


def test_a_handler_that_never_runs_is_told_with_its_file_and_line_through_what_wraps_it(folder: Path) -> None:
    log = "import functools\n\ndef log(event):\n    return None\n\n@functools.wraps(log)\ndef around(event):\n"
    added = "    return log(event)\nhandlers.on('POST_PROCESSING', target='done')(around)\n"
    (folder / "handlers.py").write_text(UNREADY + log + added, encoding="utf-8")
    line = len(UNREADY.splitlines()) + 3

    assert f"\nhandlers.py:{line}:1: warning FSM078 idle-handler\n" in call("check", "fsm.json", *BESIDE).stdout


BESIDE = ("--handlers", "beside")
GITHUB = ("--format", "github")


def test_handlers_that_cannot_be_loaded_are_an_error_of_the_file(folder: Path) -> None:
    (folder / "handlers.py").write_text("\n1 / 0", encoding="utf-8")

    file = folder / "handlers.py"
    told = f"{file} could not be imported: {file}, line 2: ZeroDivisionError: division by zero"
    assert errors("fsm.json", "--handlers", "beside") == [("fsm.json", "not-loaded", "handlers", told)]


def test_each_definition_is_checked_with_the_handlers_beside_it(folder: Path) -> None:
    other = folder / "other"
    other.mkdir()
    (other / "fsm.json").write_text(json.dumps(FORM), encoding="utf-8")

    told = f"there is no file {other}/handlers.py."
    assert errors("fsm.json", "other/fsm.json", "--handlers", "beside") == [
        ("other/fsm.json", "not-loaded", "handlers", told)
    ]


def test_of_a_folder_the_definitions_that_have_handlers_beside_them_are_checked_with_them(folder: Path) -> None:
    (folder / "bare").mkdir()
    (folder / "bare" / "fsm.json").write_text(json.dumps(FORM), encoding="utf-8")
    (folder / "handlers.py").write_text("handlers = 1", encoding="utf-8")

    assert [(file, code) for file, code, *_ in errors(".", "--handlers", "beside")] == [("fsm.json", "not-loaded")]
    assert [(file, code) for file, code, *_ in errors(".", "bare/fsm.json", "--handlers", "beside")] == [
        ("bare/fsm.json", "not-loaded"),
        ("fsm.json", "not-loaded"),
    ]


@pytest.mark.parametrize("args", [["."], ["--skip-others", "fsm.json"]], ids=["a folder", "files of a hook"])
def test_where_no_definition_of_a_folder_has_handlers_beside_it_that_is_said(args: list[str], folder: Path) -> None:
    (folder / "handlers.py").unlink()
    result = call("check", *args, "--handlers", "beside:handlers")

    assert result.exit_code == 0
    assert result.stdout.startswith("fsm.json: ok, 3 states, 2 transitions")
    assert result.stderr == "No handlers were checked: no handlers.py lies beside a definition.\n"


FOR_THE_CARD = UNREADY + "handlers.on('ERROR', name='sorry', state='payment/card')(print)\n"


@pytest.fixture
def shop(folder: Path) -> Path:
    """A definition that runs another one of its folder, and handlers that name the states in it by their paths."""
    payment = {**SHOP["states"]["payment"], "subflow": "pay.json"}
    shop = {**SHOP, "states": {**SHOP["states"], "payment": payment}}
    del shop["subflows"]
    (folder / "fsm.json").write_text(json.dumps(shop), encoding="utf-8")
    (folder / "pay.json").write_text(json.dumps(CARD), encoding="utf-8")
    (folder / "handlers.py").write_text(FOR_THE_CARD, encoding="utf-8")
    return folder


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("reference", ["beside", "handlers.py"])
@pytest.mark.parametrize("files", [["."], ["fsm.json", "pay.json"]], ids=["a folder", "files"])
def test_a_definition_that_another_one_runs_is_not_held_against_its_handlers(files: list[str], reference: str) -> None:
    assert errors(*files, "--handlers", reference) == []


@pytest.mark.usefixtures("shop")
def test_a_definition_by_itself_is_held_against_the_handlers_that_are_asked_for() -> None:
    told = "no state is named 'payment/card'."
    assert errors("pay.json", "--handlers", "beside") == [("pay.json", "unknown-state", "handlers.sorry", told)]


def test_also_one_that_does_not_load_is_known_to_run_another(shop: Path) -> None:
    written = json.loads((shop / "fsm.json").read_text(encoding="utf-8"))
    (shop / "fsm.json").write_text(json.dumps({**written, "initial_state": "nowhere"}), encoding="utf-8")
    assert [(file, code) for file, code, *_ in errors(".", "--handlers", "beside")] == [
        ("fsm.json", "unknown-initial-state")
    ]


def test_a_sub_machine_in_another_folder_is_held_against_the_handlers_beside_it(shop: Path) -> None:
    (shop / "inner").mkdir()
    (shop / "pay.json").rename(shop / "inner" / "pay.json")
    written = (shop / "fsm.json").read_text(encoding="utf-8")
    (shop / "fsm.json").write_text(written.replace("pay.json", "inner/pay.json"), encoding="utf-8")
    (shop / "inner" / "handlers.py").write_text(FOR_THE_CARD, encoding="utf-8")

    told = "no state is named 'payment/card'."
    assert errors(".", "--handlers", "beside") == [("inner/pay.json", "unknown-state", "handlers.sorry", told)]


def test_the_standard_input_has_no_handlers_beside_it() -> None:
    result = call("check", "-", "--handlers", "beside", lines=json.dumps(FORM))

    assert result.exit_code == 1
    assert "the definition was not given as a file, so nothing lies beside it." in result.stdout


def test_handlers_are_not_loaded_for_a_definition_that_has_problems(folder: Path) -> None:
    (folder / "handlers.py").write_text("raise AssertionError('it was run')", encoding="utf-8")
    (folder / "broken.json").write_text("{}", encoding="utf-8")
    assert "AssertionError" not in call("check", "broken.json", "--handlers", "beside").output


TOOLS = """
def find(order: str) -> str:
    "Find an order."
    return f"Order {order} is on its way."

tools = [find]
"""


def test_tools_that_come_with_the_handlers_are_checked_with_them(folder: Path) -> None:
    states = {**FORM["states"], "done": {**FORM["states"]["done"], "tools": ["fnid"]}}
    (folder / "fsm.json").write_text(json.dumps({**FORM, "states": states}), encoding="utf-8")
    (folder / "handlers.py").write_text(UNREADY + TOOLS, encoding="utf-8")

    assert call("check", "fsm.json").exit_code == 0
    assert errors("fsm.json", "--handlers", "beside") == [
        ("fsm.json", "unknown-tool", "states.done.tools[0]", "no tool named 'fnid' was given.")
    ]


def test_handlers_that_never_run_are_warned_of_and_the_rest_is_told(folder: Path) -> None:
    code = UNREADY + "handlers.on('POST_PROCESSING', name='log', target='done')(print)\n"
    (folder / "handlers.py").write_text(code, encoding="utf-8")

    result = call("check", "fsm.json", "--handlers", "beside")
    strict = call("check", "fsm.json", "--handlers", "beside", "--strict")

    assert (result.exit_code, strict.exit_code) == (0, 1)
    assert result.stdout.startswith(
        "fsm.json: ok, 3 states, 2 transitions, 1 warning\n"
        "fsm.json: warning FSM078 idle-handler\n"
        "  handlers.log: it never runs at POST_PROCESSING: there is a 'target' at PRE_TRANSITION only.\n"
        "  Run it there.\n"
    )
