"""Handlers: user code at eight moments of a turn.

    START_CONVERSATION  before the first turn          PRE_TRANSITION    before a transition is taken
    PRE_PROCESSING      before a reply is asked for    POST_TRANSITION   when a transition has entered a state
    CONTEXT_UPDATE      after a reply changed keys     END_CONVERSATION  when a final state is entered
    POST_PROCESSING     before a reply is routed       ERROR             when the turn fails

A handler gets an `Event` and returns the keys to write; the value `None` removes a key. It may be a plain or an async
function, in a sync or an async run. Handlers of one moment run by priority, the lower first; those of equal priority
run in the order in which they were added. Each sees what those before it wrote.

    handlers = Handlers()

    @handlers.on("CONTEXT_UPDATE", keys=["email"])  # in whatever state the user gives it
    def verify(event: Event) -> dict[str, Any]:
        return {"email_verified": mx_exists(event.context["email"])}

    handlers.add(create_handler("audit").at("POST_TRANSITION").not_on_state("welcome").with_priority(10).do(log))
    handlers.include(payment.handlers, under="payment")  # those of a sub-machine, for its states only

A handler refuses a value by raising `RejectValue`: the value is dropped, and the model tells the user why. Any other
error fails the turn, or is logged where the handler says `errors="continue"` and is not critical.

A handler's work happens once. Each run that came to its end is written into the turn's journal at once, in the
conversation's checkpointer. Where the turn is run again, the handler is not: its result is taken from the journal. That
holds when LangGraph tries a state again after a failure of the provider, when a turn is resumed after a crash or an
`interrupt()`, and when a message is sent again whose turn had failed. The context is another matter: a failed turn
stores nothing of the keys that its handlers wrote.

A handler that was cut off, or whose error was logged, has not come to its end, and is run again. `idempotency_key` is
for these: by it the systems that it calls know what they have done already. It is made of the conversation (the thread,
and the graph within it), the turn, how far the turn has come, the state, the moment, the transition, the handler's
name, and a number where all of these are equal. So it is the same in every run of a turn, and different in every other
turn. Two runs belong to the same turn if the message before it has the same id and the user's text is the same:

  * The same text, sent again after the turn failed, runs the turn again. Another text is a new turn, and so is the same
    one after an answer, be it the answer of an `ERROR` handler.
  * A turn without a message is recognised by the message before it alone.
  * From an old checkpoint handlers run anew, under the same keys if the user says the same there again.
  * Without a checkpointer only LangGraph's own retries run a turn again, and no two turns share a key.

An `ERROR` handler is asked each time that the turn fails, but one that has answered is not asked for another answer.
With `durability="exit"` LangGraph stores nothing before a run has ended: a crash takes the journal with it, and after a
failure only the state that failed is remembered.
"""

from fsm_langgraph.handlers.builder import HandlerBuilder, create_handler
from fsm_langgraph.handlers.event import MOMENTS, Action, Answer, Event, Moment, RejectValue
from fsm_langgraph.handlers.handler import Handler, Handlers
from fsm_langgraph.handlers.idle_handlers import idle_handlers
from fsm_langgraph.handlers.running import Outcome, RunHandler

__all__ = [
    "MOMENTS",
    "Action",
    "Answer",
    "Event",
    "Handler",
    "HandlerBuilder",
    "Handlers",
    "Moment",
    "Outcome",
    "RejectValue",
    "RunHandler",
    "create_handler",
    "idle_handlers",
]
