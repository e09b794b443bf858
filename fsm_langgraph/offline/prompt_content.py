"""From a prompt to the facts in it.

The offline model is given what any model is given: a system message of tagged sections (see
`fsm_langgraph.prompts.prompt`) and the conversation. `read_prompt` takes them apart. It never raises: a section that
is missing or damaged is empty.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from fsm_langgraph.prompts.wording import ANY_KEY_RULE, NOTHING_SAID


@dataclass(frozen=True, slots=True)
class DescribedKey:
    """One piece of information that may be collected."""

    name: str
    type: str = ""
    format: str = ""
    pattern: str = ""
    enum: tuple[str | int | float | bool, ...] = ()
    description: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class DescribedTransition:
    """A transition, as the prompt describes it."""

    target: str
    description: str = ""
    conditions: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    priority: int = 100
    purpose: str = ""
    instructions: str = ""
    collects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool has answered."""

    tool: str
    text: str


@dataclass(frozen=True, slots=True)
class PromptContent:
    """Everything that a prompt tells."""

    state: str = ""
    """The current state's id; empty where the prompt is not one of ours."""
    purpose: str = ""
    instructions: str = ""
    persona: str = ""
    keys: tuple[DescribedKey, ...] = ()
    """What the state collects."""
    others: tuple[DescribedKey, ...] | None = None
    """What else may be noted; `None` where anything may."""
    transitions: tuple[DescribedTransition, ...] = ()
    """The transitions, the preferred one first."""
    examples: tuple[str, ...] = ()
    """What the assistant says in the example dialogue before the user does."""
    context: dict[str, Any] = field(default_factory=dict)
    this_turn: dict[str, Any] = field(default_factory=dict)
    results: tuple[ToolResult, ...] = ()
    """What tools have answered in this turn."""
    said: str = ""
    """What the user wrote last; empty if it was not the user who spoke last."""
    said_before: tuple[str, ...] = ()
    """What the user wrote before."""
    heard: str = ""
    """What the user was told last."""
    seed: int = 0
    """A number that the conversation gives, for variety that repeats."""


def read_prompt(messages: Sequence[BaseMessage]) -> PromptContent:
    """Read a prompt."""
    system = "\n".join(message.text for message in messages if isinstance(message, SystemMessage))
    spoken = [m for m in messages if _is_spoken(m) and not m.text.startswith(_COMPLAINT)]
    told = [message.text for message in spoken if isinstance(message, AIMessage)]
    written = [m.text for m in spoken if isinstance(m, HumanMessage) and m.text != NOTHING_SAID]
    speaks_last = bool(spoken) and isinstance(spoken[-1], HumanMessage) and spoken[-1].text != NOTHING_SAID
    sections = _sections(system)
    this_turn = _object(_json(sections.get("this_turn")))
    information, extraction = sections.get("information_to_collect"), sections.get(_EXTRACTION)
    return PromptContent(
        state=sections.get("current_state", ""),
        purpose=_unescape(sections.get("current_purpose", "")),
        instructions=_unescape(sections.get("state_instructions", "")),
        persona=_unescape(sections.get("persona", "")),
        keys=_keys(_json(information), are_collected=True),
        others=_other_keys(extraction),
        transitions=_transitions(
            _json(sections.get("available_state_transitions")), _json(sections.get("transition_targets"))
        ),
        examples=_examples(_json(sections.get("example_dialogue"))),
        context=_object(_json(sections.get("current_context"))),
        this_turn=this_turn,
        results=(*_told_results(this_turn), *_new_results(messages)),
        said=written[-1] if speaks_last else "",
        said_before=tuple(written[:-1] if speaks_last else written),
        heard=told[-1] if told else "",
        seed=zlib.crc32(
            "\n".join([*written[-2:], *told[-2:], sections.get("current_state", "")]).encode(errors="replace")
        ),
    )


_COMPLAINT = "(Your last reply was refused"
_EXTRACTION = "information_extraction_instructions"
_SECTION = re.compile(r"^<([a-z_]+)>\n(.*?)\n</\1>$", re.MULTILINE | re.DOTALL)


def _sections(system: str) -> dict[str, str]:
    _, ours, body = system.partition("<fsm>\n")
    return {match[1]: match[2] for match in _SECTION.finditer(body)} if ours else {}


def _is_spoken(message: BaseMessage) -> bool:
    """Say whether a message is part of the conversation, and not of what model and tools say to each other."""
    return isinstance(message, HumanMessage) or (isinstance(message, AIMessage) and not message.tool_calls)


def _told_results(this_turn: dict[str, Any]) -> list[ToolResult]:
    told = _items(this_turn.get("tool_results"))
    return [ToolResult(_text(result.get("tool")), _text(result.get("result"))) for result in told]


def _new_results(messages: Sequence[BaseMessage]) -> list[ToolResult]:
    return [ToolResult(m.name or "", m.text) for m in messages if isinstance(m, ToolMessage)]


def _json(text: str | None) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _unescape(text: str) -> str:
    """Undo what filling a template does to values."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _items(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _keys(value: Any, *, are_collected: bool = False) -> tuple[DescribedKey, ...]:
    return tuple(_key(name, told, is_collected=are_collected) for name, told in _object(value).items())


def _key(name: str, told: Any, *, is_collected: bool) -> DescribedKey:
    """Read what is told of a key; it holds text where that is described and no type is told."""
    shape = told if isinstance(told, dict) else {"description": told}
    enum = tuple(v for v in _list(shape.get("enum")) if isinstance(v, str | int | float))
    is_text = bool(shape.get("description") or shape.get("format")) and not enum
    return DescribedKey(
        name=name,
        type=_text(shape.get("type")) or ("string" if is_text else ""),
        format=_text(shape.get("format")).partition(",")[0],
        pattern=_text(shape.get("pattern")),
        enum=enum,
        description=_text(shape.get("description")),
        required=is_collected and shape.get("optional") is not True,
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _other_keys(rules: str | None) -> tuple[DescribedKey, ...] | None:
    """Return the other keys that the rules list, if they list any."""
    if rules is None:
        return ()
    if listed := [key for line in rules.splitlines() if line.startswith("{") for key in _keys(_json(line))]:
        return tuple(listed)
    return None if ANY_KEY_RULE in rules else ()


def _transitions(value: Any, targets: Any) -> tuple[DescribedTransition, ...]:
    more = {_text(item.get("to")): item for item in _items(targets)}
    items = [{**item, **more.get(_text(item.get("to")), {})} for item in _items(value)]
    return tuple(
        DescribedTransition(
            target=target,
            description=_unescape(_text(item.get("when"))),
            conditions=_conditions(item),
            requires=_texts(item.get("requires")),
            priority=priority if isinstance(priority := item.get("priority"), int) else 100,
            purpose=_unescape(_text(item.get("purpose"))),
            instructions=_unescape(_text(item.get("instructions"))),
            collects=_texts(item.get("collects")),
        )
        for item in items
        if (target := _text(item.get("to")))
    )


def _conditions(transition: dict[str, Any]) -> tuple[str, ...]:
    """Return what a transition waits for; where no words are told, the keys that it requires say it."""
    required = " and ".join(name.replace("_", " ") for name in _texts(transition.get("requires")))
    return _texts(transition.get("if")) or ((f"{required} given",) if required else ())


def _examples(value: Any) -> tuple[str, ...]:
    lines: list[str] = []
    for entry in _items(value):
        role = _text(entry.get("role")).lower()
        if role in ("user", "human") or ("user" in entry and "assistant" not in entry):
            break
        for name in ("content", "text", "message", "assistant", "system", "bot", "ai"):
            if spoken := _text(entry.get(name)):
                lines.append(spoken)
                break
        if "user" in entry:
            break
    return tuple(lines)
