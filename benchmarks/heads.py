"""How many tokens a model writes before the first one that the user sees: counts, no clocks.

A message is shown when all that stands before it in the reply is there, so each token of that head delays it. The heads
are written by the schemas of a state, and tried on the parser, which shows the next character and none before; in a
turn without a message the model writes plain text. Beside them stand two other forms of the same reply, for comparison.

The counts are those of OpenAI's `cl100k_base`. Its tables cannot be loaded offline, so `COUNTED` holds what it made of
these heads; a head that is not there is an error, and is to be counted.

    python -m benchmarks.heads
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure
from fsm_langgraph import FSMDefinition
from fsm_langgraph.data.reply_members import MESSAGE, TARGET, UPDATES
from fsm_langgraph.replies.parser import ReplyParser
from fsm_langgraph.replies.reply_schema import expected_members, reply_schema

COUNTED = {
    "": 0,
    '{"target_state":"email","message":"': 8,
    '{"target_state":"email","updates":[],"message":"': 11,
    '{"target_state":"email","updates":[{"name":"Ann"}],"message":"': 15,
    '{"transition":{"target_state":"email","context_update":{"name":"Ann"}},"message":"': 18,
    '{"target_state":"email","name":"Ann","email":null,"phone":null,"city":null,"age":null,"other_updates":[],'
    '"message":"': 32,
}
"""The number of tokens of each head."""
FIVE_KEYS = ("name", "email", "phone", "city", "age")
ANN = [{"name": "Ann"}]
AIMS = {
    "one key filled": 16,
    "five keys, one filled": 16,
    "no key filled": 9,
    "no key to fill": 9,
    "a turn without a message": 0,
}


def main() -> None:
    """Count, and print one table."""
    table = Table(title="Tokens before the first visible one")
    table.add_column("reply")
    table.add_column("tokens", justify="right")
    table.add_column("head")
    for name, head in (*heads(), *other_forms()):
        table.add_row(name, str(COUNTED[head]), head)
    Console(width=140).print(table)


def figures() -> Iterator[Figure]:
    """Tell how far the message is from the beginning of a reply."""
    for name, head in heads():
        aim, found = AIMS[name], COUNTED[head]
        yield Figure(f"Tokens before the first visible one: {name}", str(found), f"at most {aim}", found <= aim)


def heads() -> Iterator[tuple[str, str]]:
    """Write the heads of replies, as short as their schemas allow."""
    yield "a turn without a message", ""
    yield "no key to fill", _head((), None)
    yield "no key filled", _head(("name",), [])
    yield "one key filled", _head(("name",), ANN)
    yield "five keys, one filled", _head(FIVE_KEYS, ANN)


def other_forms() -> Iterator[tuple[str, str]]:
    """Write what other forms of a reply would take."""
    update = {"target_state": "email", "context_update": ANN[0]}
    yield "LLM-FSM's form, one key filled", _opened({"transition": update})
    flat = {**dict.fromkeys(FIVE_KEYS), **ANN[0]}
    yield "a member for each key, one of five filled", _opened({TARGET: "email", **flat, "other_updates": []})


def _head(keys: Sequence[str], updates: list[dict[str, str]] | None) -> str:
    """Write what stands before the message, by the schema; make sure that the message waits for no more."""
    definition = _form(keys)
    schema = reply_schema(definition, definition.states["start"])
    values: dict[str, Any] = {TARGET: "email", UPDATES: updates}
    head = _opened({name: values[name] for name in schema["required"] if name != MESSAGE})
    parser = ReplyParser(expected_members(schema))
    assert (parser.feed(head), parser.feed("T")) == ("", "T"), "the message begins elsewhere"
    return head


def _opened(members: dict[str, Any]) -> str:
    return json.dumps({**members, MESSAGE: ""}, separators=(",", ":")).removesuffix('"}')


def _form(keys: Sequence[str]) -> FSMDefinition:
    """Make a machine that asks for these keys, and has no others."""
    transition = {"target_state": "email", "description": "It is known"}
    start = {
        "id": "start",
        "description": "Ask",
        "purpose": "Ask",
        "transitions": [transition],
        "required_context_keys": keys,
    }
    email = {"id": "email", "description": "Ask on", "purpose": "Ask on", "transitions": []}
    states = {"start": start, "email": email}
    context = {key: {"type": "string"} for key in keys}
    form = {"name": "form", "description": "A form", "initial_state": "start", "context": context, "states": states}
    return FSMDefinition.model_validate(form)


if __name__ == "__main__":
    main()
