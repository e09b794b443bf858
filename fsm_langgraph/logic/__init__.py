"""JsonLogic: the guards of a definition, compiled once to closures. It knows nothing of conversations.

    expression (JSON)  --validation.py-->  problems, each with a path inside the expression
                       --compile.py----->  a function of the data
                       --variables.py--->  the paths of the data that it may read
    operators.py  the whitelist: every name, how many arguments it takes, the function that builds its node
    coercion.py   the truth, text and number of a value, as JavaScript has them; equality.py: equality, order

Operators follow the JavaScript reference, except where that would let a guard hold by accident:

- `null` never orders, is no number, and is part of no text; a missing variable is `null`.
- There is no infinity. A division by zero, an overflow and a failed coercion give "not a number", which
  equals nothing, orders with nothing and leaves an expression as `null`.
- Two lists, or two objects, are equal when their members are: JSON data has no identity.
- Lengths and positions count characters, not UTF-16 units.

Evaluation calls nothing, never raises on JSON data, and ends soon: `limits.py` holds the bounds. A result may
share lists and objects with the data and with the expression, so it is to be read, not changed.
"""

from __future__ import annotations

from fsm_langgraph.logic.access import find
from fsm_langgraph.logic.coercion import is_present, truthy
from fsm_langgraph.logic.compile import Engine, compile_logic, evaluate
from fsm_langgraph.logic.validation import check_logic
from fsm_langgraph.logic.variables import variables

__all__ = [
    "Engine",
    "check_logic",
    "compile_logic",
    "evaluate",
    "find",
    "is_present",
    "truthy",
    "variables",
]
