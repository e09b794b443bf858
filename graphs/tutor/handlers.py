"""The parts that must not be left to a model: which question comes next, what is right, and the score."""

from __future__ import annotations

import re
from typing import Any

from fsm_langgraph import Event, Handlers

from .questions import QUESTIONS

handlers = Handlers()


@handlers.on("POST_TRANSITION", state="next_question")
def take_question(event: Event) -> dict[str, Any]:
    """Lay out the next question of the topic; write none where there is none left."""
    questions = QUESTIONS[str(event.context["topic"])]
    taken = _count(event, "number")
    if taken == len(questions):
        return {}
    question = questions[taken]
    return {
        "question": question.text,
        "hint": question.hint,
        "explanation": question.explanation,
        "solutions": list(question.solutions),
        "number": taken + 1,
        "total": len(questions),
        "tries": 0,
        "score": _count(event, "score"),
        "feedback": event.context.get("feedback") or "Good, let us begin.",
    }


@handlers.on("POST_TRANSITION", state="judge")
def judge(event: Event) -> dict[str, Any]:
    """Compare the answer with the solutions, and count it."""
    tries, solutions = _count(event, "tries") + 1, event.context["solutions"]
    assert isinstance(solutions, list)  # noqa: S101 - what `take_question` wrote
    if any(_contains(str(event.context["answer"]), str(solution)) for solution in solutions):
        return {
            "verdict": "right",
            "tries": tries,
            "score": _count(event, "score") + 1,
            "feedback": "Good, that is right!",
        }
    return {"verdict": "wrong", "tries": tries, "feedback": f"Sorry, it is {str(solutions[0]).capitalize()}."}


def _count(event: Event, key: str) -> int:
    count = event.context.get(key)
    return count if isinstance(count, int) else 0


def _contains(answer: str, solution: str) -> bool:
    """Say whether an answer has a solution in it, as whole words."""
    return re.search(rf"(?<![\w/.]){re.escape(solution)}(?![\w/]|\.\d)", answer.casefold()) is not None
