"""The answer "none": the user has been asked for something, and says that there is nothing of it.

It counts only where a transition waits for any answer. Elsewhere a no to such a question answers nothing.
"""

from __future__ import annotations

import re

from fsm_langgraph.offline.hearing import Said
from fsm_langgraph.offline.prompt_content import DescribedKey
from fsm_langgraph.offline.words import split_key, stem


def says_none(key: DescribedKey, said: Said) -> bool:
    """Say whether a message answers the question for a key with "none"."""
    if said.declines or said.unsure or said.asks or said.corrects:
        return False
    match = _NONE.fullmatch(said.plain.strip(" .!"))
    names = {stem(part) for part in split_key(key.name)}
    return match is not None and (match["what"] is None or stem(match["what"]) in names)


_NONE = re.compile(
    r"(?=.*\b(?:no|nope|none|nothing|not)\b)(?:no|nope|none|nothing)?"
    r"(?:[,.]? *(?:none|nothing|not that (?:i|we) know(?: of)?|"
    r"(?:i|we) (?:have|take|need) (?:none|nothing)|(?:i|we) do not (?:have|take|need) any(?: of (?:them|those|these))?|"
    r"(?:(?:i|we) (?:have|take|need) |there (?:are|is) )?no (?P<what>\w+)))?(?:[,.]? *(?:at all|thanks|thank you))*"
)
