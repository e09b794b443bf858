"""Stored conversations as pandas DataFrames, for notebooks and reports: what was said, decided, and why.

    conversations   a row for each conversation
    turns           a row for each turn
    timeline        a row for each step of each turn
    decisions       a row for each transition that was judged
    states          a row for each state of a definition

All of them but the last read what a checkpointer holds, in one pass:

    source ──> stored ──> history ──> tables
      │          │           │           └─ DataFrames (the extra `explore`)
      │          │           └─ the turns of each conversation
      │          └─ the facts in its checkpoints
      └─ the checkpointer, and the definition where it is known
"""

from fsm_langgraph.exploring.source import ExploringError
from fsm_langgraph.exploring.state_frame import states
from fsm_langgraph.exploring.tables import conversations, decisions, timeline, turns

__all__ = ["ExploringError", "conversations", "decisions", "states", "timeline", "turns"]
