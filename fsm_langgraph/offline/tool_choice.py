"""The choice of a tool to call before the reply, and of its arguments; at most one in a turn.

A tool is called where its name and description share words with the user's question or with the state's purpose, and
all its required arguments are at hand: in the user's last message, or in the context under a name of the same words. A
tool that acts, rather than looks something up, is called only where the user asks for that very action.

    "Where is order A-17?"   +   find_order(order_number: str) "Find an order."   ->   find_order("A-17")
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fsm_langgraph.offline.extraction import Facts, extract, present
from fsm_langgraph.offline.fitting import allows
from fsm_langgraph.offline.hearing import Said
from fsm_langgraph.offline.kinds import kind_of
from fsm_langgraph.offline.prompt_content import DescribedKey, PromptContent
from fsm_langgraph.offline.words import meaning, meanings, split_key, word_set


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """A tool that may be called."""

    name: str
    description: str = ""
    schema: Mapping[str, Any] | None = None
    """The JSON Schema of its arguments."""


@dataclass(frozen=True, slots=True)
class ChosenCall:
    """The tool to call, and its arguments."""

    tool: str
    arguments: dict[str, Any]


def call_for(prompt: PromptContent, said: Said, tools: Sequence[OfferedTool], *, unasked: bool) -> ChosenCall | None:
    """Choose the tool to call, if one fits.

    Args:
        prompt: The prompt.
        said: The user's last message.
        tools: The tools that may be called.
        unasked: Whether the state acts by itself, so that its purpose counts as a question.
    """
    # One call in a turn: with an answer at hand, the reply is due.
    if prompt.results or not prompt.state:
        return None
    facts = extract(prompt, said)
    found: list[tuple[float, ChosenCall]] = []
    for tool in tools:
        arguments, is_news = _arguments(tool, prompt, said, facts)
        score = _fit(tool, prompt, said, unasked=unasked, is_news=is_news)
        if score > 0 and arguments is not None:
            found.append((score, ChosenCall(tool.name, arguments)))
    return max(found, key=lambda one: one[0])[1] if found else None


def read_tools(bound: Any) -> list[OfferedTool]:
    """Read tools in OpenAI's form; what is no function is left out."""
    functions = [one.get("function") for one in bound if isinstance(one, Mapping)] if isinstance(bound, list) else []
    return [
        OfferedTool(str(function["name"]), str(function.get("description") or ""), function.get("parameters"))
        for function in functions
        if isinstance(function, Mapping) and function.get("name")
    ]


def _fit(tool: OfferedTool, prompt: PromptContent, said: Said, *, unasked: bool, is_news: bool) -> float:
    """Score how well a tool fits the question; 0 where it does not."""
    # By convention a tool's name begins with its verb: `cancel_order`.
    verb, *_ = split_key(tool.name) or ("",)
    asked = meanings(said.plain)
    purpose = meanings(f"{prompt.purpose} {prompt.instructions}")
    if verb in _DOES:
        agreed = unasked or said.answer is True or said.goes_on
        if meaning(verb) not in (asked | purpose if agreed else asked) or said.answer is False:
            return 0.0
        return 3.0 + len(asked & _subject(tool))
    if said.thanks or said.leaves or said.noise or said.declines or said.answer is False:
        asked = frozenset()
    subject = _subject(tool)
    named = subject & asked | ({meaning(verb)} & asked)
    is_open = unasked or (is_news and (said.answer is not False or said.corrects)) or (said.asks and not said.chats)
    if named or (is_open and subject & purpose):
        # The user's own words count before those of the state's purpose.
        return len(named) + len(subject & purpose) / 10
    # Where nothing else fits a question, it may be searched for.
    return _LEAST if _searches(tool) and said.asks and not said.chats else 0.0


_LEAST = 0.01
"""The score of a search that fits no better than any other tool."""


def _searches(tool: OfferedTool) -> bool:
    """Say whether a tool takes a question as it is."""
    keys, required = _keys(tool)
    return len(required) == 1 and any(key.required and kind_of(key) == "text" for key in keys)


def _subject(tool: OfferedTool) -> frozenset[str]:
    """Return the meanings of a tool's name and description."""
    return meanings(f"{' '.join(split_key(tool.name))} {tool.description}") - _GENERIC


def _arguments(
    tool: OfferedTool, prompt: PromptContent, said: Said, facts: Facts
) -> tuple[dict[str, Any] | None, bool]:
    """Fill in a tool's arguments, `None` where a required one is not at hand; and say whether the message gave any."""
    keys, required = _keys(tool)
    told = _told(tool, keys, prompt, said)
    searches = _words(said) if _searches(tool) else None
    arguments: dict[str, Any] = {}
    is_news = False
    # The message before the context: the user may ask for another order than the one that is known.
    for key, part in keys.items():
        asked_for = searches if key.required and kind_of(key) == "text" else None
        news, known = _named(key, facts.all), _named(key, prompt.context)
        for value, is_new in ((news, True), (told.get(key.name), True), (asked_for, False), (known, False)):
            fitted = _fitted(value, part)
            if fitted is not None:
                arguments[key.name] = fitted
                is_news |= is_new
                break
    is_whole = all(name in arguments for name in required)
    return (arguments if is_whole else None), is_news


def _keys(tool: OfferedTool) -> tuple[dict[DescribedKey, Mapping[str, Any]], list[str]]:
    """Describe a tool's arguments as keys that could be collected, with their schemas; and name the required ones."""
    schema = tool.schema if isinstance(tool.schema, Mapping) else {}
    properties, needed = schema.get("properties"), schema.get("required")
    parts: Mapping[str, Any] = properties if isinstance(properties, Mapping) else {}
    names = needed if isinstance(needed, list) else ()
    required = [name for name in names if isinstance(name, str) and name in parts]
    described = {name: part for name, part in parts.items() if isinstance(part, Mapping)}
    return {_key(name, part, required=name in required): part for name, part in described.items()}, required


def _key(name: str, part: Mapping[str, Any], *, required: bool) -> DescribedKey:
    """Describe an argument as a key that could be collected."""
    kind, values = part.get("type"), part.get("enum")
    return DescribedKey(
        name=name,
        type=kind if isinstance(kind, str) else "",
        format=str(part.get("format") or ""),
        enum=tuple(v for v in values if isinstance(v, str | int | float)) if isinstance(values, list) else (),
        description=str(part.get("description") or ""),
        required=required,
    )


def _told(tool: OfferedTool, keys: Collection[DescribedKey], prompt: PromptContent, said: Said) -> dict[str, Any]:
    """Read arguments in the user's message, as if the state collected them; a question may hold them too."""
    if not said.text:
        return {}
    quoted = _QUOTED.search(said.text)
    as_told = replace(said, asks=False)
    # Words that ask for the tool are not what it is to be given.
    asks_for_it = said.asks or not meanings(said.plain).isdisjoint(
        {*_subject(tool), *map(meaning, split_key(tool.name))}
    )
    found: dict[str, Any] = {}
    # Numbers first: what counts something is no order number as well.
    for key in sorted(keys, key=lambda key: kind_of(key) not in ("number", "age")):
        kind = kind_of(key)
        if quoted and kind in ("text", "phrase", "code", "place"):
            found[key.name] = next(group for group in quoted.groups() if group)
        elif kind not in _ANY_WORDS and not (kind == "phrase" and asks_for_it):
            alone = replace(prompt, keys=(key,), others=(), transitions=(), context={}, heard="")
            value = extract(alone, as_told).own.get(key.name)
            if value is not None and str(value) not in map(str, found.values()):
                found[key.name] = value
    return found


_ANY_WORDS = frozenset(("text", "list", "opaque"))


def _named(key: DescribedKey, known: Mapping[str, Any]) -> Any:
    """Return the value known under an argument's name: the same words, or all words of the shorter name."""
    words = set(split_key(key.name))
    for name, value in known.items():
        others = set(split_key(name))
        if present(value) and (words == others or ((words < others or others < words) and _are_codes(key, name))):
            return value
    return None


def _are_codes(key: DescribedKey, name: str) -> bool:
    """Say whether two names can be of the same thing: `order` and `order_number`, but not `name` and `file_name`."""
    return kind_of(DescribedKey(key.name)) == kind_of(DescribedKey(name)) and kind_of(DescribedKey(name)) in (
        "code",
        "email",
        "phone",
        "place",
    )


def _words(said: Said) -> str | None:
    """Return the words to search for: the message, without the request to search."""
    return (_REQUEST.sub("", said.whole).strip(" .?!") or None) if said.text else None


def _fitted(value: Any, part: Mapping[str, Any]) -> Any:
    """Return the value in the type that is asked for; `None` where it has another."""
    if value is None:
        return None
    kind = part.get("type")
    if kind == "string" and not isinstance(value, str | list | dict | bool):
        value = str(value)
    if kind in ("integer", "number") and isinstance(value, str) and value.lstrip("-").isdigit():
        value = int(value)
    return value if allows(part, value) else None


_DOES = word_set(
    "cancel delete remove refund pay charge buy purchase book reserve send email create add make place submit "
    "register update change set edit start stop open close transfer schedule reschedule move confirm apply "
    "upgrade downgrade subscribe unsubscribe block unblock reset grant revoke return exchange ship escalate"
)
"""Verbs of tools that do something, which nobody wants done by accident."""
_GENERIC = meanings(
    "find get look up lookup fetch search check show list read query retrieve tell return give given tool use "
    "user customer value data information detail result current by of help"
)
_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|«([^»]+)»')
_REQUEST = re.compile(
    r"^(?:(?:please|can you|could you|would you|i (?:want|would like|need) to)\s+)*"
    r"(?:search|look|find|check)\s+(?:up\s+|for\s+|out\s+)*",
    re.IGNORECASE,
)
