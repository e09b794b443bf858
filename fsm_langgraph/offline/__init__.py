"""A chat model without a language model: the default when no provider is configured.

`OfflineModel` reads what a language model would be given, the messages and the schema of the reply, and does
the job with rules: no key, no network, no wait. It runs the demo, the tests and a load test; it understands
short, plain English sentences and no more. `NOTICE` says so, for whoever shows its replies to people.

    reading -> hearing -> calling -> extraction, corrections -> choosing -> speaking, telling -> replying
    prompt     message    a tool     values                     target      message              JSON

"""

from fsm_langgraph.offline.offline_model import NOTICE, OfflineModel

__all__ = ["NOTICE", "OfflineModel"]
