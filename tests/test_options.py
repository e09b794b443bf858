"""Options that there are not, and values that make no sense, are told before anything is built."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from langgraph.cache.memory import InMemoryCache
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.store.memory import InMemoryStore
from langgraph.types import RetryPolicy
from machines import FORM, SEED

from fsm_langgraph import LLM_FSM, FSMContext, Limits, OptionSetupError, ScriptedModel, build_graph, compile_fsm

MODEL = ScriptedModel(replies=[])


def opened_later() -> Any:
    @contextmanager
    def saver() -> Any:
        yield InMemorySaver()

    return saver()


def refused(make: Callable[..., Any], **options: Any) -> str:
    with pytest.raises(OptionSetupError) as told:
        make(FORM, MODEL, **options)
    return str(told.value)


BY_EACH_BUILDER = pytest.mark.parametrize("make", [compile_fsm, build_graph, LLM_FSM])


@BY_EACH_BUILDER
@pytest.mark.parametrize(
    ("option", "value", "found"),
    [
        ("engine", "nope", "it is 'nope', not an engine.\n  Engines: 'closures', 'json-logic-qubit'."),
        ("engine", "closure", "it is 'closure', not an engine.\n  Did you mean 'closures'?"),
        ("engine", None, "it is None, not an engine."),
        ("structured_output", "json_shema", "not a method, or None to find it out.\n  Did you mean 'json_schema'?"),
        ("history_limit", -1, "it is -1, not a whole number, 1 or more."),
        ("history_limit", 10**30, "not a whole number, 1 or more."),
        ("name", 5, "it is 5, not a name."),
        ("name", " ", "it is ' ', not a name."),
        ("history_limit", "x", "it is 'x', not a whole number, 1 or more."),
        ("history_limit", True, "it is True, not a whole number, 1 or more."),
        ("history_limit", None, "it is None, not a whole number, 1 or more."),
        ("messages_limit", 0, "it is 0, not a whole number, 1 or more, or None, which keeps all, or 'auto'."),
        ("reply_retries", -1, "it is -1, not a whole number, 0 or more."),
        ("max_steps", 0, "it is 0, not a whole number, 1 or more."),
        ("max_steps", 2.5, "it is 2.5, not a whole number, 1 or more."),
        ("reasoning", "yes", "it is 'yes', not True or False."),
        ("retry_policy", None, "it is None, not a RetryPolicy of LangGraph's.\n  To try once only: "),
        ("retry_policy", [RetryPolicy()], "it is of type list, not a RetryPolicy"),
        (
            "deadlines",
            0,
            "it is 0, not a number of seconds for the turn, or Deadlines(…) or a mapping with",
        ),
        ("deadlines", {"trun": 3}, "['trun']: there is no such deadline.\n  Did you mean 'turn'?"),
        ("deadlines", {"turn": "soon"}, "['turn']: it is 'soon', not a number of seconds above 0, or None."),
        ("limits", None, "it is None, not Limits(…) or a mapping with user_message, value, undeclared_keys, context,"),
        ("limits", {"context": 9, "value": 0}, "['value']: it is 0, not a whole number, 1 or more, or None."),
        ("limits", Limits(value=-1), "['value']: it is -1, not a whole number, 1 or more, or None."),
        ("limits", {"user_mesage": 9}, "['user_mesage']: there is no such limit.\n  Did you mean 'user_message'?"),
        ("limits", {"keys": 9}, "['keys']: there is no such limit.\n  Limits: 'context', 'history_tokens',"),
        ("limits", "values", "each a whole number, 1 or more, or None.\n  Did you mean 'value'?"),
        ("context_schema", "FSMContext", "it is 'FSMContext', not a class."),
        ("name", 3, "it is 3, not a name."),
        ("busy", "newest", "it is 'newest', not one of three words.\n  Choices: 'latest', 'reject', 'wait'."),
        ("patience", -1, "it is -1, not a number of seconds, 0 or more."),
        ("patience", float("inf"), "it is inf, not a number of seconds, 0 or more."),
        ("subflows", ["a.json"], "it is of type list, not a mapping of names to definitions.\n  Write subflows={"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(make: Callable[..., Any], option: str, value: Any, found: str) -> None:
    assert refused(make, **{option: value}).startswith((f"{option}: ", f"{option}["))
    assert found in refused(make, **{option: value})


@pytest.mark.parametrize(
    ("make", "option", "value", "found"),
    [
        (
            compile_fsm,
            "checkpointer",
            "memory",
            "it is 'memory', not a LangGraph checkpointer, such as InMemorySaver()",
        ),
        (compile_fsm, "checkpointer", InMemorySaver, "it is the class InMemorySaver, not a LangGraph checkpointer"),
        (compile_fsm, "checkpointer", InMemorySaver, "Make one of it: InMemorySaver(…)."),
        (compile_fsm, "checkpointer", opened_later(), "Open it first: with … as opened."),
        (compile_fsm, "checkpointer", 1, "or True for a subgraph."),
        (compile_fsm, "store", {}, "it is of type dict, not a LangGraph store, such as InMemoryStore()."),
        (compile_fsm, "cache", InMemoryCache, "Make one of it: InMemoryCache(…)."),
        (LLM_FSM, "checkpointer", True, "it is True, not a LangGraph checkpointer, such as InMemorySaver()."),
        (LLM_FSM, "store", InMemoryStore, "Make one of it: InMemoryStore(…)."),
        (LLM_FSM, "db", "", "it is '', not the path of a file, or an address"),
        (LLM_FSM, "db", 3, "it is 3, not the path of a file, or an address"),
        (LLM_FSM, "db", Path(__file__).parent, "not the path of a file, or an address"),
        (LLM_FSM, "allow_types", Path, "it is the class Path, not a list of classes, each found in its module by"),
        (LLM_FSM, "allow_types", ["Path"], "not a list of classes, each found in its module by its name.\n  Write"),
        (LLM_FSM, "encryption_key", "swordfish", "it is not a key of 16, 24 or 32 bytes, be it as bytes or as a text"),
        (LLM_FSM, "temperature", 9, "it is 9, not a number from 0 to 2."),
        (LLM_FSM, "temperature", "hot", "it is 'hot', not a number from 0 to 2."),
    ],
)
def test_what_each_function_adds_is_checked_too(make: Callable[..., Any], option: str, value: Any, found: str) -> None:
    assert found in refused(make, **{option: value})


def test_a_positional_option_is_checked_too() -> None:
    with pytest.raises(OptionSetupError, match="temperature: it is 'hot'"):
        LLM_FSM(FORM, "offline", None, "hot")  # type: ignore[arg-type]  # it is wrong


def test_an_address_is_not_told_since_it_may_hold_a_password() -> None:
    assert "it is an address, not" in refused(compile_fsm, checkpointer="postgresql://shop:secret@db/shop")


@pytest.mark.parametrize(
    ("make", "name", "meant"),
    [
        (build_graph, "histroy_limit", "history_limit"),
        (build_graph, "checkpointer_", None),
        (compile_fsm, "histroy_limit", "history_limit"),
        (compile_fsm, "chekpointer", "checkpointer"),
        (LLM_FSM, "histroy_limit", "history_limit"),
        (LLM_FSM, "patiance", "patience"),
        (lambda _, model, **options: LLM_FSM.from_file(SEED, model, **options), "api_kee", "api_key"),
    ],
)
def test_an_option_that_there_is_not_is_told_with_the_nearest(
    make: Callable[..., Any], name: str, meant: str | None
) -> None:
    told = refused(make, **{name: 1})
    assert told.startswith(f"{name}: there is no such option.\n  " + (f"Did you mean {meant!r}?" if meant else "Opt"))
    assert "'definition'" not in told


@pytest.mark.parametrize(
    ("make", "name", "advice"),
    [
        (compile_fsm, "interrupt_before", "build_graph(…).compile(checkpointer, interrupt_before=[…])"),
        (LLM_FSM, "interrupt_after", "and so does a run: invoke(turn, config, interrupt_after=[…])."),
        (build_graph, "checkpointer", "compile_fsm takes it, and build_graph(…).compile(…)."),
        (compile_fsm, "db", "LLM_FSM takes it."),
        (compile_fsm, "timeout", "deadlines=… is the time of a turn, in seconds."),
        (compile_fsm, "temperature", "so does a run: invoke(turn, config, context={'temperature': 0})."),
    ],
)
def test_an_option_of_another_function_is_told_with_that_function(
    make: Callable[..., Any], name: str, advice: str
) -> None:
    told = refused(make, **{name: 1})
    assert told.startswith(f"{name}: there is no such option.\n  ")
    assert advice in told


def test_every_slip_is_told_at_once() -> None:
    slips: Any = {"history_limit": 0, "db": "x", "store": 3}
    with pytest.raises(OptionSetupError) as told:
        compile_fsm(FORM, MODEL, **slips)
    assert [problem.path for problem in told.value.problems] == ["history_limit", "db", "store"]
    assert {problem.code for problem in told.value.problems} == {"bad-option", "unknown-option"}
    assert told.value.given == slips


def test_what_makes_sense_is_taken() -> None:
    compile_fsm(
        FORM,
        MODEL,
        checkpointer=True,
        store=InMemoryStore(),
        cache=InMemoryCache(),
        subflows={},
        history_limit=1,
        messages_limit=None,
        reply_retries=0,
        max_steps=1,
        reasoning=True,
        engine="json-logic-qubit",
        structured_output="prompt",
        retry_policy=RetryPolicy(max_attempts=1),
        context_schema=FSMContext,
    )
    LLM_FSM(FORM, "offline", temperature=0, patience=0.5, checkpointer=InMemorySaver()).close()


def test_the_function_keeps_its_name_and_signature() -> None:
    import inspect

    assert "history_limit" in inspect.signature(build_graph).parameters
    assert build_graph.__name__ == "build_graph"
