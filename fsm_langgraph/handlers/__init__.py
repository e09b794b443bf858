"""Handlers: user code at eight moments of a turn.

    START_CONVERSATION  before the first turn          PRE_TRANSITION    before an edge is taken
    PRE_PROCESSING      before a message is read       POST_TRANSITION   when a state is entered along an edge
    CONTEXT_UPDATE      after a reply changed keys     END_CONVERSATION  when a final state is entered
    POST_PROCESSING     before the turn is routed      ERROR             when the turn fails

A handler gets an `Event` and returns the keys to write, `None` for a value that removes its key. It may be a plain or
an async function, in a sync or an async run. Handlers of one moment run by priority, the lower first, in the order in
which they were added where that is the same; each sees what those before it wrote.

    handlers = Handlers()

    @handlers.on("CONTEXT_UPDATE", keys=["email"])  # in whatever state the user gives it
    def verify(event: Event) -> dict[str, Any]:
        return {"email_verified": mx_exists(event.context["email"])}

    handlers.add(create_handler("audit").at("POST_TRANSITION").not_on_state("welcome").with_priority(10).do(log))
    handlers.include(payment.handlers, under="payment")  # those of a sub-machine, for its states only

A handler that raises `RejectValue` has the value that it looked at dropped, and the model tells the user why. Any other
error fails the turn, or is logged where the handler says `errors="continue"` and is not critical.

A turn that fails on the way stores nothing of what handlers wrote; where LangGraph runs a state again, after a failure
of the provider or an `interrupt()`, its handlers run again too. What one does outside the context must bear that.
"""

from fsm_langgraph.handlers.builder import HandlerBuilder, create_handler
from fsm_langgraph.handlers.event import MOMENTS, Action, Answer, Event, Moment, RejectValue
from fsm_langgraph.handlers.handler import Handler, Handlers
from fsm_langgraph.handlers.running import Handle, arun_handler, run_handler, take_error

__all__ = [
    "MOMENTS",
    "Action",
    "Answer",
    "Event",
    "Handle",
    "Handler",
    "HandlerBuilder",
    "Handlers",
    "Moment",
    "RejectValue",
    "arun_handler",
    "create_handler",
    "run_handler",
    "take_error",
]
