"""`fsm-langgraph conversations`: what a database holds, shown to people, exported, deleted and pruned.

conversation_commands   the commands and their options
conversation_views      tables, and a conversation as people read it
ages                    `30d` and the like
"""
