"""The key of an encrypted database: in the environment, as the arguments of a command are seen by everybody."""

from __future__ import annotations

import os

from fsm_langgraph.cli.output import KEY_VARIABLE, fail

VARIABLE = KEY_VARIABLE


def encryption_key(db: str | None) -> str | None:
    """Return the key that the environment has for a database; `None` where there is none, or no database."""
    key = os.environ.get(VARIABLE, "").strip()
    if db is None or not key:
        return None
    from fsm_langgraph.stored_data.encryption import KEY_ADVICE, KEY_WORDS, read_key

    return key if read_key(key) is not None else fail(f"{VARIABLE}: it is not {KEY_WORDS}.\n  {KEY_ADVICE}")
