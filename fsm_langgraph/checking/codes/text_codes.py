"""The codes of what is wrong with texts, and of who reads and opens what.

tag_codes       tags and placeholders
trust_codes     lookups and secrets
access_codes    who opens what
question_codes  questions that could be spared
"""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.texts.access_codes import ACCESS_CODES
from fsm_langgraph.checking.codes.texts.question_codes import QUESTION_CODES
from fsm_langgraph.checking.codes.texts.tag_codes import TAG_CODES
from fsm_langgraph.checking.codes.texts.trust_codes import LOOKUP_CODES, SECRET_CODES

TEXT_CODES: tuple[Code, ...] = (*TAG_CODES, *LOOKUP_CODES, *SECRET_CODES, *ACCESS_CODES, *QUESTION_CODES)
