"""The codes of who opens what, and of questions that need not be asked."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

ACCESS_CODES: tuple[Code, ...] = ()
