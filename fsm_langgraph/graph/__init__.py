"""A machine as a LangGraph graph: how it is compiled, run, journalled and kept."""
