"""Conversations for people at a terminal: a table of many, and one with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import Console

from fsm_langgraph.cli.output import say, show_table, table_of, table_width
from fsm_langgraph.cli.trace import data_table, tell_record
from fsm_langgraph.conversation.keeping.overview import ConversationOverview
from fsm_langgraph.errors.advice_for_users import for_users
from fsm_langgraph.turn.record import TurnRecord
from fsm_langgraph.turn.told_steps import REASONS


def tell_conversations(console: Console, found: Sequence[ConversationOverview]) -> None:
    """Write a line for each conversation, in a table; two lines, where a terminal has no room for one."""
    has_bytes = any(each.bytes is not None for each in found)
    names = ("Conversation", "Machine", "State", "Status", "Turns", "Messages", "Began", "Last")
    columns = [*names, *(["kB"] if has_bytes else [])]
    rows = [_cells(each, has_bytes=has_bytes) for each in found]
    if not console.is_terminal or table_width(console, table_of(columns, rows)) <= console.width:
        show_table(console, columns, rows)
        return
    for each in found:
        conversation, machine, state, status, turns, _, _, last, *size = _cells(each, has_bytes=has_bytes)
        counts = [f"{turns} turn{'s' * (turns != '1')}", *(f"{kilobytes} kB" for kilobytes in size)]
        say(console, conversation)
        say(console, (f"    {machine}, {state or 'not begun'}: {', '.join([status, *counts])}, last {last}", "dim"))


def _cells(each: ConversationOverview, *, has_bytes: bool) -> list[str]:
    size = f"{each.bytes / 1000:,.0f}" if each.bytes is not None else ""
    return [
        each.conversation,
        each.machine or "?",
        each.state or "",
        each.status,
        "?" if each.turns is None else str(each.turns),
        str(each.messages),
        _time(each.began),
        _time(each.last),
        *([size] if has_bytes else []),
    ]


def row_of(found: ConversationOverview) -> dict[str, Any]:
    """Return a conversation as JSON data."""
    return {
        "conversation": found.conversation,
        "machine": found.machine,
        "revision": found.revision,
        "fingerprint": found.fingerprint,
        "state": found.state,
        "status": found.status,
        "turns": found.turns,
        "messages": found.messages,
        "began": found.began.isoformat() if found.began is not None else None,
        "last": found.last.isoformat(),
        **({"bytes": found.bytes} if found.bytes is not None else {}),
    }


def show_conversation(console: Console, document: dict[str, Any], *, trace: bool) -> None:
    """Write out a conversation: what was said, how each turn went, and the data.

    Args:
        console: Where to write it.
        document: The conversation as it is exported.
        trace: Whether to tell the record of each turn, and not of the last one alone.
    """
    revision = f", revision {document['revision']}" if document["revision"] else ""
    say(console, (document["conversation"], "bold"))
    say(console, f"{document['machine'] or 'a machine of unknown name'}{revision}")
    say(console, (f"{document['state'] or 'not begun'}  ({document['status']}; last {document['last'][:19]})", "dim"))
    say(console)
    if document["missing"]:
        say(console, (f"{document['missing']} messages before these are not to be had.", "yellow"))
    for message in document["messages"]:
        _tell_message(console, message)
    turns = document["turns"]
    if turns:
        say(console)
    for turn in turns:
        _tell_turn(console, turn, with_record=trace or turn is turns[-1])
    data = data_table(document["context"], secret=())
    if data is not None:
        say(console)
        console.print(data)


def _tell_turn(console: Console, turn: dict[str, Any], *, with_record: bool) -> None:
    """Write out how a turn went; of one that broke off, why, as it has decided nothing."""
    record: TurnRecord | None = turn["record"]
    way = " → ".join(record["path"]) if record is not None else turn["state"] or "not begun"
    why = f"{record['why']}: {REASONS[record['why']]}" if record is not None else turn["outcome"]
    say(console, (f"{turn['number']:>4}  {turn['time'][:19]}  ", "dim"), way, (f"  ({why})", "dim"))
    for line in for_users(turn["error"]).splitlines():
        say(console, (f"{'':13}{line.strip()}", "dim"), hang=13)
    if record is not None and with_record:
        tell_record(console, record)


def _tell_message(console: Console, message: dict[str, Any]) -> None:
    speaker, style = _SPEAKERS.get(message["role"], (f"{message['role'].capitalize()}: ", "bold"))
    content = message["content"]
    if not isinstance(content, str):
        content = "".join(_text_of(block) for block in content)
    if content:
        say(console, (speaker, style), content)


_SPEAKERS = {"user": ("You: ", "bold cyan"), "assistant": ("Assistant: ", "bold green")}


def _text_of(block: Any) -> str:
    if isinstance(block, str):
        return block
    return str(block["text"]) if block.get("type") == "text" else f"[{block.get('type', 'something else')}]"


def _time(time: datetime | None) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M}" if time is not None else "?"
