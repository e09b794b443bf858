"""The content of a prompt, taken apart.

The offline model is given the same as any model: a system message of tagged sections (see
`fsm_langgraph.prompts.prompt`) and the conversation. `read_prompt` never raises: a section that is missing or damaged
is empty. The classes named `Described…` hold a prompt's descriptions of states, transitions and keys; the definition
itself is out of the offline model's sight.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from fsm_langgraph.data.formats import FORMATS
from fsm_langgraph.prompts.escaping import unescape
from fsm_langgraph.prompts.updates import FORMS
from fsm_langgraph.prompts.wording import (
    ANY_KEY,
    BEGINS_ANEW,
    GO_ON,
    IN_DOUBT_GO_ON,
    OTHER_KEYS,
    PAIRED_KEYS,
    REFUSED,
    STAND_INS,
)


@dataclass(frozen=True, slots=True)
class DescribedKey:
    """A key that may be collected, as the prompt describes it."""

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
    answered: tuple[str, ...] = ()
    """The keys of which any answer will do."""
    priority: int = 100
    purpose: str = ""
    instructions: str = ""
    collects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """The answer of a tool."""

    tool: str
    text: str


@dataclass(frozen=True, slots=True)
class PromptContent:
    """The content of one prompt."""

    state: str = ""
    """The current state's id; empty where the prompt is not one of ours."""
    purpose: str = ""
    instructions: str = ""
    keys: tuple[DescribedKey, ...] = ()
    """The keys that the state collects."""
    others: tuple[DescribedKey, ...] | None = None
    """Other keys that may be written; `None` where any may."""
    transitions: tuple[DescribedTransition, ...] = ()
    """The transitions, the preferred one first."""
    leads_on: bool = False
    """Whether the state goes on in doubt, to ask elsewhere."""
    again: str = ""
    """The target that begins the current state anew; empty where nothing does."""
    examples: tuple[str, ...] = ()
    """The assistant's lines in the example dialogue, up to the user's first."""
    context: dict[str, Any] = field(default_factory=dict)
    """The context, as far as the prompt shows it."""
    this_turn: dict[str, Any] = field(default_factory=dict)
    """The events of the turn so far; given where a state speaks after them."""
    results: tuple[ToolAnswer, ...] = ()
    """The answers of tools in this turn."""
    said: str = ""
    """The user's messages since the last answer, as one; empty if it was not the user who spoke last."""
    said_before: tuple[str, ...] = ()
    """The user's earlier messages."""
    heard: str = ""
    """The last message to the user."""
    seed: int = 0
    """A number made of the conversation, which picks wordings: another one each turn, the same in each run."""


def read_prompt(messages: Sequence[BaseMessage]) -> PromptContent:
    """Take a prompt apart."""
    system = "\n".join(message.text for message in messages if isinstance(message, SystemMessage))
    spoken = [m for m in messages if _is_spoken(m) and not m.text.startswith(_COMPLAINT)]
    told = [message.text for message in spoken if isinstance(message, AIMessage)]
    written = [m.text for m in spoken if isinstance(m, HumanMessage) and m.text not in STAND_INS]
    unanswered = _unanswered(_until_heard(spoken))
    sections = _sections(system)
    this_turn = _object(_json(sections.get("this_turn")))
    head = system.partition("\n<current_state>\n")[0]
    own, others = _key_lists(sections.get("keys", ""))
    return PromptContent(
        state=sections.get("current_state", ""),
        purpose=unescape(sections.get("purpose", "").partition("\n(")[0]),
        instructions=unescape(sections.get("instructions", "")),
        keys=_keys(own, are_collected=True),
        others=None if ANY_KEY in head else others,
        transitions=_transitions(_json(sections.get("transitions")), _json(sections.get("targets"))),
        leads_on=IN_DOUBT_GO_ON in head,
        again=anew[1] if (anew := _ANEW.search(head)) else "",
        examples=_examples(_json(sections.get("example"))),
        context=_object(_json(sections.get("context"))),
        this_turn=this_turn,
        results=(*_told_results(this_turn), *_new_results(messages)),
        said=_joined(unanswered),
        said_before=tuple(written[: len(written) - len(unanswered)]),
        heard=told[-1] if told else "",
        seed=zlib.crc32(
            "\n".join([*written[-2:], *told[-2:], sections.get("current_state", "")]).encode(errors="replace")
        ),
    )


# How a prompt tells a model that its last reply could not be used; the user did not write that.
_COMPLAINT = f"({REFUSED}"
_ANEW = re.compile(rf'"(\w+)" {BEGINS_ANEW}')
_SECTION = re.compile(r"^<([a-z_]+)>\n(.*?)\n</\1>$", re.MULTILINE | re.DOTALL)


def _sections(system: str) -> dict[str, str]:
    found = {match[1]: match[2] for match in _SECTION.finditer(system)}
    return found if "current_state" in found else {}


def _is_spoken(message: BaseMessage) -> bool:
    """Say whether a message is part of the conversation with the user, and not of that with tools."""
    return isinstance(message, HumanMessage) or (isinstance(message, AIMessage) and not message.tool_calls)


def _until_heard(spoken: Sequence[BaseMessage]) -> Sequence[BaseMessage]:
    """Leave out what the machine has said itself since the user wrote, which answers nothing yet."""
    if not spoken or spoken[-1].text != GO_ON:
        return spoken
    said = sum(1 for _ in takewhile(lambda message: isinstance(message, AIMessage), reversed(spoken[:-1])))
    return spoken[: -1 - said]


def _unanswered(spoken: Sequence[BaseMessage]) -> list[str]:
    """Return the user's messages since the last answer; none where the user is only said to be silent."""
    since = [*takewhile(lambda message: isinstance(message, HumanMessage), reversed(spoken))][::-1]
    return [message.text for message in since] if since and since[-1].text not in STAND_INS else []


def _joined(messages: Sequence[str]) -> str:
    """Put messages together as if they had been written in one: "no", "it is a desk lamp"."""
    *before, last = messages or ("",)
    return "".join([*(f"{text} " if text.rstrip().endswith((*".,;:!?",)) else f"{text}, " for text in before), last])


def _told_results(this_turn: dict[str, Any]) -> list[ToolAnswer]:
    told = _items(this_turn.get("tool_results"))
    return [ToolAnswer(_text(result.get("tool")), _text(result.get("result"))) for result in told]


def _new_results(messages: Sequence[BaseMessage]) -> list[ToolAnswer]:
    return [ToolAnswer(m.name or "", m.text) for m in messages if isinstance(m, ToolMessage)]


def _json(text: str | None) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _key_lists(section: str) -> tuple[Any, tuple[DescribedKey, ...]]:
    """Read the keys that a state collects, as they are told, and the others."""
    listed = {line.partition("{")[0].strip(): _json("{" + line.partition("{")[2]) for line in section.splitlines()}
    pairs = section.partition(f"{PAIRED_KEYS} ")[2]
    return listed.get(""), (*_keys(listed.get(OTHER_KEYS)), *_keys(_json(pairs)))


def _keys(value: Any, *, are_collected: bool = False) -> tuple[DescribedKey, ...]:
    return tuple(_key(name, told, is_collected=are_collected) for name, told in _object(value).items())


def _key(name: str, told: Any, *, is_collected: bool) -> DescribedKey:
    """Read the description of a key; one that is described without a type holds text."""
    shape = told if isinstance(told, dict) else {"description": told}
    enum = tuple(v for v in _list(shape.get("enum")) if isinstance(v, str | int | float))
    words = _text(shape.get("description")).split("; ")
    format_ = next((_FORMATS[part] for part in words if part in _FORMATS), "")
    is_text = bool(shape.get("description")) and not enum
    return DescribedKey(
        name=name,
        type=_text(shape.get("type")) or ("string" if is_text else ""),
        format=format_,
        pattern=_text(shape.get("pattern")),
        enum=enum,
        description="; ".join(part for part in words if part not in _FORMATS),
        required=is_collected and shape.get("optional") is not True,
    )


_FORMATS = {FORMS.get(name, name): name for name in FORMATS}
"""Every format, by the words in which a key's description tells it."""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _transitions(value: Any, targets: Any) -> tuple[DescribedTransition, ...]:
    more = {_text(item.get("to")): item for item in _items(targets)}
    items = [{**item, **more.get(_text(item.get("to")), {})} for item in _items(value)]
    return tuple(
        DescribedTransition(
            target=target,
            description=unescape(_text(item.get("when"))),
            conditions=_conditions(item),
            requires=_texts(item.get("requires")),
            answered=_texts(item.get("answered")),
            priority=priority if isinstance(priority := item.get("priority"), int) else 100,
            purpose=unescape(_text(item.get("purpose"))),
            instructions=unescape(_text(item.get("instructions"))),
            collects=_texts(item.get("collects")),
        )
        for item in items
        if (target := _text(item.get("to")))
    )


def _conditions(transition: dict[str, Any]) -> tuple[str, ...]:
    """Return the words of a transition's conditions; where it has none, the keys that it asks for stand for them."""
    asked = [*_texts(transition.get("requires")), *_texts(transition.get("answered"))]
    required = " and ".join(name.replace("_", " ") for name in asked)
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
