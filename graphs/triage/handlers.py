"""Finds the words for an emergency in what the patient writes, whatever a model makes of it.

The words are looked for before the model is called, so that no reply can keep the conversation from the emergency. A
sign that the patient denies ("no chest pain") does not count.
"""

from __future__ import annotations

import re

from fsm_langgraph import Event, Handlers

handlers = Handlers()

_SIGNS = re.compile(
    r"chest pain|pain in (?:my|the) chest|(?:can ?not|can't|cannot|hard to|trouble) breath(?:e|ing)|unconscious|"
    r"heavy bleeding|bleeding heavily|numb (?:arm|face)|slurred speech|overdose|kill myself",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:no|not|without|never|don't|do not|haven't)\b[^.;,!?]*$", re.IGNORECASE)


@handlers.on("PRE_PROCESSING")
def find_red_flag(event: Event) -> dict[str, str] | None:
    """Note the first sign of an emergency that is not denied."""
    for sign in _SIGNS.finditer(event.message):
        if not _DENIED.search(event.message[: sign.start()]):
            return {"red_flag": sign[0].lower()}
    return None
