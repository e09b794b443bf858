"""Faults between scenarios and their definition: names that nothing has, patterns that are none, times, circles.

All of it is known before anything runs. What is certain is told, and no more: a reply may propose anything that some
state has, and a text in place of a reply is what the model writes, so nothing is asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from fsm_langgraph import errors
from fsm_langgraph.context.writes import MACHINE_PREFIX
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.drawing.texts import shortened
from fsm_langgraph.errors import misspelt, suggest
from fsm_langgraph.scenarios.pause_faults import OF_RECORD, check_pause
from fsm_langgraph.scenarios.scenario import Scenario, ScenarioSetting, ScenarioTurn, ScriptedReply
from fsm_langgraph.scenarios.scenario_fault import ScenarioFault, Steps
from fsm_langgraph.scenarios.text_pattern import pattern_fault


def check_setting(setting: ScenarioSetting, steps: Steps) -> Iterator[ScenarioFault]:
    """Find what is wrong with the setting of a scenario, or of all of a file."""
    if setting.now is not None and not _is_time(setting.now):
        message = f"{setting.now!r} is no time."
        yield ScenarioFault((*steps, "now"), "bad-time", message, "Write it as 2026-11-26T17:00:00Z.")
    for option in setting.options:
        if option not in OPTIONS:
            message = f"there is no option {option!r} for scenarios."
            advice = suggest(option, OPTIONS, noun="options")
            yield ScenarioFault((*steps, "options", option), "unknown-option", message, advice)
    for index, item in enumerate(setting.stored):
        if item.namespace[0] == "langgraph" or any(not label or "." in label for label in item.namespace):
            message = f"{[*item.namespace]} is no namespace of LangGraph's store."
            advice = "Write labels with letters in them and without periods, of which the first is not 'langgraph'."
            yield ScenarioFault((*steps, "stored", index, "namespace"), "bad-namespace", message, advice)
    for index, mark in enumerate(setting.marks):
        if not _MARK.fullmatch(mark):
            message = f"{mark!r} is no mark."
            advice = "Begin with a letter, and go on with letters, digits and underscores."
            yield ScenarioFault((*steps, "marks", index), "bad-mark", message, advice)


_MARK = re.compile(r"[^\W\d_][\w.-]*")
"""A name that pytest takes for a mark, and that its `-m` can choose by."""
_LONGEST_NAME = 200
"""How many characters a scenario's name has at most; it is part of the conversation's id."""
OPTIONS = (
    "engine",
    "history_limit",
    "max_steps",
    "messages_limit",
    "reasoning",
    "reply_retries",
)
"""The options of `build_graph` that a file can give."""


def check_names(named: Sequence[tuple[Steps, Scenario]]) -> Iterator[ScenarioFault]:
    """Find names that are given twice, scenarios that are given and that there are not, and circles."""
    by_name: dict[str, Scenario] = {}
    for steps, scenario in named:
        name = scenario.name
        if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
            message = f"{shortened(name, 40)!r} is no name of a scenario."
            advice = f"Write a sentence of one line, of at most {_LONGEST_NAME} characters."
            yield ScenarioFault((*steps, "name"), "bad-name", message, advice)
        if scenario.name in by_name:
            message = f"another scenario is named {scenario.name!r}."
            yield ScenarioFault((*steps, "name"), "duplicate-name", message, "Give each a name of its own.")
        by_name.setdefault(scenario.name, scenario)
    for steps, scenario in named:
        if scenario.given is None:
            continue
        if scenario.given not in by_name:
            message = f"no scenario is named {scenario.given!r}."
            advice = suggest(scenario.given, by_name, noun="scenarios")
            yield ScenarioFault((*steps, "given"), "unknown-scenario", message, advice)
        elif circle := _circle(scenario, by_name):
            message = f"it would go on from itself: {' → '.join(map(repr, circle))}."
            yield ScenarioFault((*steps, "given"), "circle", message, "Let one of them begin anew.")


def check_context(context: Iterable[str], definition: FSMDefinition, steps: Steps) -> Iterator[ScenarioFault]:
    """Find keys that the caller gives and that misspell declared ones; others are the handlers' business."""
    declared = definition.context or {}
    for key in context:
        meant = misspelt(key, declared) if key not in declared else None
        if meant is not None:
            message = f"the key {key!r} is not declared in 'context'."
            yield ScenarioFault((*steps, "context", key), "undeclared-key", message, f"Did you mean {meant!r}?")


def check_turn(turn: ScenarioTurn, definition: FSMDefinition, steps: Steps) -> Iterator[ScenarioFault]:
    """Find what a turn names and what there is not, and expectations that contradict each other."""
    paths = definition.by_path
    yield from check_context(turn.context, definition, steps)
    for field, names in (("state", [turn.state] if turn.state is not None else []), ("path", turn.path or ())):
        for index, name in enumerate(names):
            if name not in paths:
                where = (*steps, field) if field == "state" else (*steps, field, index)
                message = f"no state is named {name!r}."
                yield ScenarioFault(where, "unknown-state", message, suggest(name, paths, noun="states"))
    targets = {*paths, *(state.id for state in paths.values())}
    for target in turn.closed:
        if target not in targets:
            message = f"no state is named {target!r}."
            advice = suggest(target, targets, noun="states")
            yield ScenarioFault((*steps, "closed", target), "unknown-state", message, advice)
    for index, reply in enumerate(turn.reply or ()):
        yield from _reply(reply, definition, (*steps, "reply", index))
    yield from _keys(turn, definition, steps)
    yield from _patterns(turn, steps)
    yield from _error(turn, steps)
    yield from check_pause(turn, steps)


def _reply(reply: ScriptedReply, definition: FSMDefinition, steps: Steps) -> Iterator[ScenarioFault]:
    others = [field for field in ("target", "updates", "message", "tools") if getattr(reply, field)]
    if reply.text is not None and others:
        message = f"'text' is all that the model writes, so that {others[0]!r} says nothing."
        yield ScenarioFault((*steps, others[0]), "contradiction", message, "Write one or the other.")
    targets = {name for _, machine in definition.machines() for name in (*machine.states, machine.again)}
    if reply.target is not None and reply.target not in targets:
        message = f"no state is named {reply.target!r}."
        inside = reply.target.rpartition("/")[2]
        if inside in targets:
            advice = f"A model names the states of the machine that it is asked in, without a path: {inside!r}."
        else:
            advice = suggest(reply.target, targets, noun="states")
        yield ScenarioFault((*steps, "target"), "unknown-state", message, f"{advice}\n  {_AS_TEXT}")
    machines = [machine for _, machine in definition.machines()]
    if any(machine.context is None for machine in machines):
        return
    declared = {key for machine in machines for key in machine.context or ()}
    for key in reply.updates:
        if key not in declared:
            message = f"the key {key!r} is not declared in 'context'."
            advice = suggest(key, declared, noun="declared keys")
            yield ScenarioFault((*steps, "updates", key), "undeclared-key", message, f"{advice}\n  {_AS_TEXT}")


_AS_TEXT = "To try what a wrong reply does, write it as a text, as the model would."


def _keys(turn: ScenarioTurn, definition: FSMDefinition, steps: Steps) -> Iterator[ScenarioFault]:
    """Find keys that are expected and that no context can have."""
    closed = {path: machine.context for path, machine in definition.machines()}
    known = [f"{path}{key}" for path, context in closed.items() for key in context or ()]
    fields = {"data": turn.data, "all_data": turn.all_data or {}}
    fields |= {name: dict.fromkeys(getattr(turn, name) or ()) for name in ("told", "changed")}
    for field, keys in fields.items():
        for index, name in enumerate(keys):
            path, slash, key = name.rpartition("/")
            context = closed.get(f"{path}{slash}", {})
            step = name if field in ("data", "all_data") else index
            if key.startswith(MACHINE_PREFIX):
                if field in ("data", "all_data"):  # its value may be news
                    message = f"{name!r} is a key of the machine's own, which is no part of the data."
                    yield ScenarioFault((*steps, field, step), "machine-key", message, "Expect what it leads to.")
                continue
            if context is None or key in context:
                continue
            message = f"the key {name!r} is not declared in 'context'."
            yield ScenarioFault((*steps, field, step), "undeclared-key", message, suggest(name, known, noun="keys"))


def _patterns(turn: ScenarioTurn, steps: Steps) -> Iterator[ScenarioFault]:
    texts: list[tuple[Steps, str | None]] = []
    for field in ("says", "says_not"):
        texts += [((*steps, field, index), text) for index, text in enumerate(getattr(turn, field))]
    for field in ("closed", "rejected"):
        reasons: Mapping[str, str | None] = getattr(turn, field) or {}
        texts += [((*steps, field, name), reason) for name, reason in reasons.items()]
    for where, text in (*texts, ((*steps, "error"), turn.error)):
        if text is not None and (fault := pattern_fault(text)):
            yield ScenarioFault(where, "bad-pattern", f"{text!r} is no regular expression: {fault}.")


def _error(turn: ScenarioTurn, steps: Steps) -> Iterator[ScenarioFault]:
    if turn.error is None:
        return
    kind, _ = split_error(turn.error)
    if kind and kind not in errors.__all__:
        known = [name for name in errors.__all__ if name[:1].isupper() and name != "Problem"]
        message = f"no error is named {kind!r}."
        yield ScenarioFault((*steps, "error"), "unknown-error", message, suggest(kind, known, noun="errors"))
    for field in OF_RECORD:
        if getattr(turn, field) not in (None, {}):
            message = f"a turn that fails has no record, so that {field!r} cannot be told."
            yield ScenarioFault((*steps, field), "contradiction", message, "Expect the one or the other.")


def split_error(expected: str) -> tuple[str, str]:
    """Divide an expected error into the name of its class and a part of its text; either may be empty."""
    found = re.fullmatch(r"([A-Z][A-Za-z]*[a-z]+[A-Z][A-Za-z]+|Superseded)(?::\s*(.*))?", expected, re.DOTALL)
    return (found[1], found[2] or "") if found else ("", expected)


def _circle(scenario: Scenario, by_name: Mapping[str, Scenario]) -> list[str]:
    seen = [scenario.name]
    while scenario.given is not None and scenario.given in by_name:
        scenario = by_name[scenario.given]
        if scenario.name == seen[0]:
            return [*seen, scenario.name]
        if scenario.name in seen:
            return []  # another one's circle, told there
        seen.append(scenario.name)
    return []


def _is_time(text: str) -> bool:
    try:
        time = datetime.fromisoformat(text)
        return time.tzinfo is not None and time.astimezone(UTC) is not None
    except (ValueError, OverflowError):  # the first or the last day of all, in another zone
        return False
