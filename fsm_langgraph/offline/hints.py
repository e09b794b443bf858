"""Hints on a bad answer: one that could not be read, or one that the machine refused."""

from __future__ import annotations

import re
from typing import Any

from fsm_langgraph.offline.kinds import is_birth, kind_of
from fsm_langgraph.offline.occasion import Occasion
from fsm_langgraph.offline.prompt_content import DescribedKey
from fsm_langgraph.offline.questions import noun_for, say_option
from fsm_langgraph.offline.words import label, listed


def explain_miss(occasion: Occasion, key: DescribedKey) -> str:
    """Say what an answer lacks that could not be read."""
    match kind_of(key):
        case "email":
            return occasion.pick(
                "That does not look like an e-mail address. Could you write it like name@example.com?",
                "I am looking for an e-mail address, something like name@example.com.",
            )
        case "date":
            example = "31 May 1990" if is_birth(key) else "31 May"
            return occasion.pick(
                f"I could not find a date in that. Could you write it like {example}?",
                f"Sorry, which date is that? For example: {example}.",
            )
        case "time" | "moment":
            return "I could not find a time in that. Could you write it like 7:30 pm?"
        case "phone":
            return "That does not look like a phone number. Could you write it with the area code?"
        case "number" | "age":
            return occasion.pick("I need a number here. How many would that be?", "Could you give me a number?")
        case "choice":
            return f"Please choose one of these: {listed([say_option(v) for v in key.enum], 'or')}."
        case "name":
            return occasion.pick("Sorry, I did not catch a name there.", "I am not sure that I got your name.")
        case "boolean":
            return occasion.pick("Sorry, was that a yes or a no?", "I did not get whether that is a yes or a no.")
        case "url":
            return "That does not look like a web address. It would begin with https://."
        case "code":
            name = label(key.name)
            return f"I could not find {'an' if name[:1] in 'aeiou' else 'a'} {name} in that."
        case _:
            return ""


def complain(occasion: Occasion, rejected: Any) -> str:
    """Say which values did not fit, and why."""
    found = []
    for item in rejected if isinstance(rejected, list) else ():
        key, reason = (item.get("key"), item.get("reason")) if isinstance(item, dict) else (None, None)
        if isinstance(key, str) and isinstance(reason, str) and not reason.startswith(_NOT_THE_USERS):
            reason = re.sub(r"^does not match the pattern.*", "does not have the right form", reason)
            reason = reason.replace('"', "").replace("_", " ")
            found.append(f"the {noun_for(occasion.key(key))} {reason}")
    return (
        f"{occasion.pick('That does not look right', 'Something is not right yet')}: {listed(found)}." if found else ""
    )


_NOT_THE_USERS = ("is under", "came after")
"""The beginnings of reasons that are none of the user's business."""
