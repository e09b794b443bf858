"""The codes of keys: who writes them, who reads them, and where they can be there.

FSM201  collecting_codes  conditions that wait for what nobody is asked for
FSM205  forgetting_codes  keys that are not there where they are needed
FSM208  answering_codes   answers that lead nowhere
FSM210  reading_codes     keys that are read in vain, or not at all
"""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.keys.answering_codes import ANSWERING_CODES
from fsm_langgraph.checking.codes.keys.collecting_codes import COLLECTING_CODES
from fsm_langgraph.checking.codes.keys.forgetting_codes import FORGETTING_CODES
from fsm_langgraph.checking.codes.keys.reading_codes import READING_CODES

KEY_CODES: tuple[Code, ...] = (*COLLECTING_CODES, *FORGETTING_CODES, *ANSWERING_CODES, *READING_CODES)
