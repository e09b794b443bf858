"""The reply, written out: plain text, or JSON in the form that the schema asks for.

The only entrance to the rules: it reads the prompt, lets each part do its work and fits the result to the schema. What
the schema does not allow is left out, so that no reply is ever refused for its form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from fsm_langgraph.data.reply_members import MESSAGE, REASONING, TARGET, UPDATES
from fsm_langgraph.offline.extraction import Facts, extract, infer
from fsm_langgraph.offline.fitting import allows, fit
from fsm_langgraph.offline.hearing import hear
from fsm_langgraph.offline.onward import asked_ahead
from fsm_langgraph.offline.prompt_content import PromptContent, read_prompt
from fsm_langgraph.offline.reactions import answer, speak
from fsm_langgraph.offline.target_choice import choose, chosen_with, conclude
from fsm_langgraph.offline.tool_choice import ChosenCall, OfferedTool, call_for

STAND_IN = (
    "I am a stand-in that follows fixed rules, not a language model. I can take part in a conversation "
    "that a state "
    "machine leads, but I cannot chat freely."
)
"""The answer to any prompt that is not one of this package."""


def reply(
    messages: Sequence[BaseMessage], schema: Mapping[str, Any] | None, tools: Sequence[OfferedTool] = ()
) -> str | ChosenCall:
    """Write the reply to a prompt, as JSON where there is a schema; or say which tool to call first."""
    prompt = read_prompt(messages)
    if tools and (call := _call(prompt, schema, tools)) is not None:
        return call
    if schema is None:
        return (speak(prompt, hear(prompt.said)) if prompt.state else "") or STAND_IN
    members = _members(prompt, schema) if prompt.state else {}
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return _dump(fit(None, schema, schema))
    return _dump({name: fit(members.get(name), part, schema) for name, part in properties.items()})


def _call(prompt: PromptContent, schema: Mapping[str, Any] | None, tools: Sequence[OfferedTool]) -> ChosenCall | None:
    # A state acts by itself where it speaks on entering, or thinks without a message.
    thinks = schema is not None and MESSAGE not in (schema.get("properties") or {})
    unasked = (schema is None and "came_from" in prompt.this_turn) or (thinks and not prompt.said)
    return call_for(prompt, hear(prompt.said), tools, unasked=unasked)


def _members(prompt: PromptContent, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Decide on the members of the reply."""
    properties = schema.get("properties")
    wanted = properties if isinstance(properties, dict) else {}
    said = hear(prompt.said)
    thinks = MESSAGE not in wanted
    # A schema without a message is that of a step of thought: nobody is answered, so it may not wait for anybody.
    facts = infer(prompt, said) if thinks else extract(asked_ahead(prompt), said)
    target = conclude(prompt, said, facts) if thinks else choose(prompt, said, facts)
    # A target may settle a choice that no word named.
    facts.own.update(chosen_with(prompt, target, facts))
    members: dict[str, Any] = {TARGET: target, UPDATES: _updates(facts, wanted.get(UPDATES))}
    if not thinks:
        members[MESSAGE] = answer(prompt, said, facts, target) or STAND_IN
    if REASONING in wanted:
        members[REASONING] = _reason(facts, target, prompt)
    return members


def _updates(facts: Facts, wanted: Any) -> list[dict[str, Any]]:
    """Write each fact as an entry `{key: value}` where the schema allows it, else as `{"key": …, "value": …}`."""
    entry = wanted.get("items") if isinstance(wanted, dict) else None
    own = [({key: value}, {"key": key, "value": value}) for key, value in facts.all.items()]
    return [plain if allows(entry, plain) else pair for plain, pair in own]


def _reason(facts: Facts, target: str, prompt: PromptContent) -> str:
    given = f"The message gives {', '.join(facts.all)}" if facts.all else "The message gives nothing new"
    return f"{given}, so the conversation {'stays' if target == prompt.state else 'moves on'}."


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
