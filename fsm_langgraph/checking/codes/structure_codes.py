"""The codes of states and transitions, and of what sub-machines take and give back.

FSM101  ending_codes                where a conversation comes, and ends
FSM104  sub_machine_codes           sub-machines that cannot end, or that nothing runs
FSM106  ring_codes                  turns that never come to rest
FSM111  order_codes, idle_codes     transitions
FSM121  input_codes, output_codes   what goes into sub-machines and comes back
FSM501  size_codes                  how long prompts become
"""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.structure.ending_codes import ENDING_CODES
from fsm_langgraph.checking.codes.structure.idle_codes import IDLE_CODES
from fsm_langgraph.checking.codes.structure.input_codes import INPUT_CODES
from fsm_langgraph.checking.codes.structure.order_codes import ORDER_CODES
from fsm_langgraph.checking.codes.structure.output_codes import OUTPUT_CODES
from fsm_langgraph.checking.codes.structure.ring_codes import RING_CODES
from fsm_langgraph.checking.codes.structure.size_codes import SIZE_CODES
from fsm_langgraph.checking.codes.structure.sub_machine_codes import SUB_MACHINE_CODES

STRUCTURE_CODES: tuple[Code, ...] = tuple(
    sorted(
        (
            *ENDING_CODES,
            *SUB_MACHINE_CODES,
            *RING_CODES,
            *ORDER_CODES,
            *IDLE_CODES,
            *INPUT_CODES,
            *OUTPUT_CODES,
            *SIZE_CODES,
        ),
        key=lambda code: code.number,
    )
)
