"""The steps that need no model: searching, keeping what was found; and rules for what a model has left empty.

A language model fills `sub_question`, `finding`, `open_question` and `enough` by itself, and the rules never run. The
offline model writes none of them, as its rules read no texts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fsm_langgraph import Event, Handlers

from .retriever import Retriever, read_corpus
from .rules import next_question, read, revised

handlers = Handlers()
retriever = Retriever(read_corpus(Path(__file__).parent / "corpus.md"))


@handlers.on("POST_TRANSITION", state="begin")
def open_question(event: Event) -> dict[str, Any]:
    """Begin with the question as it was asked."""
    return {"open_question": event.context["question"], "findings": [], "hops": 0}


@handlers.on("POST_PROCESSING", state="decompose")
def decompose(event: Event) -> dict[str, Any] | None:
    """Take the question apart, where the model has not."""
    return None if event.context.get("sub_question") else {"sub_question": next_question(_text(event, "open_question"))}


@handlers.on("POST_TRANSITION", state="search")
def search(event: Event) -> dict[str, Any]:
    """Look for the passages that the simple question is about."""
    found = retriever.search(_text(event, "sub_question"))
    hops = event.context["hops"]
    assert isinstance(hops, int)  # noqa: S101 - what `open_question` wrote
    return {"passages": [f"{passage.title}: {passage.text}" for passage in found], "hops": hops + 1}


@handlers.on("POST_PROCESSING", state="revise", priority=10)
def find(event: Event) -> dict[str, Any] | None:
    """Read the passages, where the model has not."""
    if event.context.get("finding"):
        return None
    finding = read(_text(event, "sub_question"), _passages(event))
    return {"finding": finding, "open_question": revised(_text(event, "open_question"), finding)} if finding else None


@handlers.on("POST_PROCESSING", state="revise", has="finding", priority=20)
def keep(event: Event) -> dict[str, Any]:
    """Keep each finding with its question."""
    findings = event.context["findings"]
    assert isinstance(findings, list)  # noqa: S101 - what `open_question` wrote
    return {"findings": [*findings, {"asked": event.context["sub_question"], "found": event.context["finding"]}]}


@handlers.on("POST_PROCESSING", state="judge")
def judge(event: Event) -> dict[str, Any] | None:
    """Say whether the question itself was answered, where the model has not."""
    if event.context.get("enough") is not None:
        return None
    return {"enough": event.context["open_question"] == event.context["sub_question"]}


def _text(event: Event, key: str) -> str:
    return str(event.context.get(key) or "")


def _passages(event: Event) -> list[str]:
    passages = event.context["passages"]
    return [str(passage) for passage in passages] if isinstance(passages, list) else []
