"""Small machines, and conversations under test: a machine, a scripted model and one of the two drivers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import RetryPolicy

from fsm_langgraph import FSMDefinition, FSMInput, Graph, ModelError, compile_fsm, load_definition
from fsm_langgraph.models.scripted import ScriptedModel

Json = dict[str, Any]
Drive = Callable[[Graph, Any, RunnableConfig], Json]

CONFIG: RunnableConfig = {"configurable": {"thread_id": "1"}}
SEED = Path(__file__).parent / "data" / "definitions" / "valid" / "personal_information.json"
AT_ONCE = RetryPolicy(
    initial_interval=0.001,
    jitter=False,
    retry_on=lambda error: isinstance(error, ModelError) and error.transient,
)
"""The compiler's own retry policy, without its pauses."""


def sync(graph: Graph, given: Any, config: RunnableConfig) -> Json:
    """Run a turn with `invoke`."""
    return graph.invoke(given, config)


def awaited(graph: Graph, given: Any, config: RunnableConfig) -> Json:
    """Run a turn with `ainvoke`."""
    return asyncio.run(graph.ainvoke(given, config))


DRIVERS: Sequence[Drive] = (sync, awaited)


class Talk:
    """A conversation under test."""

    def __init__(
        self,
        definition: Any,
        replies: Sequence[Any] = (),
        drive: Drive = sync,
        *,
        model: Runnable[Any, Any] | None = None,
        saver: BaseCheckpointSaver[Any] | None = None,
        **options: Any,
    ) -> None:
        self.model = ScriptedModel(replies=list(replies))
        self.graph = compile_fsm(
            _loaded(definition) if isinstance(definition, dict) and "subflows" not in options else definition,
            model or self.model,
            checkpointer=saver or InMemorySaver(),
            **{"retry_policy": AT_ONCE, **options},
        )
        self.drive = drive
        self.shown: list[tuple[str, str]] = []

    def say(self, text: str = "", *, context: Mapping[str, Any] | None = None) -> str:
        """Send a message, or none; return the answer."""
        self.drive(self.graph, given(text, context), CONFIG)
        return self.said[-1]

    def watch(self, text: str = "") -> str:
        """Send a message and read the stream into `shown`, an id and a text for each piece; return the text."""
        self.shown.clear()
        if self.drive is sync:
            for part in self.graph.stream(given(text), CONFIG, stream_mode="messages"):
                self._show(part)
        else:
            asyncio.run(self._awatch(text))
        return "".join(text for _, text in self.shown)

    async def _awatch(self, text: str) -> None:
        async for part in self.graph.astream(given(text), CONFIG, stream_mode="messages"):
            self._show(part)

    def _show(self, part: Any) -> None:
        self.shown.append((part[0].id, part[0].text))

    def resume(self) -> str:
        """Go on with a turn that was interrupted; return the answer."""
        self.drive(self.graph, None, CONFIG)
        return self.said[-1]

    @property
    def values(self) -> Json:
        """The stored state."""
        return dict(self.graph.get_state(CONFIG).values)

    @property
    def kept(self) -> Json:
        """What a turn that failed must leave as it was."""
        return {name: self.values.get(name) for name in ("context", "current_state", "last_turn")}

    @property
    def said(self) -> list[str]:
        """What was answered so far."""
        return [message.text for message in self.values["messages"] if isinstance(message, AIMessage)]

    @property
    def record(self) -> Json:
        """The last turn record."""
        return dict(self.values["last_turn"])

    @property
    def prompts(self) -> list[str]:
        """The system messages of the model's calls."""
        return [call.messages[0].text for call in self.model.calls]

    @property
    def heard(self) -> list[list[str]]:
        """What the model saw of the conversation, call by call."""
        return [[message.text for message in call.messages[1:]] for call in self.model.calls]

    @property
    def outcome(self) -> Json:
        """What the last turn came to."""
        record = self.record
        return {
            **record,
            "context": self.values["context"],
            "said": self.said[-1],
            "modes": [call["mode"] for call in record["model_calls"]],
            "reasons": [step["why"] for step in record["steps"]],
            "refused_keys": [write["key"] for write in record["rejected"]],
        }


def _loaded(definition: Json) -> FSMDefinition:
    """Load a definition once, however many tests hold conversations with it."""
    text = repr(definition)
    if text not in _LOADED:
        if len(_LOADED) == _MOST:  # random ones come once each
            _LOADED.clear()
        _LOADED[text] = load_definition(definition)
    return _LOADED[text]


_LOADED: dict[str, FSMDefinition] = {}
_MOST = 200
"""How many loaded definitions are kept."""


def given(text: str = "", context: Mapping[str, Any] | None = None) -> FSMInput:
    """Write the input of a turn."""
    turn = FSMInput(messages=[("user", text)] if text else [])
    if context is not None:
        turn["context"] = context
    return turn


def reply(target: str, message: str | None = "…", /, *, also: Mapping[str, Any] | None = None, **keys: Any) -> Json:
    """Write a reply in its wire form; a key that is `None` was not told, one in `also` is removed."""
    told = {**{key: value for key, value in keys.items() if value is not None}, **(also or {})}
    said = {} if message is None else {"message": message}
    return {"target_state": target, "updates": [{key: value} for key, value in told.items()], **said}


def machine(*states: Json, **options: Any) -> Json:
    """Write a definition; the first state is the initial one."""
    return {
        "name": "test",
        "description": "A machine under test",
        "initial_state": states[0]["id"],
        "states": {state["id"]: state for state in states},
        **options,
    }


def state(name: str, *transitions: Json, **options: Any) -> Json:
    """Write a state."""
    return {
        "id": name,
        "description": f"The state {name}",
        "purpose": f"The purpose of {name}",
        "transitions": list(transitions),
        **options,
    }


def to(target: str, *requires: str, logic: Any = None, **options: Any) -> Json:
    """Write a transition that requires some keys, or a JsonLogic expression to hold."""
    conditions: list[Json] = []
    if requires:
        conditions.append({"description": f"{requires} given", "requires_context_keys": list(requires)})
    if logic is not None:
        conditions.append({"description": "logic holds", "logic": logic})
    return {"target_state": target, "description": f"Go to {target}", "conditions": conditions, **options}


def accepted(code: str, reason: str) -> Json:
    """Write that a finding of `check` is meant so, wherever it is in the machine."""
    return {"code": code, "at": "", "reason": reason}


FORM = machine(
    state("ask_name", to("ask_email", "name"), required_context_keys=["name"]),
    state("ask_email", to("done", "email"), required_context_keys=["email"]),
    state("done"),
)
"""Two questions and an end."""

DECLARED = {
    **FORM,
    "context": {
        "name": {"type": "string"},
        "email": {"type": "string", "format": "email"},
        "age": {"type": "integer", "minimum": 18},
        "customer": {"written_by": "caller"},
        "score": {"written_by": "handler"},
        "token": {"written_by": "caller", "secret": True},
        "plan": {"default": "free"},
    },
}
"""The same with its context declared, so that a reply can write nothing else."""

WELCOME = machine(state("welcome", to("ask_name")), *FORM["states"].values())
"""The form after a state that leads on."""

PRIORITIES = machine(
    state(
        "start",
        to("late", "x", priority=2, fires=True),
        to("early", "x", priority=1, fires=True),
        to("tied", "x", priority=1, fires=True),
        required_context_keys=["x"],
    ),
    state("late"),
    state("early"),
    state("tied"),
)

BRANCH = machine(
    state("ask_age", to("sort", "age"), required_context_keys=["age"]),
    state(
        "sort",
        to("adult", logic={">=": [{"var": "age"}, 18]}),
        to("child", logic={"<": [{"var": "age"}, 18]}),
        silent=True,
    ),
    state("adult", to("ask_age"), to("sort", "never")),
    state("child"),
)
"""A silent state sorts by age."""

THOUGHT = machine(
    state("ask", to("think", "question"), required_context_keys=["question"]),
    state("think", to("yes", "good"), to("no", "bad"), required_context_keys=["good", "bad"], listens=False),
    state("yes", to("ask"), to("no", "never")),
    state("no"),
)
"""A step of thought judges the question."""

TWO_CALLS = machine(
    state("ask", to("thanks", "x"), required_context_keys=["x"], calls="two"),
    state("thanks", to("ask", "never")),
)

LOGIC = machine(
    state(
        "ask",
        to("big", logic={">": [{"var": "x"}, 9]}),
        to("small", "x"),
        required_context_keys=["x"],
        decision="logic",
    ),
    state("big", to("ask", "never"), to("small"), decision="logic"),
    state("small"),
)

CONFIRM = machine(
    state(
        "confirm",
        to("done", "confirmed"),
        to("change"),
        required_context_keys=["confirmed"],
        forget=["confirmed"],
    ),
    state("change", to("confirm", "thing"), required_context_keys=["thing"]),
    state("done"),
)
"""A confirmation that is asked for anew whenever the state is entered."""

AGAIN = machine(
    state("ask", to("ask", "again"), to("done", "x"), required_context_keys=["x", "again"], forget=["again"]),
    state("done"),
)
"""A state with a transition to itself."""

PING_PONG = machine(
    state("ping", to("pong", "ball"), required_context_keys=["ball"]),
    state("pong", to("ping", "ball")),
)

WHIRL = machine(
    state("a", to("b"), silent=True),
    state("b", to("a"), silent=True),
    check={"accept": [accepted("silent-ring", "A turn without an end is what is tested.")]},
)
"""Two silent states that lead to each other."""

CARD = machine(
    state("card", to("code", "card"), required_context_keys=["card"]),
    state("code", to("paid", "code"), required_context_keys=["code"]),
    state("paid"),
    name="payment",
)
SHOP = machine(
    state("cart", to("payment", "item"), required_context_keys=["item"]),
    state("payment", to("thanks", "paid_by"), to("cart"), subflow="pay", inputs=["item"], outputs={"card": "paid_by"}),
    state("thanks", to("cart", "more")),
    state("cancelled"),
    state("hours"),
    global_transitions=[
        {"target_state": "cancelled", "description": "The user wants to stop"},
        {"target_state": "hours", "description": "The user asks when we are open", "return": True},
    ],
    subflows={"pay": CARD},
)
"""A shop that takes payment in a sub-machine."""
