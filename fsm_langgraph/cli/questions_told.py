"""The questions of a paused turn, for the person at the terminal who answers them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from fsm_langgraph.cli.output import say


def tell_question(console: Console, questions: Sequence[Any]) -> None:
    """Tell the first of the questions that wait, which the next answer is for."""
    which = f", 1 of {len(questions)}" if len(questions) > 1 else ""
    say(console, (f"Question to a person{which}: ", "bold magenta"), in_words(questions[0]))


def in_words(question: Any) -> str:
    """Write a question as it is shown: a text as it is, anything else as JSON."""
    if isinstance(question, str):
        return question
    try:
        return json.dumps(question, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):  # with keys that JSON has not, or in itself
        return str(question)
