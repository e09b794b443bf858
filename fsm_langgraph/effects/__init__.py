"""Effects: all that a turn wants from outside, as typed values, and the two drivers that carry them out.

effect, composite   one thing wanted; one that is made of others
drivers             a coroutine that awaits effects, run in a sync and in an async call
outside             what effects are carried out with, the journal among it
deadlines           how long a turn may take, and how much of that is left
idempotency_key     what an effect is known by in the journal
"""

from fsm_langgraph.effects.composite import Composite
from fsm_langgraph.effects.deadlines import Deadlines, TurnTime
from fsm_langgraph.effects.drivers import adrive, drive
from fsm_langgraph.effects.effect import Effect
from fsm_langgraph.effects.idempotency_key import IdempotencyKey, identify_message, identify_turn
from fsm_langgraph.effects.outside import Entry, Journal, Outside, SubMachine

__all__ = [
    "Composite",
    "Deadlines",
    "Effect",
    "Entry",
    "IdempotencyKey",
    "Journal",
    "Outside",
    "SubMachine",
    "TurnTime",
    "adrive",
    "drive",
    "identify_message",
    "identify_turn",
]
