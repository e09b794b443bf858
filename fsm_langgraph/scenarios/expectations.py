"""A scenario's word on a turn, held against what was found: every difference, in the order of the format."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from pydantic import JsonValue

from fsm_langgraph.context.secret_tokens import MASK
from fsm_langgraph.errors import FSMError
from fsm_langgraph.scenarios.outcome import Difference, ScenarioStanding
from fsm_langgraph.scenarios.scenario import ScenarioTurn
from fsm_langgraph.scenarios.scenario_faults import split_error
from fsm_langgraph.scenarios.text_pattern import matches
from fsm_langgraph.turn.record import JudgedTransition, Step, TurnRecord, hindrances


def differences(
    turn: ScenarioTurn,
    message: str,
    after: ScenarioStanding,
    record: TurnRecord | None,
    error: FSMError | None,
    asked: Sequence[JsonValue] = (),
    secret: Collection[str] = (),
) -> Iterator[Difference]:
    """Find everything that is not as a turn says.

    Args:
        turn: The turn, as it is written.
        message: What the user was shown.
        after: How the conversation stands after it.
        record: The turn record, if the turn has landed.
        error: What the turn failed with, if it did.
        asked: The questions that the turn waits with.
        secret: The keys whose values are told to nobody.
    """
    yield from _error(turn.error, error)
    if error is not None and turn.error is None:
        return  # all else would only say so again
    if turn.asks is not None and not any(is_asked(turn.asks, each) for each in asked):
        told = " and ".join(map(quoted, asked)) or f"nothing; the turn came to its end, in {after.state!r}"
        yield Difference("asks", quoted(turn.asks), told)
    if turn.state is not None and turn.state != after.state:
        yield Difference("state", repr(turn.state), repr(after.state), _UNTIL_ANSWERED if asked else "")
    yield from _data(turn, {**after.data, **after.secrets}, secret)
    if record is not None:
        yield from _record(turn, record)
    told = repr(message) if message else "nothing"
    for text in turn.says:
        if not matches(text, message):
            yield Difference("says", _quoted(text), told)
    for text in turn.says_not:
        if matches(text, message):
            yield Difference("says_not", f"no {_quoted(text)}", told)
    if turn.ended is not None:
        yield from ending(turn.ended, after)


_UNTIL_ANSWERED = "Until its question is answered, the conversation is as it was before the turn."


def ending(expected: bool, after: ScenarioStanding) -> Iterator[Difference]:
    """Find whether the conversation is over where it is to go on, or goes on where it is to be over."""
    if after.ended != expected:
        words = {True: "the conversation is over", False: "it goes on"}
        yield Difference("ended", words[expected], f"{words[after.ended]}, in {after.state!r}")


def _error(expected: str | None, error: FSMError | None) -> Iterator[Difference]:
    found = f"{type(error).__name__}: {error}" if error is not None else "no error"
    if expected is None:
        if error is not None:
            yield Difference("error", "no error", found)
        return
    kind, text = split_error(expected)
    names = [each.__name__ for each in type(error).__mro__] if error is not None else []
    if error is None or (kind and kind not in names) or not matches(text, str(error)):
        yield Difference("error", expected, found)


def _data(turn: ScenarioTurn, data: Mapping[str, JsonValue], secret: Collection[str]) -> Iterator[Difference]:
    expected = [(f"data.{key}", key, value) for key, value in turn.data.items()]
    if turn.all_data is not None:
        keys = dict.fromkeys([*turn.all_data, *data])
        expected += [(f"all_data.{key}", key, turn.all_data.get(key)) for key in keys]
    for what, key, value in expected:
        found = data.get(key)
        if not same(value, found):
            is_shown = key not in secret
            told = _json(found) if is_shown or found is None else f"{MASK}, another value"
            yield Difference(what, _json(value) if is_shown or value is None else MASK, told)


def _record(turn: ScenarioTurn, record: TurnRecord) -> Iterator[Difference]:
    if turn.path is not None and list(turn.path) != record["path"]:
        yield Difference("path", " → ".join(turn.path), " → ".join(record["path"]))
    if turn.why is not None and turn.why != record["why"]:
        yield Difference("why", turn.why, record["why"])
    calls = [call for call in record["model_calls"] if not call["replayed"]]
    if turn.calls is not None and turn.calls != len(calls):
        made = [f"{call['mode']} in {call['state']}" for call in calls]
        yield Difference("calls", str(turn.calls), f"{len(calls)}{': ' if made else ''}{', '.join(made)}")
    yield from _closed(turn.closed, record)
    if turn.rejected is not None:
        yield from _rejected(turn.rejected, record)
    for field, found in (("told", record["told"]), ("changed", record["changed"])):
        expected = turn.told if field == "told" else turn.changed
        if expected is not None and {*expected} != {*found}:
            yield Difference(field, _names(expected), _names(found))


def _closed(expected: Mapping[str, str | None], record: TurnRecord) -> Iterator[Difference]:
    for target, reason in expected.items():
        judged = [each for step in record["steps"] for each in step["candidates"] if target in _targets(step, each)]
        shut = ["; ".join(hindrances(each)) for each in judged if not each["enabled"]]
        # Several may lead there: a reason says which is meant, and without one it is all of them.
        if any(matches(reason, each) for each in shut) if reason else shut and len(shut) == len(judged):
            continue
        told = [f"open: {each['description']}" if each["enabled"] else "; ".join(hindrances(each)) for each in judged]
        found = " | ".join(told) or "no transition to it was looked at"
        yield Difference(f"closed.{target}", _quoted(reason) if reason else "not open", found)


def _targets(step: Step, judged: JudgedTransition) -> tuple[str, str]:
    """Name the target of a transition, as the file that it stands in does and by its path."""
    prefix, slash, _ = step["state"].rpartition("/")
    return judged["target_state"], f"{prefix}{slash}{judged['target_state']}"


def _rejected(expected: Mapping[str, str | None], record: TurnRecord) -> Iterator[Difference]:
    found = {rejection["key"]: rejection["reason"] for rejection in record["rejected"]}
    if expected.keys() != found.keys():
        told = "; ".join(f"{key} {reason}" for key, reason in found.items())
        yield Difference("rejected", _names(expected), told or "nothing")
        return
    for key, reason in expected.items():
        if not matches(reason or "", found[key]):
            yield Difference(f"rejected.{key}", _quoted(reason or ""), found[key])


def same(one: JsonValue, other: JsonValue) -> bool:
    """Say whether two values are the same as JSON: 2 is 2.0, and 1 is not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    return one == other


def is_asked(expected: JsonValue, asked: JsonValue) -> bool:
    """Say whether a question is the expected one: texts are parts of it, an object has some of its keys."""
    if isinstance(expected, str):
        return matches(expected, asked if isinstance(asked, str) else quoted(asked))
    if isinstance(expected, dict) and isinstance(asked, dict):
        found = [is_asked(value, asked[key]) if key in asked else value is None for key, value in expected.items()]
        return all(found)
    return same(expected, asked)


def quoted(value: JsonValue) -> str:
    """Write a question or an answer on one line: a text in quotes, all else as JSON."""
    return _quoted(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _quoted(text: str) -> str:
    return text if text.startswith("/") else repr(text)


def _json(value: JsonValue) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
