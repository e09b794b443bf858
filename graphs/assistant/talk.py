"""A conversation with the trip assistant in the terminal, out of the example's database.

python -m graphs.assistant.talk [the traveller's id]
"""

from __future__ import annotations

import sys
from pathlib import Path

from fsm_langgraph import LLM_FSM

from .database import make_store

LATE = 4
"""The message before which another system of the railway writes that the train is late."""


def main() -> None:
    """Talk with one traveller until the conversation ends."""
    customer = sys.argv[1] if len(sys.argv) > 1 else "7"
    store = make_store()  # of the railway's tables, with none for messages
    file = Path(__file__).with_name("fsm.yaml")
    fsm = LLM_FSM.from_file(file, handlers="beside", store=store, messages_limit=None)
    conversation, message = fsm.converse("", initial_context={"customer_id": customer})
    print("Assistant:", message)
    for number, line in enumerate(sys.stdin, 1):
        if number == LATE:
            store.put(("trips",), customer, {"delay": 25})
        print("You:", line.strip())
        print("Assistant:", fsm.converse(line, conversation)[1], flush=True)
        if fsm.is_conversation_ended(conversation):
            return


if __name__ == "__main__":
    main()
