"""Every exception of the package says the same after it has crossed a process boundary or was copied."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import pkgutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from typing import Any

import pytest

import fsm_langgraph
from fsm_langgraph import load_definition
from fsm_langgraph.checking.proving.solver import OutOfSteps
from fsm_langgraph.cli.serving import ServingError
from fsm_langgraph.data.json_data import UnreadableError
from fsm_langgraph.drawing.rendering import DrawingError
from fsm_langgraph.errors import (
    ArgumentError,
    CallerError,
    ContextError,
    ConversationError,
    DeadlineError,
    DefinitionError,
    EncryptionError,
    FSMError,
    GraphSetupError,
    GraphToolError,
    HandlerError,
    HandlerSetupError,
    HandoffError,
    LogicError,
    MissingDataError,
    MissingMessagesError,
    ModelError,
    ModelRefusal,
    ModelSetupError,
    OptionSetupError,
    Problem,
    ReferenceSetupError,
    RefusedReply,
    ReplyError,
    RunContextError,
    ScenarioError,
    SetupError,
    SizeError,
    StaleDefinition,
    StateError,
    StorageError,
    StoredDataError,
    StoredFormError,
    StoredTypeError,
    StoreError,
    StoreSetupError,
    StuckError,
    Superseded,
    TemplateLimit,
    ToolError,
    ToolSetupError,
    TurnConflict,
    TurnError,
    TurnLimit,
)
from fsm_langgraph.exploring.source import ExploringError
from fsm_langgraph.handlers.event import RejectValue
from fsm_langgraph.logic.limits import LimitReached
from fsm_langgraph.mcp.elicitation import RequestStateError
from fsm_langgraph.mcp.machine_tool import ToolArgumentsError
from fsm_langgraph.mcp.mcp_server import NamesakeError
from fsm_langgraph.mcp.served_machine import PausedError
from fsm_langgraph.models.failures import BrokenStream, EndlessMessage, StreamRefusal
from fsm_langgraph.models.scripted import OutOfReplies
from fsm_langgraph.models.timed_stream import OutOfTime
from fsm_langgraph.portable import Portable
from fsm_langgraph.replies.reply import BadReply
from fsm_langgraph.templates.filling import OverfullError
from fsm_langgraph.testing.coverage.coverage_error import CoverageError

PROBLEM = Problem("states.a", "unknown-target", "no state is named 'b'.", "States: 'a'.")
CAUSE = ValueError("the cause")

EXAMPLES: tuple[Portable, ...] = (
    Portable("anything"),
    FSMError("a sentence"),
    DefinitionError("a.yaml", [PROBLEM, PROBLEM]),
    ScenarioError("scenarios.yaml", [PROBLEM]),
    LogicError([PROBLEM]),
    SetupError("a sentence"),
    OptionSetupError([PROBLEM], {"engine": "nope"}),
    ModelSetupError("a-model", "there is none", "Give another."),
    ReferenceSetupError("handlers", "a.py:make", "there is no such file.", "Give another."),
    HandlerSetupError([PROBLEM]),
    ToolSetupError([PROBLEM]),
    GraphToolError("böok", "no provider takes it.", "Give another."),
    StoreSetupError({"orders": "there is no store"}, "Give one."),
    ArgumentError("user_message", None, "Leave it out."),
    GraphSetupError("no node is named 'b'.", "Nodes: 'a'."),
    TurnConflict("two nodes have written it.", "Lead into one."),
    SizeError("messages[0]", 40_000, 32_000, "user_message"),
    ContextError("age", "is refused"),
    ConversationError("c", "is closed"),
    MissingMessagesError("c", 3, CAUSE),
    StaleDefinition("c", ["state 'a': there is none."], held_with="'A'", definition="'B'"),
    StorageError("OperationalError: database is locked"),
    StoredDataError("it holds bytes that are no data.", "Somebody else has written it."),
    StoredTypeError(["os.system"]),
    EncryptionError("it is encrypted.", "Give the key."),
    Superseded("ask"),
    CallerError("book", "it has no thread.", "Give one."),
    TurnError("ask", "it failed."),
    RunContextError("ask", "there is no such model."),
    ReplyError("ask", ["it is no JSON object", "it has no 'target_state'"]),
    ModelError("ask", CAUSE, transient=True),
    DeadlineError("ask", "first token", 2.5, shown="Hi", shown_id="fsm-1"),
    BrokenStream("it ended"),
    EndlessMessage(16_000),
    OutOfTime("turn", 20),
    ModelRefusal("ask", "content filter", "We do not talk of that."),
    RefusedReply("ask", "it is no JSON object", "at least 12 in", reply="Sure!", schema={"type": "object"}),
    StreamRefusal("I cannot help with that."),
    HandlerError("ask", "look_up", "PRE_PROCESSING", CAUSE),
    ToolError("ask", "look_up", "failed."),
    HandoffError("ask", "billing", ["desk"]),
    MissingDataError("ask", "orders", ["orders", "1"], "all", "there is nothing"),
    StoreError("ask", CAUSE),
    StoredFormError("turn", 2, 1),
    StateError("gone", ["ask"]),
    StuckError("sort", ["'adult': missing age"]),
    TurnLimit("ask", ["ask", "placed"]),
    TemplateLimit("ask", "states.ask.purpose"),
    OverfullError("states.ask.purpose"),
    ServingError("a sentence"),
    DrawingError("a sentence"),
    CoverageError("a sentence"),
    ExploringError("a sentence"),
    NamesakeError("coffee", "Coffee", "coffee!"),
    ToolArgumentsError("message: it is no text"),
    RequestStateError("a sentence"),
    PausedError("coffee-1", '"May Ann?"'),
    OutOfReplies(1, 2, "with a schema"),
    UnreadableError("too-deep", "nests too deep.", "Flatten it."),
    BadReply("it has no 'target_state'"),
    RejectValue("is refused", "age"),
    LimitReached(),
    OutOfSteps(),
)

each = pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@each
def test_a_loaded_error_is_like_the_saved_one(error: Portable, protocol: int) -> None:
    assert facts(_sent(error, protocol)) == facts(error)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
@each
def test_a_copied_error_is_like_the_other(error: Portable, copied: Callable[[Portable], Portable]) -> None:
    assert facts(copied(error)) == facts(error)


def test_each_exception_of_the_package_has_an_example() -> None:
    assert set(_exceptions()) == {type(error) for error in EXAMPLES}


def test_the_cause_is_loaded_with_the_error() -> None:
    error = _raised(StoreError("ask", CAUSE), from_=_raised(TurnError("ask", "it failed."), from_=CAUSE))
    loaded = _sent(error)
    assert [facts(part) for part in _chain(loaded)] == [facts(part) for part in _chain(error)]


def test_a_long_chain_of_errors_is_saved_in_little_time() -> None:
    error: Portable = TurnError("ask", "it failed.")
    for _ in range(100):
        error = _raised(TurnError("ask", "it failed."), from_=error)
    assert len(list(_chain(_sent(error)))) == 101


class UnsavedError(Exception):
    """It cannot be saved: it holds a lock."""

    def __init__(self) -> None:
        super().__init__(threading.Lock())


class UnloadedError(Exception):
    """It can be saved and not be loaded, like the errors of OpenAI's client."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(f"{status}: {message}")


@pytest.mark.parametrize(
    "cause", [UnsavedError(), UnloadedError("no", status=500)], ids=lambda cause: type(cause).__name__
)
def test_a_cause_that_cannot_be_loaded_is_left_out(cause: Exception) -> None:
    error = _raised(ModelError("ask", cause, transient=True), from_=cause)
    loaded = _sent(error)
    assert (facts(loaded), loaded.__cause__) == (facts(error), None)


def test_a_copy_has_the_very_cause() -> None:
    cause = UnsavedError()
    assert copy.deepcopy(_raised(StoreError("ask", cause), from_=cause)).__cause__ is cause


def test_a_field_that_cannot_be_loaded_is_told() -> None:
    model = threading.Lock()
    loaded = _sent(ModelSetupError(model, "it is no model", "Give one."))
    assert loaded.model == repr(model)


def test_a_deep_copy_shares_what_cannot_be_copied() -> None:
    model = threading.Lock()
    assert copy.deepcopy(ModelSetupError(model, "it is no model", "Give one.")).model is model


def test_an_error_without_a_cause_does_not_hide_what_it_was_raised_in() -> None:
    assert not _sent(FSMError("a sentence")).__suppress_context__


def test_notes_are_loaded_too() -> None:
    error = FSMError("a sentence")
    error.add_note("in the second run")
    assert _sent(error).__notes__ == ["in the second run"]


def test_a_problem_is_loaded() -> None:
    assert _sent(PROBLEM) == PROBLEM


def test_a_process_pool_delivers_the_error_of_a_worker() -> None:
    with (
        ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool,
        pytest.raises(DefinitionError, match="farewel") as raised,
    ):
        pool.submit(load_definition, BAD).result()
    with pytest.raises(DefinitionError) as expected:
        load_definition(BAD)
    assert facts(raised.value) == facts(expected.value)


BAD = {
    "name": "n",
    "description": "d",
    "initial_state": "farewel",
    "version": "3.0",
    "states": {"farewell": {"id": "farewell", "description": "d", "purpose": "p", "transitions": []}},
}


def facts(error: BaseException) -> object:
    """Everything that an exception says of itself."""
    return type(error), str(error), error.args, vars(error)


def _sent(value: Any, protocol: int | None = None) -> Any:
    """The value, as another process would get it."""
    return pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - it was saved in the same line


def _raised(error: Portable, *, from_: Exception) -> Portable:
    try:
        raise error from from_
    except Portable as raised:
        return raised


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _exceptions() -> Iterator[type[BaseException]]:
    """Every exception class of the package, whatever it inherits from."""
    for module in pkgutil.walk_packages(fsm_langgraph.__path__, "fsm_langgraph."):
        import_module(module.name)
    yield from (kind for kind in _below(BaseException) if kind.__module__.startswith("fsm_langgraph."))


def _below(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)


def test_a_message_that_never_stopped_is_told_by_its_ends() -> None:
    error = StuckError("ask", [])
    error.shown = ("Hello.", "a" * 5000 + "z" * 5000)
    ends = f"{'a' * 200!r} … {'z' * 200!r}, 10,000 characters in all"
    assert str(error).endswith(f"It had shown: 'Hello.'; {ends}.")
