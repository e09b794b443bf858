"""The codes of this kind; see the table in the package's docstring."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

OWN_CODES: tuple[Code, ...] = ()
