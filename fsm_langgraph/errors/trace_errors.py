"""Errors that traces alone see: a model's run ends by one, and the turn goes on."""

from __future__ import annotations

import json
from typing import Any

from fsm_langgraph.errors.fsm_error import FSMError


class RefusedReply(FSMError):  # noqa: N818 - to refuse a reply is what the machine is for, and no fault
    """A model's reply was refused: it cannot be used, or it proposes what is not open.

    LangChain's callbacks get it in `on_llm_error`. It never leaves the graph: the model is asked again, or the state
    where the turn ends speaks. `reply` and `schema` are `None` where replies are not traced.
    """

    def __init__(
        self, state: str, reason: str, tokens: str, *, reply: str | None = None, schema: dict[str, Any] | None = None
    ) -> None:
        self.state = state
        self.reason = reason
        self.tokens = tokens
        self.reply = reply
        self.schema = schema
        told = [f"state {state!r}: a reply was refused: {reason}", f"Usage: {tokens}"]
        if reply is not None:
            told.append(f"Reply: {reply}")
            told.append(f"Schema: {json.dumps(schema, ensure_ascii=False) if schema is not None else 'none'}")
        super().__init__("\n  ".join(told))
