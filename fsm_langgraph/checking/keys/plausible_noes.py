"""The answers that a key's name makes plausible, where no declaration says what the key holds.

    is_yes_or_no    wants_breakfast, consent     a "no" is an answer
    is_often_none   allergies, special_requests  a "none" is
    is_never_no     name, e_mail, arrival_date   neither is: who says no to the question has not answered it

Of any other name nobody knows. A no to `ready` or `done` is a "not yet", after which to stay is right.
"""

from __future__ import annotations

import re

from fsm_langgraph.definition import State


def is_yes_or_no(key: str) -> bool:
    """Say whether a yes or a no answers a key."""
    return _YES_OR_NO.search(_spaced(key)) is not None


def is_often_none(key: str) -> bool:
    """Say whether "none" often answers a key."""
    return _OFTEN_NONE.search(_spaced(key)) is not None


def is_never_no(key: str) -> bool:
    """Say whether a key names what everybody has or chooses: a name, a number, a time, a place, a kind."""
    return _NEVER_NO.search(_spaced(key)) is not None


def is_asked_whether(state: State, key: str) -> bool:
    """Say whether a state is there for a yes/no question, and this key is the answer."""
    return state.own_keys == (key,) and any(map(tells_whether, (state.purpose, state.description)))


def tells_whether(text: str) -> bool:
    """Say whether a text tells of a yes/no question; "whether one or the other" is a choice."""
    if re.search(r"\byes[ /-]+(or[ /-]+)?no\b|\by/n\b", text, re.IGNORECASE):
        return True
    asked: list[str] = re.findall(r"\bwhether\b[^.;:!?]*", text, re.IGNORECASE)
    return any(not re.search(r"\bor\b(?! not\b)", clause, re.IGNORECASE) for clause in asked)


def _spaced(key: str) -> str:
    """Return a key as words: `wantsBreakfast` and `wants_breakfast` are "wants breakfast"."""
    return re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", key)).strip().lower()


_YES_OR_NO = re.compile(
    r"^(is|are|has|have|had|does|did|do|should|will|would|wants?|needs?|likes?) |"
    r"^(accepts?|agrees?|confirms?|consents?|approves?)( |$)|"
    r"(^| )(confirmed|confirmation|agreed|accepted|acceptance|consent|consented|approved|approval|satisfied|ok|"
    r"okay|interested|opt in|resolved|solved|breakfast|parking|newsletter)$"
)
_OFTEN_NONE = re.compile(
    r"(^| )(allergy|allergies|intolerances|restrictions?|preferences|extras?|add ?ons?|comments?|remarks?|"
    r"medications?|medicines|prescriptions|conditions|disabilities)$|"
    r"^(special|additional|other|further|any) "
)
_NEVER_NO = re.compile(
    r"(^| )(name|username|surname|e ?mail|mail|phone|telephone|mobile|address|street|zip|zipcode|postcode|city|town|"
    r"country|region|location|destination|origin|place|age|dob|birth ?date|birthday|date|day|month|year|time|hour|"
    r"number|quantity|count|amount|total|price|budget|income|salary|rating|score|size|weight|height|nights|days|guests|"
    r"people|persons|adults|passengers|travell?ers|type|kind|category|level|genres?|colou?r|language|gender|"
    r"occupation|profession|job|role|product|item|topic|subject|question|title|description|model|brand|device|intent|"
    r"choice|option|method|mode|status|currency|unit|slot)$|"
    r"^(number|num|count) "
)
