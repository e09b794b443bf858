"""The table of codes: every kind of finding, with its number, its page and an example that a test runs.

FSM0xx  loading_codes    what keeps a definition from loading
FSM1xx  structure_codes  states and transitions
FSM2xx  key_codes        who writes the keys and who reads them
FSM3xx  guard_codes      conditions that never hold, always hold, hide or miss something
FSM4xx  text_codes       templates, lookups, secrets, privileges
FSM5xx  structure_codes  limits of the author's own
FSM9xx  own_codes        the checker itself: acceptances, limits, what was not decided
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.guard_codes import GUARD_CODES
from fsm_langgraph.checking.codes.key_codes import KEY_CODES
from fsm_langgraph.checking.codes.loading_codes import LOADING_CODES
from fsm_langgraph.checking.codes.own_codes import OWN_CODES
from fsm_langgraph.checking.codes.structure_codes import STRUCTURE_CODES
from fsm_langgraph.checking.codes.text_codes import TEXT_CODES

_ALL = sorted(
    (*LOADING_CODES, *STRUCTURE_CODES, *KEY_CODES, *GUARD_CODES, *TEXT_CODES, *OWN_CODES),
    key=lambda code: code.number,
)

CODES: Mapping[str, Code] = MappingProxyType({code.name: code for code in _ALL})
"""Every kind of finding by its name, in the order of the numbers."""


def code_named(name: str) -> Code:
    """Return the code with this name or number.

    Raises:
        KeyError: There is none.
    """
    return CODES[name] if name in CODES else _BY_NUMBER[name]


_BY_NUMBER = {code.number: code for code in _ALL}

__all__ = ["CODES", "Code", "code_named"]
