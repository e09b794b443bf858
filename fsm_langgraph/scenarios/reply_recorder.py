"""The replies of a model as a scenario writes them, taken from what traces are told of its calls.

A decision becomes a mapping, words stay words. A reply that says more than a mapping can, such as a key twice, thoughts
before it, or no decision at all, stays the text that it is, so that it is read in the same way again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.outputs import LLMResult
from pydantic import JsonValue
from pydantic_core import from_json

from fsm_langgraph.data.reply_members import KEY, MESSAGE, TARGET, UPDATES, VALUE
from fsm_langgraph.errors import RefusedReply

Schema = dict[str, Any]


class ReplyRecorder(BaseCallbackHandler):
    """Notes the reply of each call of a turn."""

    run_inline = True

    def __init__(self) -> None:
        self.replies: list[JsonValue] = []
        """The replies, as a scenario writes them."""

    def on_llm_end(self, response: LLMResult, **_: Any) -> None:
        """Note a reply that was taken."""
        facts = (response.llm_output or {}).get("fsm_reply")
        if facts is not None:
            self._note(facts)

    def on_llm_error(self, error: BaseException, *, response: LLMResult | None = None, **_: Any) -> None:
        """Note a reply that was refused, or on which the turn pauses; a provider that failed gave none."""
        if isinstance(error, RefusedReply) and error.reply is not None:
            self.replies.append(as_written(error.reply, error.schema))
        elif response is not None and response.llm_output is not None:
            self._note(response.llm_output["fsm_reply"])
            if isinstance(paused := self.replies[-1], dict):  # its message is not read on, and not told later
                paused.pop("message", None)

    def _note(self, facts: Mapping[str, Any]) -> None:
        if calls := facts.get("tool_calls"):
            tools: list[JsonValue] = [{"name": call["name"], "args": call["args"]} for call in calls]
            said = {"message": facts["text"]} if facts["text"] else {}
            self.replies.append({**said, "tools": tools})
        else:
            self.replies.append(as_written(facts["text"], facts["schema"]))


def as_written(text: str, schema: Schema | None) -> JsonValue:
    """Write a reply as a scenario does.

    Args:
        text: The reply, as the model wrote it; of one that was not shown its message may be cut off.
        schema: The schema that it was asked in; `None` for words alone.
    """
    if schema is None:
        return text
    try:
        members = from_json(text, allow_partial="trailing-strings")
    except ValueError:
        return text
    if not isinstance(members, dict) or not isinstance(members.get(TARGET), str):
        return text
    updates = _updates(members.get(UPDATES, []))
    message = members.get(MESSAGE, "")
    if updates is None or not isinstance(message, str) or members.keys() - {TARGET, UPDATES, MESSAGE}:
        return text
    stays = members[TARGET] == schema["properties"][TARGET]["enum"][-1]
    written: dict[str, JsonValue] = {} if stays else {"target": members[TARGET]}
    written |= {"updates": updates} if updates else {}
    written |= {"message": message} if message else {}
    return written


def _updates(listed: Any) -> dict[str, JsonValue] | None:
    """Read updates as a mapping; `None` where they are something else."""
    found: dict[str, JsonValue] = {}
    for update in listed if isinstance(listed, list) else [None]:
        if not isinstance(update, dict):
            return None
        pairs = [(update[KEY], update[VALUE])] if update.keys() == {KEY, VALUE} else [*update.items()]
        for key, value in pairs:
            if not isinstance(key, str) or key in found:
                return None
            found[key] = value
    return found


def flow(value: JsonValue) -> str:
    """Write a value on one line, as YAML; it is JSON but for quotes that nobody needs."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_plain(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return _plain(value) if isinstance(value, str) else json.dumps(value)


def _plain(text: str) -> str:
    if text.isascii() and text.isidentifier() and text.casefold() not in _OTHER_KINDS:
        return text
    # A sign that is no letter could be a line's end, or nothing that a file may hold.
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in json.dumps(text, ensure_ascii=False))


_OTHER_KINDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf")
"""Words that some reader of YAML takes for something else than a text."""
