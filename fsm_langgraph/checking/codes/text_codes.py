"""The codes of what is wrong with texts, and of who reads and opens what."""

from __future__ import annotations

from fsm_langgraph.checking.codes.access_codes import ACCESS_CODES
from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.question_codes import QUESTION_CODES
from fsm_langgraph.checking.codes.tag_codes import TAG_CODES
from fsm_langgraph.checking.codes.trust_codes import LOOKUP_CODES, SECRET_CODES

TEXT_CODES: tuple[Code, ...] = (*TAG_CODES, *LOOKUP_CODES, *SECRET_CODES, *ACCESS_CODES, *QUESTION_CODES)
