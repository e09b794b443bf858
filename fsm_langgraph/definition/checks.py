"""The author's words to the checker: findings that are meant so, and limits of the author's own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fsm_langgraph.definition.section import Count, Section


class Acceptance(Section):
    """A finding that is meant so, with the reason why."""

    code: str
    """The finding's code: its number (`FSM101`) or its name (`unreachable-state`)."""
    at: str
    """The path at which it is found, or one around it: `states.greeting.transitions[0]`."""
    reason: Annotated[str, Field(min_length=1)]
    """Why it is meant so."""


class Checks(Section):
    """The author's own part in checking a definition; the machine does not read it."""

    accept: tuple[Acceptance, ...] = ()
    """Findings that are meant so."""
    max_prompt_tokens: Count | None = None
    """The most tokens that the prompt of a state may come to, at its worst."""
