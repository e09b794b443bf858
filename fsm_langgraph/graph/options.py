"""The options by which a graph is built, checked before anything else is done with them: every slip is told at once.

`compile_fsm`, `build_graph` and `LLM_FSM` hand options on to each other. Whichever is called knows its own and those
that it hands on. A name that is none of them is an error that tells the nearest one. A value that makes no sense is an
error here, and not in the middle of a conversation.
"""

from __future__ import annotations

import inspect
import reprlib
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, get_args

from langgraph.cache.base import BaseCache
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.store.base import BaseStore
from langgraph.types import RetryPolicy

from fsm_langgraph.data.size_limits import NAMES as LIMITS
from fsm_langgraph.data.size_limits import are_limits
from fsm_langgraph.effects.deadlines import NAMES, are_deadlines
from fsm_langgraph.errors import OptionSetupError, Problem, suggest
from fsm_langgraph.locking import Busy
from fsm_langgraph.logic import Engine
from fsm_langgraph.models.arguments import METHODS
from fsm_langgraph.stored_data.encryption import KEY_ADVICE, KEY_WORDS, read_key
from fsm_langgraph.stored_data.safe_serializer import TYPES_ADVICE, TYPES_WORDS, are_types

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Rule:
    """The values that an option takes."""

    fits: Callable[[Any], bool]
    words: str
    """The same in words: `a whole number, 1 or more`."""
    advice: str = ""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The values, where they are names, under the word for them: `engines`."""
    each: str = ""
    """In words, the values under these names, where the option also takes a mapping with them."""
    is_secret: bool = False
    """Whether no error may have the value."""


def options_checked(
    hands_on_to: Callable[..., Any] | None = None, **rules: Rule
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function so that its options are checked before it runs.

    Args:
        hands_on_to: The function that it hands those on to that are not its own.
        rules: Rules of its own for options that others take otherwise.
    """
    rules = {**_RULES, **rules}

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        positions = [*inspect.signature(function).parameters]
        known = [*_names_of(function), *(_names_of(hands_on_to) if hands_on_to is not None else ())]

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            check_options({**dict(zip(positions, args, strict=False)), **kwargs}, rules, known)
            return function(*args, **kwargs)

        return checked

    return decorate


def check_options(given: Mapping[str, Any], rules: Mapping[str, Rule], known: Iterable[str]) -> None:
    """Raise `OptionSetupError` where options have names that there are not, or values that make no sense."""
    listed = {*known}
    bad = {
        name: problem
        for name, value in given.items()
        if (problem := _problem(name, value, rules.get(name)) if name in listed else _unknown(name, listed))
    }
    if bad:
        secret = {name for name, rule in rules.items() if rule.is_secret}
        raise OptionSetupError([*bad.values()], {name: "…" if name in secret else given[name] for name in bad})


def whole_number(least: int) -> Rule:
    """Return the rule of a number of things, `least` of them or more."""
    return Rule(lambda value: _is_whole(value) and value >= least, f"a whole number, {least} or more")


SAVER = Rule(
    lambda value: value is None or isinstance(value, BaseCheckpointSaver),
    "a LangGraph checkpointer, such as InMemorySaver()",
)


def _names_of(function: Callable[..., Any]) -> list[str]:
    return [each.name for each in inspect.signature(function).parameters.values() if each.kind is not each.VAR_KEYWORD]


def _unknown(name: str, known: Iterable[str]) -> Problem:
    options = [each for each in known if each not in ("self", "definition")]
    advice = _ELSEWHERE.get(name) or suggest(name, options, noun="options")
    return Problem(name, "unknown-option", "there is no such option.", advice)


def _problem(name: str, value: Any, rule: Rule | None) -> Problem | None:
    if rule is None or rule.fits(value):
        return None
    if rule.is_secret:
        return Problem(name, "bad-option", f"it is not {rule.words}.", rule.advice)
    members = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    if rule.each and isinstance(members, Mapping) and (found := next(_member_problems(name, members, rule), None)):
        return found
    named = [suggest(str(value), names, noun=noun) for noun, names in rule.names.items()]
    advice = _opened(value) or rule.advice or " ".join(named)
    return Problem(name, "bad-option", f"it is {_told(value)}, not {rule.words}.", advice)


def _member_problems(option: str, given: Mapping[Any, Any], rule: Rule) -> Iterator[Problem]:
    ((noun, names),) = rule.names.items()
    for name, value in given.items():
        path = f"{option}[{name!r}]"
        if name not in names:
            yield Problem(
                path, "unknown-option", f"there is no such {noun[:-1]}.", suggest(str(name), names, noun=noun)
            )
        elif not rule.fits({name: value}):
            yield Problem(path, "bad-option", f"it is {_told(value)}, not {rule.each}.")


def _told(value: Any) -> str:
    """Tell a value; of a text that may be an address, with a password in it, only that it is one."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, str) and "://" in value:
        return "an address"
    if value is None or isinstance(value, str | int | float):
        return reprlib.repr(value)
    return f"of type {type(value).__name__}"


def _opened(value: Any) -> str:
    """Advise what to do with something that has to be made or opened before."""
    if isinstance(value, type):
        return f"Make one of it: {value.__name__}(…)."
    return "Open it first: with … as opened." if hasattr(value, "__enter__") or hasattr(value, "__aenter__") else ""


def _is_file(value: Any) -> bool:
    return isinstance(value, str | Path) and str(value).strip() != "" and not Path(value).is_dir()


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value <= sys.maxsize


def _is_number(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


_PAUSE = "build_graph(…).compile(checkpointer, {0}=[…]) takes it, and so does a run: invoke(turn, config, {0}=[…])."
_ELSEWHERE: dict[str, str] = {
    **{name: _PAUSE.format(name) for name in ("interrupt_before", "interrupt_after")},
    **dict.fromkeys(("checkpointer", "store", "cache"), "compile_fsm takes it, and build_graph(…).compile(…)."),
    **dict.fromkeys(("deadline", "timeout"), "deadlines=… is the time of a turn, in seconds."),
    **dict.fromkeys(("db", "api_key"), "LLM_FSM takes it."),
    **dict.fromkeys(
        ("allow_types", "encryption_key"),
        "LLM_FSM(db=…) takes it; a checkpointer of your own takes serde=safe_serializer(…), which does.",
    ),
    "temperature": "LLM_FSM takes it, and so does a run: invoke(turn, config, context={'temperature': 0}).",
}
"""Advice for options that another function takes."""

_RULES: dict[str, Rule] = {
    "name": Rule(lambda value: value is None or (isinstance(value, str) and value.strip() != ""), "a name"),
    "history_limit": whole_number(1),
    "messages_limit": Rule(
        lambda value: value is None or value == "auto" or (_is_whole(value) and value >= 1),
        "a whole number, 1 or more, or None, which keeps all, or 'auto'",
    ),
    "reply_retries": whole_number(0),
    "max_steps": whole_number(1),
    **dict.fromkeys(("reasoning", "trace_replies"), Rule(lambda value: isinstance(value, bool), "True or False")),
    "engine": Rule(lambda value: value in get_args(Engine), "an engine", names={"engines": get_args(Engine)}),
    "structured_output": Rule(
        lambda value: value is None or value in METHODS, "a method, or None to find it out", names={"methods": METHODS}
    ),
    "retry_policy": Rule(
        lambda value: isinstance(value, RetryPolicy),
        "a RetryPolicy of LangGraph's",
        advice="To try once only: RetryPolicy(max_attempts=1).",
    ),
    "deadlines": Rule(
        are_deadlines,
        f"a number of seconds for the turn, or Deadlines(…) or a mapping with {', '.join(NAMES)}, each above 0",
        names={"deadlines": NAMES},
        each="a number of seconds above 0, or None",
    ),
    "limits": Rule(
        are_limits,
        f"Limits(…) or a mapping with {', '.join(LIMITS)}, each a whole number, 1 or more, or None",
        names={"limits": LIMITS},
        each="a whole number, 1 or more, or None",
    ),
    "context_schema": Rule(lambda value: isinstance(value, type), "a class"),
    "subflows": Rule(
        lambda value: value is None or isinstance(value, Mapping),
        "a mapping of names to definitions",
        advice="Write subflows={'payment': 'payment.json'}, say.",
    ),
    "checkpointer": Rule(
        lambda value: isinstance(value, bool) or SAVER.fits(value), f"{SAVER.words}, or True for a subgraph"
    ),
    "store": Rule(
        lambda value: value is None or isinstance(value, BaseStore), "a LangGraph store, such as InMemoryStore()"
    ),
    "cache": Rule(
        lambda value: value is None or isinstance(value, BaseCache), "a LangGraph cache, such as InMemoryCache()"
    ),
    "db": Rule(
        lambda value: value is None or _is_file(value),
        "the path of a file, or an address such as postgresql://host/name",
    ),
    "allow_types": Rule(are_types, TYPES_WORDS, TYPES_ADVICE),
    "encryption_key": Rule(
        lambda value: value is None or read_key(value) is not None, KEY_WORDS, KEY_ADVICE, is_secret=True
    ),
    "busy": Rule(lambda value: value in get_args(Busy), "one of three words", names={"choices": get_args(Busy)}),
    "patience": Rule(lambda value: _is_number(value, 0, threading.TIMEOUT_MAX), "a number of seconds, 0 or more"),
    "temperature": Rule(lambda value: value is None or _is_number(value, 0, 2), "a number from 0 to 2"),
}
