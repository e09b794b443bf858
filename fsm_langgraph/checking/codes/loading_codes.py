"""The codes of what keeps a definition from loading, and of what `check --handlers` finds in the code for it.

FSM00x  unread_codes      texts that cannot be read, and values that JSON does not have
FSM02x  shape_codes       fields that are unknown, missing, or of the wrong type
FSM03x  name_codes        states and names that nothing has or that are taken, parts that make each other void
FSM04x  declared_codes    keys and their declarations
FSM05x  expression_codes  guards, templates and lookups in the store
FSM06x  linked_codes      sub-machines, and the files that they stand in
FSM07x  handler_codes     handlers and tools
"""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.loading.declared_codes import DECLARED_CODES
from fsm_langgraph.checking.codes.loading.expression_codes import EXPRESSION_CODES
from fsm_langgraph.checking.codes.loading.handler_codes import HANDLER_CODES
from fsm_langgraph.checking.codes.loading.linked_codes import LINKED_CODES
from fsm_langgraph.checking.codes.loading.name_codes import NAME_CODES
from fsm_langgraph.checking.codes.loading.shape_codes import SHAPE_CODES
from fsm_langgraph.checking.codes.loading.unread_codes import UNREAD_CODES

LOADING_CODES: tuple[Code, ...] = (
    *UNREAD_CODES,
    *SHAPE_CODES,
    *NAME_CODES,
    *DECLARED_CODES,
    *EXPRESSION_CODES,
    *LINKED_CODES,
    *HANDLER_CODES,
)
