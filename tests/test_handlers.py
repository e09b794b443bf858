"""Handlers by themselves: what is said about one, when it applies, and in which order they run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps
from typing import Any

import pytest
from handling import coroutine, handling, plain, writing
from real_time import WAIT

from fsm_langgraph import Event, Handlers, create_handler
from fsm_langgraph.handlers import MOMENTS, Handler

EVENT = Event("PRE_TRANSITION", "here", {"a": 1, "zero": 0, "no": False}, target="there", updated=frozenset({"a", "b"}))


# Conditions


@pytest.mark.parametrize(
    ("conditions", "applies"),
    [
        ({}, True),
        ({"state": "here"}, True),
        ({"state": ["there", "here"]}, True),
        ({"state": "there"}, False),
        ({"not_state": "there"}, True),
        ({"not_state": ["there", "here"]}, False),
        ({"target": "there"}, True),
        ({"target": "here"}, False),
        ({"has": "a"}, True),
        ({"has": "zero"}, True),
        ({"has": "no"}, False),
        ({"has": ["a", "b"]}, False),
        ({"keys": "a"}, True),
        ({"keys": ["b", "c"]}, True),
        ({"keys": ["c"]}, False),
        ({"state": "here", "target": "there", "has": "a", "keys": "b"}, True),
        ({"state": "here", "target": "there", "has": "a", "keys": "c"}, False),
        ({"state": "here", "target": "there", "has": "b", "keys": "b"}, False),
        ({"state": "here", "not_state": "here"}, False),
    ],
    ids=str,
)
def test_a_handler_applies_where_all_its_conditions_do(conditions: dict[str, Any], applies: bool) -> None:
    handlers = handling(plain, writing(), "PRE_TRANSITION", **conditions)
    assert handlers.at("PRE_TRANSITION")[0].applies(EVENT) is applies


def test_a_target_is_a_condition_that_holds_before_transitions_only() -> None:
    handler = create_handler("it").at(*MOMENTS).on_target_state("here").do(writing())
    assert not handler.applies(Event("POST_TRANSITION", "here", {}))


def test_an_async_condition_is_refused_when_it_is_added() -> None:
    with pytest.raises(TypeError, match="handler 'it': a condition is a plain function"):
        handling(plain, writing(), "ERROR", when=coroutine(writing()))


def nothing() -> None: ...


def two(_: Any, __: Any) -> None: ...


def by_name(*, event: Any) -> None: ...


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (nothing, r"is called with the event and nothing else, and nothing\(\) -> .* does not take that"),
        (two, "is called with the event and nothing else, and two"),
        (by_name, "is called with the event and nothing else, and by_name"),
        (lambda: None, "is called with the event and nothing else, and <lambda>"),
        ("book", "is a str and no function"),
    ],
    ids=["nothing", "two", "by name", "a lambda", "a text"],
)
def test_what_cannot_be_called_with_an_event_is_refused_when_it_is_added(function: Any, fault: str) -> None:
    with pytest.raises(TypeError, match=f"handler 'it': it {fault}"):
        handling(plain, function, "ERROR")
    with pytest.raises(TypeError, match=f"handler 'it': its condition {fault}"):
        handling(plain, writing(), "ERROR", when=function)
    with pytest.raises(TypeError, match=f"handler 'it': it {fault}"):
        create_handler("it").at("ERROR").do(function)


def given_more(event: Any, more: Any) -> Any:
    return event, more


@wraps(given_more)
def decorated(event: Any) -> Any:
    return given_more(event, 1)


@pytest.mark.parametrize(
    "function",
    [
        decorated,
        lambda event: event,
        lambda *given: given,
        lambda event, more=1: (event, more),
        partial(two, 1),
        len,
        str,
        print,
    ],
    ids=["a decorated one", "one", "any", "a default", "a partial", "in C", "a class", "a function in C"],
)
def test_what_can_be_called_with_an_event_is_taken(function: Any) -> None:
    assert create_handler("it").at("ERROR").do(function).action is function


# Builder and registry


def test_the_builder_makes_what_the_decorator_makes() -> None:
    action = writing()

    def agrees(_: Event) -> bool:
        return True

    built = (
        create_handler("it")
        .at("PRE_TRANSITION")
        .at("POST_TRANSITION", "PRE_TRANSITION")
        .on_state("a")
        .on_state("b")
        .not_on_state("c")
        .on_target_state("d")
        .when(agrees)
        .when_context_has("e")
        .when_keys_updated("f", "g")
        .with_priority(5)
        .with_timeout(2.5)
        .on_error("continue")
        .critical()
        .do(action)
    )
    decorated = handling(
        plain, action, "PRE_TRANSITION", "POST_TRANSITION",
        state=["a", "b"], not_state="c", target="d", when=agrees, has="e", keys=["f", "g"],
        priority=5, timeout=2.5, errors="continue", critical=True,
    )  # fmt: skip
    assert decorated.at("PRE_TRANSITION") == decorated.at("POST_TRANSITION") == [built]


def test_entry_and_exit_are_the_moments_after_and_before_a_transition() -> None:
    entry = create_handler("it").on_state_entry("a").do(writing())
    way_out = create_handler("it").on_state_exit("a").do(writing())
    assert (list(entry.moments), list(entry.states)) == (["POST_TRANSITION"], ["a"])
    assert (list(way_out.moments), list(way_out.states)) == (["PRE_TRANSITION"], ["a"])


def test_a_builder_can_be_used_more_than_once() -> None:
    common = create_handler("it").at("ERROR")
    assert common.on_state("a").do(writing()).states == {"a"}
    assert common.do(writing()).states == frozenset()


def test_the_decorator_returns_the_function_and_takes_its_name() -> None:
    handlers = Handlers()

    @handlers.on("ERROR")
    def told(_: Event) -> str:
        return "Sorry."

    assert told(EVENT) == "Sorry."
    assert handlers.at("ERROR")[0].name == "told"


def test_handlers_run_by_priority_and_where_that_is_the_same_as_they_were_added() -> None:
    at = create_handler("").at("ERROR")
    given = [("c", 100), ("a", -1), ("d", 100), ("b", 5), ("e", 101)]
    handlers = Handlers(Handler(name, writing(), at.do(writing()).moments, priority=number) for name, number in given)
    assert [handler.name for handler in handlers.at("ERROR")] == ["a", "b", "c", "d", "e"]


def test_a_handler_of_several_moments_is_counted_once() -> None:
    assert len(handling(plain, writing(), *MOMENTS)) == 1
    assert len(Handlers()) == 0


@pytest.mark.parametrize(
    "register",
    [
        lambda: Handlers().on("PRE_TRANSITON")(writing()),  # type: ignore[arg-type]  # the mistake under test
        lambda: create_handler("it").at("PRE_TRANSITON"),  # type: ignore[arg-type]  # the mistake under test
        lambda: Handlers([Handler("it", writing(), frozenset({"PRE_TRANSITON"}))]),  # type: ignore[arg-type]  # the same
    ],
    ids=["decorator", "builder", "by hand"],
)
def test_an_unknown_moment_is_refused_and_the_nearest_is_named(register: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=r"no moment 'PRE_TRANSITON'\. Did you mean 'PRE_TRANSITION'"):
        register()


def test_a_handler_without_a_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="handler 'it' names no moment; there are: START_CONVERSATION, "):
        Handlers([create_handler("it").do(writing())])


@pytest.mark.parametrize(
    "register", [Handlers().on, create_handler("it").at], ids=["a decorator without parentheses", "builder"]
)
def test_a_function_in_the_place_of_a_moment_is_refused_and_told_how_to_write_it(register: Any) -> None:
    def book(event: Event) -> None:
        raise AssertionError(event)

    told = r"""handler 'book' names no moment; there are: .*\. Write it like @handlers\.on\("POST_TRANSITION"\)\."""
    with pytest.raises(ValueError, match=told):
        register(book)


def test_a_handler_that_is_added_later_runs_too() -> None:
    handlers = handling(plain, writing(), "ERROR", name="first")
    assert [handler.name for handler in handlers.in_state("ERROR", "here")] == ["first"]
    handlers.add(create_handler("second").at("ERROR").do(writing()))
    assert [handler.name for handler in handlers.in_state("ERROR", "here")] == ["first", "second"]


def test_a_state_is_told_the_handlers_that_may_run_in_it() -> None:
    handlers = handling(plain, writing(), "ERROR", name="there", state="there")
    handlers.on("ERROR", name="not here", not_state="here")(writing())
    handlers.on("ERROR", name="with a", has="a")(writing())
    assert [handler.name for handler in handlers.in_state("ERROR", "here")] == ["with a"]
    assert [handler.name for handler in handlers.in_state("ERROR", "there")] == ["there", "not here", "with a"]
    assert handlers.in_state("PRE_PROCESSING", "here") == ()


# Handlers of others


def included(under: str = "", **conditions: Any) -> Handler:
    """Make a handler, and return it as it is once it is included."""
    handlers = Handlers()
    handlers.include(handling(plain, writing(), "PRE_TRANSITION", **conditions), under=under)
    return next(iter(handlers))


def test_handlers_are_merged_in_the_order_of_their_adding() -> None:
    first, second = Handlers(), Handlers()
    first.on("ERROR", name="a")(writing())
    second.on("PRE_TRANSITION", name="c")(writing())
    second.on("ERROR", name="b", priority=1)(writing())
    second.on("PRE_TRANSITION", "ERROR", name="d")(writing())
    first.include(second)
    assert [handler.name for handler in first] == ["a", "c", "b", "d"]
    assert [handler.name for handler in first.at("ERROR")] == ["b", "a", "d"]
    assert list(first)[1:] == list(second)


def test_what_is_added_to_included_handlers_later_is_theirs_alone() -> None:
    outer, inner = Handlers(), Handlers()
    outer.include(inner)
    inner.on("ERROR")(writing())
    assert (len(outer), len(inner)) == (0, 1)


def test_handlers_may_include_themselves_once() -> None:
    handlers = handling(plain, writing(), "ERROR", state="card")
    handlers.include(handlers, under="payment")
    assert [sorted(handler.states) for handler in handlers] == [["card"], ["payment/card"]]


@pytest.mark.parametrize(
    ("conditions", "state", "runs"),
    [
        ({}, "payment/card", True),
        ({}, "payment/bank/login", True),
        ({}, "payment", False),
        ({}, "payments/card", False),
        ({}, "card", False),
        ({"state": "card"}, "payment/card", True),
        ({"state": "card"}, "payment/cash", False),
        ({"state": "card"}, "card", False),
        ({"not_state": "card"}, "payment/card", False),
        ({"not_state": "card"}, "payment/cash", True),
        ({"not_state": "card"}, "cash", False),
    ],
    ids=str,
)
def test_included_handlers_run_within_their_sub_machine(conditions: dict[str, Any], state: str, runs: bool) -> None:
    handler = included("payment", **conditions)
    assert handler.applies(Event("PRE_TRANSITION", state, {})) is runs
    assert handler.runs_in(state) is runs


def test_the_targets_of_included_handlers_are_in_their_sub_machine() -> None:
    handler = included("payment", target="card")
    assert handler.applies(Event("PRE_TRANSITION", "payment/start", {}, target="payment/card"))
    assert not handler.applies(Event("PRE_TRANSITION", "payment/start", {}, target="card"))


def test_all_else_about_an_included_handler_stays() -> None:
    conditions = {"has": "a", "keys": ["b"], "priority": 5, "timeout": 2.5, "errors": "continue", "critical": True}
    before = handling(plain, writing(), "PRE_TRANSITION", **conditions).at("PRE_TRANSITION")[0]
    outer = Handlers()
    outer.include(Handlers([before]), under="payment")
    assert list(outer) == [replace(before, within="payment")]


def test_includes_compose() -> None:
    payment = handling(plain, writing(), "ERROR", state="card", name="card")
    payment.on("ERROR", name="any")(writing())
    shop = handling(plain, writing(), "ERROR", state="basket", name="basket")
    shop.include(payment, under="payment")
    mall = Handlers()
    mall.include(shop, under="shop")
    assert {handler.name: (sorted(handler.states), handler.within) for handler in mall} == {
        "basket": (["shop/basket"], "shop"),
        "card": (["shop/payment/card"], "shop/payment"),
        "any": ([], "shop/payment"),
    }


@pytest.mark.parametrize("under", ["/", "payment/", "/payment", "shop//payment"])
def test_a_sub_machine_is_named_by_a_path_of_states(under: str) -> None:
    with pytest.raises(ValueError, match="is no path of states; write it like 'payment' or 'shop/payment'"):
        Handlers().include(Handlers(), under=under)


def test_the_package_is_imported_without_its_handlers() -> None:
    code = "import sys, fsm_langgraph; sys.exit('fsm_langgraph.handlers' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=WAIT)  # noqa: S603 - our own interpreter
