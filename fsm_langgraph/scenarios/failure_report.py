"""A scenario that is not as it is written, told in plain text: for the command line, for pytest, for a CI's page.

the conversation so far, turn by turn
expected and found, side by side
the transitions that were looked at in the step that went elsewhere, and why each was not taken
the next thing to do
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from fsm_langgraph.scenarios.expectations import quoted
from fsm_langgraph.scenarios.outcome import Difference, ScenarioOutcome, TurnOutcome
from fsm_langgraph.turn.record import Step, TurnRecord
from fsm_langgraph.turn.told_steps import REASONS, told_verdict

WIDTH = 100
"""How many characters a line has, where its texts can be wrapped."""


def report(outcome: ScenarioOutcome) -> str:
    """Tell a scenario that is not as it is written; of one that is, the conversation."""
    lines = [f"{outcome.scenario.name}", f"  {outcome.place}", ""]
    lines += _conversation(outcome)
    failed = next((turn for turn in (*outcome.given, *outcome.turns) if turn.differences), None)
    if failed is not None:
        of = f" of {failed.scenario!r}" if failed in outcome.given else ""
        at = f" ({failed.place})" if failed.place else ""
        lines += ["", f"  Turn {failed.number}{of}{at} is not as it is written:"]
        lines += _side_by_side(failed.differences)
        lines += _elsewhere(failed)
    if outcome.differences:
        lines += ["", "  The scenario is not as it is written:", *_side_by_side(outcome.differences)]
    advice = [each.advice for each in (*(failed.differences if failed else ()), *outcome.differences) if each.advice]
    if advice:
        lines.append("")
    lines += [line for text in dict.fromkeys(advice) for line in _wrapped(text, "  ")]
    return _printable("\n".join(lines))


def _conversation(outcome: ScenarioOutcome) -> Iterator[str]:
    told = ""
    for turn in (*outcome.given, *outcome.turns):
        if outcome.given and turn.scenario != told:
            told = turn.scenario
            yield f"  {'given: ' if turn in outcome.given else ''}{told}"
        if turn.turn.user.strip():
            yield from _wrapped(turn.turn.user, f"  {turn.number:>3}  User       ")
        if turn.turn.answer is not None:
            yield from _wrapped(quoted(turn.turn.answer), f"  {turn.number:>3}  Answer     ")
        number = turn.number if not turn.turn.user.strip() and turn.turn.answer is None else ""
        if turn.message:
            yield from _wrapped(turn.message, f"  {number:>3}  Assistant  ")
            number = ""
        for question in turn.asked:
            yield from _wrapped(quoted(question), f"  {number:>3}  Asks       ")
            number = ""
        if not turn.message and not turn.asked and turn.error is None:
            yield f"  {number:>3}  Assistant  (nothing)"
        ended = "failed, in" if turn.error is not None else "waits, in" if turn.asked else "in"
        yield f"       {ended} {turn.after.state or 'no state yet'}"


def _side_by_side(differences: Sequence[Difference]) -> Iterator[str]:
    """Tell differences as a table; of long texts what was found stands below what was expected."""
    rows = [(each.what, each.expected, each.found) for each in differences]
    what, expected = (max(len(text) for text in column) for column in list(zip(*rows, strict=True))[:2])
    what, expected = max(what, 4), max(expected, 8)
    is_narrow = max(what + expected + len(found) for _, _, found in rows) + 10 <= WIDTH and not any(
        "\n" in text for row in rows for text in row
    )
    if is_narrow:
        yield f"    {'':<{what}}  {'expected':<{expected}}  found"
        yield from (f"    {name:<{what}}  {wanted:<{expected}}  {found}" for name, wanted, found in rows)
        return
    for name, wanted, found in rows:
        yield from _wrapped(wanted, f"    {name:<{what}}  expected  ")
        yield from _wrapped(found, f"    {'':<{what}}  found     ")


def _elsewhere(turn: TurnOutcome) -> Iterator[str]:
    """Tell what was found about each transition in the step that went elsewhere."""
    if turn.record is None or not any(_is_of_way(each) for each in turn.differences):
        return
    step = _step_elsewhere(turn, turn.record)
    yield ""
    if step is None:
        yield f"  No transition was looked at: {REASONS[turn.record['why']]}."
        return
    went = f"It went from {step['state']!r} to {step['target_state']!r}"
    stayed = f"It stayed in {step['state']!r}"
    proposed = turn.record["proposed"]
    chose = f"; the model proposed {proposed!r}" if proposed is not None and step is turn.record["steps"][0] else ""
    yield f"  {went if step['target_state'] else stayed}: {REASONS[step['why']]}{chose}."
    names = [judged["target_state"] for judged in step["candidates"]]
    width = max(map(len, names), default=0)
    for judged in step["candidates"]:
        mark = "open  " if judged["enabled"] else "closed"
        verdict = told_verdict(judged, leads_on=step["target_state"] is not None).removeprefix("open: ")
        yield f"    {mark}  {judged['target_state']:<{width}}  {verdict}"


def _is_of_way(difference: Difference) -> bool:
    return difference.what in ("state", "path", "why", "ended", "reply") or difference.what.startswith("closed.")


def _step_elsewhere(turn: TurnOutcome, record: TurnRecord) -> Step | None:
    """Return the step that did not go where the scenario has it go; the last one where that cannot be said."""
    steps = record["steps"]
    if turn.turn.path is not None:
        for step, found, expected in zip(steps, record["path"][1:], turn.turn.path[1:], strict=False):
            if found != expected:
                return step
    wanted = turn.turn.state
    passed = [step for step in steps if step["state"] == wanted and step["target_state"] is not None]
    judged = [step for step in steps if any(_leads_to(each["target_state"], wanted) for each in step["candidates"])]
    chosen = passed or judged or steps
    return chosen[-1] if chosen else None


def _leads_to(target: str, wanted: str | None) -> bool:
    return wanted is not None and (wanted == target or wanted.endswith(f"/{target}"))


def _wrapped(text: str, begin: str) -> list[str]:
    """Wrap a text behind a beginning; its own lines stay lines."""
    indent = " " * len(begin)
    lines = [
        line
        for paragraph in (text.splitlines() or [""])
        for line in (textwrap.wrap(paragraph, WIDTH - len(begin), break_long_words=False) or [""])
    ]
    return [f"{indent if index else begin}{line}".rstrip() for index, line in enumerate(lines)]


def _printable(text: str) -> str:
    """Leave out what would steer a terminal."""
    return "".join(sign for sign in text if sign == "\n" or sign.isprintable())
