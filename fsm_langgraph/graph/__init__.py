"""A machine as a LangGraph graph: how it is compiled, run, journalled and kept.

compiler, options              from a definition and a model to the graph, and the options of that, checked
graph, channels, editing       LangGraph's graph with a machine's own methods, the state that it keeps, edits of that
admitted_edits                 what an edit may write, and as which nodes
shown_graph, kept_graph        how it shows itself, and how conversations are read and deleted as a whole
graph_around                   the graph around it, which gets the user when a turn hands over
edges, state_node, arrival     the edges, a state as a node, and how a turn comes to it
sub_machine_graph              the graph of a sub-machine, which is run without the conversation being stored in it
graph_builder                  the graph before it is compiled, to which nodes of one's own are added
own_edges, own_channels        what leads out of and into the states beside the machine, and what it keeps
journal, journal_entries       what a turn has done, and where that is stored
secrets/                       the tokens of secrets in what is given, and where their values are stored
putting_away, older_messages   the older messages of a long conversation, on their way to the store and in it
sealed_value                   a value of the store, encrypted where the checkpointer encrypts
standing                       where a stored conversation stands
drawn_graph, machine_drawing   the drawing for LangGraph's tools, and its Mermaid text
before/                        what is done before a run, by what is stored
exclusive, kept_thread         one turn of a conversation at a time, and where it is kept
read_ahead                     the checkpoint that was read before a run, lent to it
retrying, turn_times           a state that is run again after an error, and the time that a turn has
as_tool/                       a machine as a tool of an agent
langgraph_internals            LangGraph's private names
"""
