"""Prompts: the messages of one model call, made of the definition, the context and the history.

escaping           data that goes into a prompt
wording            the sentences that no definition writes
updates            the keys that a reply may write
transitions        the transitions out of a state, as the model chooses among them
lookups, fetching  the items of LangGraph's store that a prompt reads
speakers           the names of those who speak
sections           what stands in each part of a prompt, before any data is known
recent_messages    the last messages of the conversation
bounded_history    these within their limits, and context_in_part the context within its own
asked_again        a prompt once more, after a reply that cannot be used
own_sentences      what no message to a user may be
prompt             all of it, in the order in which the model reads it
"""
