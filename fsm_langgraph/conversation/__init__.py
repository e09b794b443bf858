"""Conversations by their ids: holding them, and reading what is stored of them.

The room is named in the singular, as `fsm_langgraph.conversations` is the function of `exploring`.
"""
