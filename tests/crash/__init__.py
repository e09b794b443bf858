"""Conversations whose processes die, and conversations that many write to: the proof that nothing is lost.

ledger    a file in which effects and writes are noted so that a kill cannot lose them
shop      a machine with effects, and the model that plays in it
keepers   the savers that keep the conversations, which can die at any of their writes
player    one process that holds a conversation, or goes on with it
kills     a process that is killed, one that goes on, and the oracle that judges what came of it
writers   many threads, tasks or processes that write to one conversation
zygote    a process that has imported everything and forks the others, as an interpreter takes seconds to start
soak      a long run of all that, by hand
"""
