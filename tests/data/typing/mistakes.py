"""A user's mistakes: the type checkers must tell each of them."""

from fsm_langgraph import Graph, Handlers, compile_fsm

handlers = Handlers()


def run(graph: Graph) -> None:
    graph.invoke({"messages": []}, context={"modle": "offline"})  # MISTAKE
    graph.invoke({"messages": []}, context={"temperature": "hot"})  # MISTAKE
    graph.invoke({"mesages": []})  # MISTAKE
    compile_fsm("order.yaml", model=7)  # MISTAKE
    handlers.on("CONTEXT_UPDATES")  # MISTAKE
