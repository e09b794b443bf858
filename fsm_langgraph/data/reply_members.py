"""The names in a reply's JSON object, as prompts ask for them, schemas declare them and the parser finds them.

{"target_state": "get_email", "updates": [{"name": "Ann"}, {"key": "city", "value": null}], "message": "…"}
"""

from __future__ import annotations

REPLY = "reply"
"""The name of the whole form, which is a function's name where a provider is asked for one."""
TARGET = "target_state"
"""The state that the reply proposes."""
UPDATES = "updates"
"""The keys that the user's message tells or corrects."""
MESSAGE = "message"
"""The text for the user."""
REASONING = "reasoning"
"""The reasons of the choice, where they are asked for."""
KEY = "key"
"""In an update that is a pair, the name of the key."""
VALUE = "value"
"""In an update that is a pair, the value; null removes the key."""
