"""A chat model without a language model: the default when no provider is configured.

`OfflineModel` is given the same as any language model, the messages and the schema of the reply, and works by rules: no
key, no network, no wait. It runs the demo, the tests and a load test. It understands short, plain English sentences and
no more; `NOTICE` says so, for whoever shows its replies to people.

    offline_model ── replying ──┬─ prompt_content   the prompt, taken apart
                                ├─ hearing          the message, sorted
                                ├─ tool_choice      a tool to call first
                                ├─ extraction       values for keys; answers and corrections find them
                                ├─ target_choice    the target state; transition_words weighs what was said
                                └─ reactions        the message to the user; state_message writes most of it

It stands apart: of the package it imports `prompts` and `replies` only, and only `models/choice.py` imports it.
"""

from fsm_langgraph.offline.offline_model import NOTICE, OfflineModel

__all__ = ["NOTICE", "OfflineModel"]
