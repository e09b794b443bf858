"""A user's application: what the type checkers must take, and must know the types of."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any, assert_type

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict

from fsm_langgraph import (
    LLM_FSM,
    Event,
    FSMContext,
    FSMInput,
    FSMState,
    Graph,
    Handlers,
    Piece,
    RejectValue,
    TurnRecord,
    build_graph,
    compile_fsm,
    create_handler,
    load_definition,
)

CONFIG: RunnableConfig = {"configurable": {"thread_id": "1"}}


class ShopContext(FSMContext, total=False):
    """A run context with a key of the user's own."""

    user_id: str


class Shop(TypedDict):
    """The state of the user's own graph."""

    messages: Annotated[list[AnyMessage], add_messages]
    cart: list[str]


handlers = Handlers()


@handlers.on("CONTEXT_UPDATE", keys="email")
def check(event: Event) -> dict[str, Any]:
    if not event.context.get("email"):
        raise RejectValue("is empty")
    return {"checked": True}


@handlers.on("END_CONVERSATION")
async def save(event: Event) -> None:
    assert_type(event.state, str)


greet = create_handler("greet").at("START_CONVERSATION").do(lambda event: {"user": event.message})
handlers.include(Handlers([greet]))


def run(path: Path) -> str:
    graph = compile_fsm(path, "offline", checkpointer=InMemorySaver(), handlers=handlers, history_limit=4)
    assert_type(graph, Graph)
    turn: FSMInput = {"messages": [("user", "hi")], "context": {"source": "web"}}
    graph.invoke(turn, CONFIG, context={"model": "offline", "temperature": 0.5})
    own: ShopContext = {"user_id": "7", "history_limit": 3}
    graph.invoke(turn, CONFIG, context=own)
    graph.batch([turn, turn], [CONFIG, CONFIG])
    for part in graph.stream({"messages": [("user", "hi")]}, CONFIG, stream_mode="messages"):
        handle(part)
    return answer(graph)


def answer(runnable: Runnable[Any, Any]) -> str:
    values: FSMState = runnable.invoke(None, CONFIG)
    record = values["last_turn"]
    assert_type(record, TurnRecord)
    message = values["messages"][-1]
    return message.text if isinstance(message, AIMessage) else record["landing"]


def handle(part: object) -> None:
    """Show a part of a stream."""


async def arun(graph: Graph) -> None:
    await graph.ainvoke({"messages": []}, CONFIG, context={"reply_retries": 2})
    async for part in graph.astream({"messages": []}, CONFIG, stream_mode=["messages", "custom"]):
        handle(part)


def embed() -> None:
    definition = load_definition("order.yaml")
    parent = StateGraph(MessagesState)
    parent.add_node("order", compile_fsm(definition, checkpointer=True))
    parent.add_edge(START, "order")
    parent.compile(InMemorySaver()).invoke({"messages": [HumanMessage("hi")]}, CONFIG)
    shop = StateGraph(Shop)
    shop.add_node("order", build_graph(definition).compile(checkpointer=True))
    shop.add_edge(START, "order")


async def talk(fsm: LLM_FSM) -> None:
    conversation_id, message = fsm.converse("hi", initial_context={"source": "web"})
    assert_type(message, str)
    _, pieces = fsm.stream("hi", conversation_id)
    assert_type(pieces, Iterator[Piece])
    _, awaited = fsm.astream("hi", conversation_id)
    assert_type(awaited, AsyncIterator[Piece])
    assert_type(await fsm.ais_conversation_ended(conversation_id), bool)
    assert_type(fsm.get_last_turn(conversation_id), TurnRecord | None)
    assert_type(fsm.graph, Graph)
