"""A machine as a LangGraph graph: how it is compiled, run, journalled and kept.

compiler                       from a definition and a model to the graph
graph, channels                LangGraph's graph with a machine's own methods, and the state that it keeps
graph_around                   the graph around it, which gets the user when a turn hands over
edges, state_node              the edges, and a state as a node
journal, journal_entries       what a turn has done, and where that is stored
putting_away, older_messages   the older messages of a long conversation, on their way to the store and in it
locks                          one turn of a conversation at a time
langgraph_internals            LangGraph's private names
"""
