"""A turn's decisions and a conversation's data, for people at a terminal.

The turn record holds names of keys and no values; the table of the data masks the secret ones.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from pydantic import JsonValue
from rich.console import Console
from rich.table import Table

from fsm_langgraph.cli.output import say, table_of
from fsm_langgraph.context.secret_tokens import masked
from fsm_langgraph.context.writes import MACHINE_PREFIX
from fsm_langgraph.models.token_count import TokenCount
from fsm_langgraph.turn.definition_change import told_change
from fsm_langgraph.turn.record import (
    ModelCall,
    RecordedToolCall,
    Step,
    TurnRecord,
    tokens_of,
    tokens_used,
)
from fsm_langgraph.turn.told_steps import REASONS, told_verdict


def tell_record(console: Console, record: TurnRecord) -> None:
    """Write out a turn record: the path, each step with the transitions judged there, the keys, the calls."""
    _line(console, "path", " → ".join(record["path"]))
    if record["proposed"] is not None:
        _line(console, "proposed", record["proposed"])
    if not record["steps"]:
        _line(console, "why", f"{record['why']}: {REASONS[record['why']]}")
    if failure := record.get("failure"):
        _line(console, "error", failure)
    for step in record["steps"]:
        _tell_step(console, step)
    if handoff := record.get("handoff"):
        _line(console, "handed", f"over to {handoff}")
    news = {key: f"{key} ({whence})" for key, whence in record["news"].items()}
    if record["changed"]:
        _line(console, "changed", ", ".join(news.pop(key, key) for key in record["changed"]))
    if news:  # told again, or taken up after a digression
        _line(console, "news", ", ".join(news.values()))
    for rejection in record["rejected"]:
        _line(console, "rejected", f"{rejection['key']} {rejection['reason']}")
    if left_out := record.get("left_out"):
        _line(console, "left out", f"{left_out:,} bytes of the message, which was too long")
    if revision := record.get("revision"):  # what earlier releases have stored has none
        _line(console, "revision", revision)
    if change := record.get("definition"):
        _line(console, "changed", f"the definition; {'; '.join(told_change(change))}")
    if said := record.get("said"):  # a record of an earlier release has none
        _line(console, "said", ", ".join(said))
    if record["reasoning"]:
        _line(console, "reasoning", record["reasoning"])
    for call in record["model_calls"]:
        _line(console, "call", _call(call))
    if len(record["model_calls"]) > 1:
        _line(console, "in all", _in_all(tokens_used(record["model_calls"])))
    for used in record["tool_calls"]:
        _line(console, "tool", _tool(used))


def data_table(data: Mapping[str, JsonValue], *, secret: Collection[str]) -> Table | None:
    """Make a table of the context, its secret values masked; `None` where there is nothing to show.

    Args:
        data: The context.
        secret: The keys that are known to be secret; tokens are masked under any key.
    """
    rows = {
        key: _value(masked(value, is_secret=key in secret))
        for key, value in data.items()
        if not key.startswith(MACHINE_PREFIX)
    }
    if not rows:
        return None
    return table_of(("Key", "Value"), rows.items())


def _tell_step(console: Console, step: Step) -> None:
    taken = f"{step['state']} → {step['target_state']}" if step["target_state"] else step["state"]
    _line(console, "step", f"{taken}  ({step['why']}: {REASONS[step['why']]})")
    for candidate in step["candidates"]:
        mark = ("✓", "green") if candidate["enabled"] else ("✗", "red")
        told = f" {candidate['target_state']}  {told_verdict(candidate, leads_on=step['target_state'] is not None)}"
        say(console, " " * 13, mark, (told, "dim"), hang=15)


def _call(call: ModelCall) -> str:
    told = [f"{call['mode']} in {call['state']}"]
    told.append("decided again on the reply of an earlier run" if call["replayed"] else str(tokens_of(call)))
    if call["error"]:
        told.append(call["error"])
    return "; ".join(told)


def _in_all(tokens: TokenCount) -> str:
    if tokens.total is None:
        return str(tokens)
    return f"{'' if tokens.is_all else 'at least '}{tokens.total:,} tokens"


def _tool(used: RecordedToolCall) -> str:
    told = f"{used['tool']} in {used['state']}"
    return f"{told}; {used['error']}" if used["error"] else told


def _line(console: Console, label: str, text: str) -> None:
    say(console, (f"  {label:<10} {text}", "dim"), hang=13)


def _value(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
